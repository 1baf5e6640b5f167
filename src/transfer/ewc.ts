import * as tf from '@tensorflow/tfjs';

/** What elastic weight consolidation pulls towards, and how hard, weight by weight. */
export interface Anchor {
  /** The source policy's weights θ*, in the order of `mlpWeights`. */
  weights: Float32Array[];
  /** Diagonal Fisher information of the source task, like the weights, not negative. */
  fisher: Float32Array[];
}

/** An anchor as tensors, shaped like the weights it anchors. */
export interface AnchorTensors {
  weights: tf.Tensor[];
  fisher: tf.Tensor[];
}

/** Uploads an anchor; free it with `disposeAnchor`. */
export function anchorTensors({ weights, fisher }: Anchor, shapes: number[][]): AnchorTensors {
  const upload = (arrays: Float32Array[]) => arrays.map((array, i) => tf.tensor(array.slice(), shapes[i])); // wasm may share memory with what it is given
  return { weights: upload(weights), fisher: upload(fisher) };
}

export function disposeAnchor({ weights, fisher }: AnchorTensors): void {
  tf.dispose([...weights, ...fisher]);
}

/**
 * The EWC penalty `λ/2 · Σ_i F_i (θ_i − θ*_i)²`, differentiable with respect to `weights`.
 *
 * With the cloning loss in nats per sample (`gaussianNll`) λ = 1 is Bayes' rule for a source task that weighs as much
 * as the flights: to second order the penalty is the mean divergence of the new policy from the old one over the
 * source task's states. λ needs no scale of its own, since a policy's spread divides loss and Fisher alike.
 *
 * @see Kirkpatrick et al. 2017, https://arxiv.org/abs/1612.00796, equation 3
 */
export function ewcPenalty(weights: tf.Tensor[], anchor: AnchorTensors, lambda: number): tf.Scalar {
  return tf.tidy(() => {
    const terms = weights.map((weight, i) => weight.sub(anchor.weights[i]).square().mul(anchor.fisher[i]).sum());
    return tf.addN(terms).mul(lambda / 2) as tf.Scalar;
  });
}

/** {@link ewcPenalty} of plain arrays, summed in float64: what reports state and tests compare with. */
export function ewcPenaltyOf(weights: Float32Array[], { weights: anchor, fisher }: Anchor, lambda: number): number {
  let sum = 0;
  weights.forEach((array, i) => {
    for (let k = 0; k < array.length; k++) sum += fisher[i][k] * (array[k] - anchor[i][k]) ** 2;
  });
  return (lambda / 2) * sum;
}
