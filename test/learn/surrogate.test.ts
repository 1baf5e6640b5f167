import * as tf from '@tensorflow/tfjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import type { SurrogateBatch } from '../../src/learn/clipped-objective.ts';
import { type SurrogateStats, surrogateByOps, surrogateLoss } from '../../src/learn/surrogate.ts';
import { near } from '../given.ts';

const [B, A] = [64, 4];
const clip = 0.2;
const entropyCoef = 0.01;

test.before(async () => {
  await tf.setBackend('cpu');
});

function given(seed: number): { mean: Float32Array; logStd: Float32Array; batch: SurrogateBatch } {
  const rng = new Rng(seed);
  const normals = (n: number, scale: number) => Float32Array.from({ length: n }, () => scale * rng.normal());
  const mean = normals(B * A, 0.3);
  const logStd = Float32Array.from([-0.7, -0.5, -0.9, -0.6]);
  const actions = normals(B * A, 0.7);
  // the old policy was near, so that some ratios are inside the clip range and some outside
  const logProbs = Float32Array.from(logProbabilities(mean, logStd, actions), (x) => x + 0.2 * rng.normal());
  return { mean, logStd, batch: { actions, logProbs, advantages: normals(B, 1) } };
}

function logProbabilities(mean: ArrayLike<number>, logStd: ArrayLike<number>, actions: ArrayLike<number>): number[] {
  return Array.from({ length: B }, (_, b) => {
    let sum = 0;
    for (let a = 0; a < A; a++) {
      const z = (actions[b * A + a] - mean[b * A + a]) / Math.exp(logStd[a]);
      sum += -0.5 * z * z - logStd[a] - 0.5 * Math.log(2 * Math.PI);
    }
    return sum;
  });
}

/** The objective as the paper writes it, in double precision. */
function loss(mean: ArrayLike<number>, logStd: ArrayLike<number>, batch: SurrogateBatch): number {
  let objective = 0;
  logProbabilities(mean, logStd, batch.actions).forEach((logProb, b) => {
    const ratio = Math.exp(logProb - batch.logProbs[b]);
    const bounded = Math.min(1 + clip, Math.max(1 - clip, ratio));
    objective += Math.min(ratio * batch.advantages[b], bounded * batch.advantages[b]) / B;
  });
  let entropy = 0;
  for (let a = 0; a < A; a++) entropy += logStd[a] + 0.5 * Math.log(2 * Math.PI * Math.E);
  return -objective - entropyCoef * entropy;
}

function gradients(of: typeof surrogateLoss, seed: number) {
  const { mean, logStd, batch } = given(seed);
  const loss = (m: tf.Tensor, s: tf.Tensor) => of(m as tf.Tensor2D, s as tf.Tensor1D, batch, clip, entropyCoef);
  const { value, grads } = tf.valueAndGrads(loss)([tf.tensor2d(mean, [B, A]), tf.tensor1d(logStd)]);
  return { value: value.dataSync()[0], mean: grads[0].dataSync(), logStd: grads[1].dataSync() };
}

test("the closed form has the value and the gradient of the paper's objective", () => {
  const { mean, logStd, batch } = given(1);
  const closed = gradients(surrogateLoss, 1);
  near(closed.value, loss(mean, logStd, batch), 1e-5);
  const h = 1e-4;
  for (let i = 0; i < B * A; i += 7) {
    const [up, down] = [h, -h].map((d) =>
      loss(
        Array.from(mean, (x, k) => (k === i ? x + d : x)),
        logStd,
        batch,
      ),
    );
    near(closed.mean[i], (up - down) / (2 * h), 2e-4, `d/dmean[${i}]`);
  }
  for (let a = 0; a < A; a++) {
    const [up, down] = [h, -h].map((d) =>
      loss(
        mean,
        Array.from(logStd, (x, k) => (k === a ? x + d : x)),
        batch,
      ),
    );
    near(closed.logStd[a], (up - down) / (2 * h), 1e-3, `d/dlogStd[${a}]`);
  }
});

test('TF.js operations and the closed form agree', () => {
  const [closed, ops] = [gradients(surrogateLoss, 2), gradients(surrogateByOps, 2)];
  near(ops.value, closed.value, 1e-5);
  closed.mean.forEach((x, i) => near(ops.mean[i], x, 1e-6, `d/dmean[${i}]`));
  closed.logStd.forEach((x, a) => near(ops.logStd[a], x, 1e-5, `d/dlogStd[${a}]`));
});

test('divergence and clipped share are the mean over the minibatch, by either way', async () => {
  const { mean, logStd, batch } = given(3);
  let [kl, clipped] = [0, 0];
  logProbabilities(mean, logStd, batch.actions).forEach((logProb, b) => {
    const ratio = Math.exp(logProb - batch.logProbs[b]);
    kl += (ratio - 1 - Math.log(ratio)) / B;
    if (Math.abs(ratio - 1) > clip) clipped += 1 / B;
  });
  assert.ok(clipped > 0.1 && clipped < 0.9);
  for (const of of [surrogateLoss, surrogateByOps]) {
    const before = tf.memory().numTensors;
    const stats: SurrogateStats = { approxKl: [], clipFraction: [] };
    tf.tidy(() => {
      of(tf.tensor2d(mean, [B, A]), tf.tensor1d(logStd), batch, clip, entropyCoef, stats);
    });
    near((await stats.approxKl[0].data())[0], kl, 1e-6, 'KL');
    near((await stats.clipFraction[0].data())[0], clipped, 1e-6, 'clip fraction');
    tf.dispose([...stats.approxKl, ...stats.clipFraction]);
    assert.is(tf.memory().numTensors, before, 'nothing else is kept');
  }
});

test('where clipping binds, nothing pulls further', () => {
  const batch = { actions: new Float32Array([1]), logProbs: new Float32Array([-9]), advantages: new Float32Array([1]) };
  const grad = tf.grad((m) => surrogateLoss(m as tf.Tensor2D, tf.tensor1d([0]), batch, clip, 0))(tf.tensor2d([[0.5]]));
  near(grad.dataSync()[0], 0, 0);
});

test.run();
