import * as tf from '@tensorflow/tfjs';
import { clippedObjective, gaussianEntropy, type SurrogateBatch } from './clipped-objective.ts';

/**
 * What the losses saw besides, for the metrics: a scalar a minibatch, kept until its owner reads and disposes it, since
 * a GPU would stall if each were read at once.
 */
export interface SurrogateStats {
  /** Mean of Schulman's estimate of the divergence from the old policy. */
  approxKl: tf.Scalar[];
  /** Share of samples whose ratio left 1 ± clip. */
  clipFraction: tf.Scalar[];
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
 * @param stats this minibatch's are appended
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
  if (backend !== 'wasm' && backend !== 'cpu') return surrogateByOps(mean, logStd, batch, clip, entropyCoef, stats);
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
  stats?: SurrogateStats,
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
  const logRatio = logProb.sub(tf.tensor1d(batch.logProbs));
  const ratio = logRatio.exp();
  const clipped = ratio.clipByValue(1 - clip, 1 + clip);
  const objective = tf.minimum(ratio.mul(advantages), clipped.mul(advantages)).mean();
  stats?.approxKl.push(tf.keep(ratio.sub(1).sub(logRatio).mean().asScalar()));
  stats?.clipFraction.push(tf.keep(ratio.notEqual(clipped).cast('float32').mean().asScalar()));
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
  const ls = logStd.dataSync<'float32'>();
  const dMean = Float32Array.from(mean.dataSync());
  const dLogStd = new Float64Array(A).fill(-entropyCoef);
  const sums = { objective: 0, kl: 0, clipped: 0 };
  clippedObjective(dMean, ls, batch, B, clip, 1 / B, dLogStd, sums);
  stats?.approxKl.push(tf.keep(tf.scalar(sums.kl / B)));
  stats?.clipFraction.push(tf.keep(tf.scalar(sums.clipped / B)));
  const loss = -sums.objective / B - entropyCoef * gaussianEntropy(ls);
  return { loss, dMean, dLogStd: Float32Array.from(dLogStd) };
}
