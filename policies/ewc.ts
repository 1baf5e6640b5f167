/** What a penalty pulls towards, and how hard, weight by weight. */
export interface Anchor {
  /** An earlier policy's weights θ*, in the order of `mlpWeights`. */
  weights: Float32Array[];
  /** Diagonal Fisher information of the task it had learnt, like the weights, not negative. */
  fisher: Float32Array[];
}

/**
 * The EWC penalty `λ/2 · Σ_k Σ_i F_ki (θ_i − θ*_ki)²`, one term for each anchor `k`, summed in float64.
 *
 * With the cloning loss in nats per sample λ = 1 is Bayes' rule for a source task that weighs as much as the flights:
 * to second order the penalty is the mean divergence of the new policy from the old one over the source task's states.
 * λ needs no scale of its own, since a policy's spread divides loss and Fisher alike.
 *
 * One anchor a task is the "separate" mode of Kirkpatrick et al.; one anchor at the latest weights with the tasks'
 * Fisher information added up is the "online" mode of Schwarz et al., whose cost does not grow with the tasks.
 *
 * @see Kirkpatrick et al. 2017, https://arxiv.org/abs/1612.00796, equation 3
 * @see Schwarz et al. 2018, Progress & Compress, https://arxiv.org/abs/1805.06370, section 3.2
 * @see Huszár 2018, https://arxiv.org/abs/1712.03847, on what several penalties add up to
 */
export function ewcPenaltyOf(weights: Float32Array[], anchors: Anchor[], lambda: number): number {
  let sum = 0;
  for (const anchor of anchors)
    weights.forEach((array, i) => {
      const [at, fisher] = [anchor.weights[i], anchor.fisher[i]];
      for (let k = 0; k < array.length; k++) sum += fisher[k] * (array[k] - at[k]) ** 2;
    });
  return (lambda / 2) * sum;
}

/** Adds the gradient of {@link ewcPenaltyOf}: `λ · Σ_k F_ki (θ_i − θ*_ki)`. */
export function addEwcGradient(
  weights: Float32Array[],
  anchors: Anchor[],
  lambda: number,
  gradients: Float32Array[],
): void {
  for (const anchor of anchors)
    weights.forEach((array, i) => {
      const [at, fisher, gradient] = [anchor.weights[i], anchor.fisher[i], gradients[i]];
      for (let k = 0; k < array.length; k++) gradient[k] += lambda * fisher[k] * (array[k] - at[k]);
    });
}

/**
 * The anchor of L2-SP: every weight is held alike, whether the source task needs it or not. EWC's baseline.
 *
 * @see Li et al. 2018, Explicit Inductive Bias for Transfer Learning, https://arxiv.org/abs/1802.01483, equation 2
 */
export function startingPoint(weights: Float32Array[]): Anchor {
  return { weights, fisher: weights.map((array) => new Float32Array(array.length).fill(1)) };
}
