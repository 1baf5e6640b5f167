import * as tf from '@tensorflow/tfjs';
import { backwardOps, forwardOps, type StackPass } from './dense-stack-ops.ts';
import { wasmKernelsReady } from './kernels/wasm-backend.ts';

export type { StackPass } from './dense-stack-ops.ts';
export { registerWasmKernels, wasmData } from './kernels/wasm-backend.ts';

/** How {@link denseStack} differentiates. */
export interface DenseStackOptions {
  /** Also give the gradient with respect to `x` (default false: `x` counts as a constant, which saves a product). */
  inputGradient?: boolean;
}

/**
 * A multilayer perceptron as one differentiable operation: tanh on the hidden layers, linear output.
 *
 * On the wasm backend it is one kernel of ours each way, elsewhere ordinary TF.js operations. It is differentiable
 * once, with respect to the weights, and to `x` where asked.
 *
 * @param x `[n, in]`
 * @param weights `[k0, b0, k1, b1, …]`: kernels `[in, out]`, biases `[out]`
 * @returns `[n, out of the last layer]`
 * @throws RangeError when the shapes do not fit each other
 */
export function denseStack(x: tf.Tensor2D, weights: tf.Tensor[], options: DenseStackOptions = {}): tf.Tensor2D {
  checkShapes(x, weights);
  const { inputGradient = false } = options;
  const stack = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args.pop() as tf.GradSaveFunc;
    const input = (inputGradient ? args.shift() : x) as tf.Tensor2D;
    const params = args as tf.Tensor[];
    const { output, hidden } = stackForward(input, params);
    save([input, ...params, ...hidden]);
    return {
      value: output,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedInput, ...rest] = saved;
        const savedParams = rest.slice(0, params.length);
        const savedHidden = rest.slice(params.length) as tf.Tensor2D[];
        return stackBackward(dy as tf.Tensor2D, savedInput as tf.Tensor2D, savedParams, savedHidden, inputGradient);
      },
    };
  });
  return (inputGradient ? stack(x, ...weights) : stack(...weights)) as tf.Tensor2D;
}

/** The forward pass by itself, without TF.js's tape: for losses whose gradient is known in closed form. */
export function stackForward(x: tf.Tensor2D, weights: tf.Tensor[]): StackPass {
  if (!wasmKernelsReady()) return forwardOps(x, weights);
  const outputs = tf.engine().runKernel('WindhoverDenseStack', { x, ...weights } as unknown as tf.NamedTensorMap);
  const [output, ...hidden] = outputs as tf.Tensor2D[];
  return { output, hidden };
}

/**
 * The backward pass by itself.
 *
 * @param dy `[n, out]`, gradient of the loss with respect to the output
 * @param hidden as {@link stackForward} gave them
 * @returns gradients in the order of `weights`, after that of `x` where `inputGradient`
 */
export function stackBackward(
  dy: tf.Tensor2D,
  x: tf.Tensor2D,
  weights: tf.Tensor[],
  hidden: tf.Tensor2D[],
  inputGradient = false,
): tf.Tensor[] {
  if (!wasmKernelsReady()) return backwardOps(dy, x, weights, hidden, inputGradient);
  const inputs = { dy, x, ...[...weights, ...hidden] } as unknown as tf.NamedTensorMap;
  return tf
    .engine()
    .runKernel('WindhoverDenseStackGrad', inputs, { layers: weights.length / 2, inputGradient }) as tf.Tensor[];
}

function checkShapes(x: tf.Tensor2D, weights: tf.Tensor[]): void {
  if (weights.length === 0 || weights.length % 2 !== 0)
    throw new RangeError(`weights: expected pairs of kernel and bias, got ${weights.length} tensors`);
  let width = x.shape[1];
  for (let l = 0; 2 * l < weights.length; l++) {
    const kernel = weights[2 * l].shape;
    const bias = weights[2 * l + 1].shape;
    if (kernel.length !== 2 || kernel[0] !== width)
      throw new RangeError(`weights[${2 * l}]: expected a kernel [${width}, out], got [${kernel}]`);
    if (bias.length !== 1 || bias[0] !== kernel[1])
      throw new RangeError(`weights[${2 * l + 1}]: expected a bias [${kernel[1]}], got [${bias}]`);
    width = kernel[1];
  }
}
