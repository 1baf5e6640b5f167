/** What a minibatch brings to the policy loss; `B` rows. */
export interface SurrogateBatch {
  /** Actions taken, `[B, A]`. */
  actions: Float32Array;
  /** Their log-probability under the policy that took them, `[B]`. */
  logProbs: Float32Array;
  /** `[B]` */
  advantages: Float32Array;
}

/** Sums over samples that {@link clippedObjective} adds to. */
export interface SurrogateSums {
  /** Of the clipped objective, to be maximised. */
  objective: number;
  /** Of Schulman's estimate of the divergence from the old policy, (r − 1) − log r, http://joschu.net/blog/kl-approx.html */
  kl: number;
  /** Samples whose ratio left 1 ± clip. */
  clipped: number;
}

const LOG_2PI = Math.log(2 * Math.PI);
const MOST_ACTIONS = 64;
const z = new Float64Array(MOST_ACTIONS);
const inverseStd = new Float64Array(MOST_ACTIONS);

/**
 * PPO's clipped objective of a diagonal Gaussian policy and its gradient in closed form, in one pass without allocation.
 *
 * The loss is `−scale · Σ min(r·A, clip(r, 1 − ε, 1 + ε)·A)`, with `r` the probability ratio; an entropy bonus is the
 * caller's to add, as its gradient depends on `logStd` alone.
 *
 * @param mean `[rows, A]`: the policy's means; overwritten with the loss's gradient with regard to them
 * @param dLogStd `[A]`: the gradient with regard to `logStd` is added
 * @param scale 1 / B for the mean over a batch of B
 * @see Schulman et al. 2017, https://arxiv.org/abs/1707.06347, equation 7
 */
export function clippedObjective(
  mean: Float32Array,
  logStd: Float32Array,
  batch: SurrogateBatch,
  rows: number,
  clip: number,
  scale: number,
  dLogStd: Float32Array | Float64Array,
  sums: SurrogateSums,
): void {
  const A = logStd.length;
  const { actions, logProbs, advantages } = batch;
  let constant = 0;
  for (let a = 0; a < A; a++) {
    inverseStd[a] = Math.exp(-logStd[a]);
    constant -= logStd[a] + LOG_2PI / 2;
  }
  for (let b = 0, at = 0; b < rows; b++, at += A) {
    let logProb = constant;
    for (let a = 0; a < A; a++) {
      z[a] = (actions[at + a] - mean[at + a]) * inverseStd[a];
      logProb -= 0.5 * z[a] * z[a];
    }
    const logRatio = logProb - logProbs[b];
    const ratio = Math.exp(logRatio);
    const advantage = advantages[b];
    const bounded = ratio < 1 - clip ? 1 - clip : ratio > 1 + clip ? 1 + clip : ratio;
    const free = ratio * advantage <= bounded * advantage;
    sums.objective += free ? ratio * advantage : bounded * advantage;
    sums.kl += ratio - 1 - logRatio;
    if (bounded !== ratio) sums.clipped++;
    const dLogProb = free ? -advantage * ratio * scale : 0;
    for (let a = 0; a < A; a++) {
      mean[at + a] = dLogProb * z[a] * inverseStd[a];
      dLogStd[a] += dLogProb * (z[a] * z[a] - 1);
    }
  }
}

/** Differential entropy of a diagonal Gaussian [nats]. */
export function gaussianEntropy(logStd: ArrayLike<number>): number {
  let entropy = 0;
  for (let a = 0; a < logStd.length; a++) entropy += logStd[a] + 0.5 * (1 + LOG_2PI);
  return entropy;
}
