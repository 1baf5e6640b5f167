import * as tf from '@tensorflow/tfjs';

/** What a forward pass leaves for the backward pass. */
export interface StackPass {
  /** `[n, out]` */
  output: tf.Tensor2D;
  /** The hidden layers' outputs, `[n, width]` each. */
  hidden: tf.Tensor2D[];
}

/** The dense stack's forward pass in ordinary TF.js operations, for every backend without kernels of ours. */
export function forwardOps(x: tf.Tensor2D, weights: tf.Tensor[]): StackPass {
  const layers = weights.length / 2;
  const hidden: tf.Tensor2D[] = [];
  let input = x;
  for (let l = 0; l < layers; l++) {
    const z: tf.Tensor2D = tf.tidy(() => tf.matMul(input, weights[2 * l] as tf.Tensor2D).add(weights[2 * l + 1]));
    if (l === layers - 1) return { output: z, hidden };
    input = tf.tanh(z);
    z.dispose();
    hidden.push(input);
  }
  throw new RangeError('weights: expected at least one layer');
}

/** The backward pass to {@link forwardOps}; arguments and result as those of `stackBackward`. */
export function backwardOps(
  dy: tf.Tensor2D,
  x: tf.Tensor2D,
  weights: tf.Tensor[],
  hidden: tf.Tensor2D[],
  inputGradient: boolean,
): tf.Tensor[] {
  return tf.tidy(() => {
    const layers = weights.length / 2;
    const grads: tf.Tensor[] = new Array(weights.length);
    let dz = dy;
    for (let l = layers - 1; l >= 0; l--) {
      const input = l > 0 ? hidden[l - 1] : x;
      grads[2 * l] = tf.matMul(input, dz, true, false);
      grads[2 * l + 1] = dz.sum(0);
      if (l === 0 && !inputGradient) break;
      const dx: tf.Tensor2D = tf.matMul(dz, weights[2 * l] as tf.Tensor2D, false, true);
      dz = l > 0 ? dx.mul(tf.scalar(1).sub(input.square())) : dx;
    }
    return inputGradient ? [dz, ...grads] : grads;
  });
}
