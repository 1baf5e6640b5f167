import * as tf from '@tensorflow/tfjs';

/** What a minibatch brings to the policy loss; `B` rows. */
export interface SurrogateBatch {
  /** Actions taken, `[B, A]`. */
  actions: Float32Array;
  /** Their log-probability under the policy that took them, `[B]`. */
  logProbs: Float32Array;
  /** `[B]` */
  advantages: Float32Array;
}

/** What the loss saw besides, for the metrics. */
export interface SurrogateStats {
  /** Schulman's estimate of the divergence from the old policy, mean of (r − 1) − log r, http://joschu.net/blog/kl-approx.html */
  approxKl: number;
  /** Share of samples whose ratio left 1 ± clip. */
  clipFraction: number;
}

const LOG_2PI = Math.log(2 * Math.PI);

/**
 * PPO's clipped objective of a diagonal Gaussian policy, to be minimised, as a TF.js scalar that can be differentiated
 * with regard to `mean` and `logStd`.
 *
 * `−mean min(r·A, clip(r, 1 − ε, 1 + ε)·A) − entropyCoef · H`, with `r` the probability ratio.
 * Where tensors live in memory that JavaScript reaches (wasm, cpu), value and gradient are computed in one pass over
 * plain arrays; on other backends they are TF.js operations. A test holds the two equal.
 *
 * @param mean `[B, A]`
 * @param logStd `[A]`
 * @see Schulman et al. 2017, https://arxiv.org/abs/1707.06347, equation 7
 */
export function surrogateLoss(
  mean: tf.Tensor2D,
  logStd: tf.Tensor1D,
  batch: SurrogateBatch,
  clip: number,
  entropyCoef: number,
  stats?: SurrogateStats,
): tf.Scalar {
  const backend = tf.getBackend();
  if (backend !== 'wasm' && backend !== 'cpu') return surrogateByOps(mean, logStd, batch, clip, entropyCoef);
  return tf.customGrad((mu, ls) => {
    const closed = closedForm(mu as tf.Tensor2D, ls as tf.Tensor1D, batch, clip, entropyCoef, stats);
    return {
      value: tf.scalar(closed.loss),
      gradFunc: (dy: tf.Tensor) => [
        tf.mul(tf.tensor2d(closed.dMean, mean.shape), dy),
        tf.mul(tf.tensor1d(closed.dLogStd), dy),
      ],
    };
  })(mean, logStd) as tf.Scalar;
}

/** The same as TF.js operations, for backends whose tensors are not in JavaScript's reach. */
export function surrogateByOps(
  mean: tf.Tensor2D,
  logStd: tf.Tensor1D,
  batch: SurrogateBatch,
  clip: number,
  entropyCoef: number,
): tf.Scalar {
  const actions = tf.tensor2d(batch.actions, mean.shape);
  const advantages = tf.tensor1d(batch.advantages);
  const z = actions.sub(mean).div(logStd.exp());
  const logProb = z
    .square()
    .mul(-0.5)
    .sub(logStd)
    .sub(LOG_2PI / 2)
    .sum(1);
  const ratio = logProb.sub(tf.tensor1d(batch.logProbs)).exp();
  const clipped = ratio.clipByValue(1 - clip, 1 + clip);
  const objective = tf.minimum(ratio.mul(advantages), clipped.mul(advantages)).mean();
  const entropy = logStd.add((1 + LOG_2PI) / 2).sum();
  return objective.neg().sub(entropy.mul(entropyCoef)).asScalar();
}

function closedForm(
  mean: tf.Tensor2D,
  logStd: tf.Tensor1D,
  batch: SurrogateBatch,
  clip: number,
  entropyCoef: number,
  stats?: SurrogateStats,
) {
  const [B, A] = mean.shape;
  const mu = mean.dataSync();
  const ls = logStd.dataSync();
  const inverseStd = Float64Array.from(ls, (x) => Math.exp(-x));
  const dMean = new Float32Array(B * A);
  const dLogStd64 = new Float64Array(A);
  const z = new Float64Array(A);
  let objective = 0;
  let kl = 0;
  let clippedCount = 0;
  let constant = 0;
  for (let a = 0; a < A; a++) constant -= ls[a] + LOG_2PI / 2;
  for (let b = 0; b < B; b++) {
    let logProb = constant;
    for (let a = 0; a < A; a++) {
      z[a] = (batch.actions[b * A + a] - mu[b * A + a]) * inverseStd[a];
      logProb -= 0.5 * z[a] * z[a];
    }
    const logRatio = logProb - batch.logProbs[b];
    const ratio = Math.exp(logRatio);
    const advantage = batch.advantages[b];
    const bounded = ratio < 1 - clip ? 1 - clip : ratio > 1 + clip ? 1 + clip : ratio;
    const free = ratio * advantage <= bounded * advantage;
    objective += free ? ratio * advantage : bounded * advantage;
    kl += ratio - 1 - logRatio;
    if (bounded !== ratio) clippedCount++;
    if (!free) continue;
    const dLogProb = (-advantage * ratio) / B;
    for (let a = 0; a < A; a++) {
      dMean[b * A + a] = dLogProb * z[a] * inverseStd[a];
      dLogStd64[a] += dLogProb * (z[a] * z[a] - 1);
    }
  }
  let entropy = 0;
  for (let a = 0; a < A; a++) {
    entropy += ls[a] + (1 + LOG_2PI) / 2;
    dLogStd64[a] -= entropyCoef;
  }
  if (stats) {
    stats.approxKl = kl / B;
    stats.clipFraction = clippedCount / B;
  }
  return { loss: -objective / B - entropyCoef * entropy, dMean, dLogStd: Float32Array.from(dLogStd64) };
}
