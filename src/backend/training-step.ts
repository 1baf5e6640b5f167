import * as tf from '@tensorflow/tfjs';
import { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import { denseStack } from '../../policies/dense-stack.ts';
import { createMlp, mlpWeights } from '../../policies/mlp.ts';
import type { Workload } from './workload.ts';

/** Steps of one stretch, after which the device has to finish and the clock is read. */
const STEPS = 8;
/** Where a step takes longer [ms], a stretch is a single step. */
const SLOW_MS = 100;

/**
 * Training samples a second of the current backend, on one thread: a dense stack forward and backward, and Adam, in
 * minibatches, with a network and a minibatch of the size that is to be learnt.
 *
 * The best stretch of a few steps counts: what else runs on the machine only ever slows it down.
 *
 * @param seconds how long to measure, its first steps being the warm-up
 */
export async function measureTraining(seconds: number, { sizes, batch }: Workload): Promise<number> {
  const weights = mlpWeights(createMlp(sizes, new Rng(1))).map((array, i) => {
    const l = i >> 1;
    return tf.variable(tf.tensor(array, i % 2 ? [sizes[l + 1]] : [sizes[l], sizes[l + 1]]));
  });
  const adam = new Adam(weights);
  const x = tf.randomNormal<tf.Rank.R2>([batch, sizes[0]], 0, 1, 'float32', 1);
  const target = tf.randomNormal<tf.Rank.R2>([batch, sizes[sizes.length - 1]], 0, 1, 'float32', 2);
  const step = () =>
    tf.tidy(() => {
      const loss = () => denseStack(x, weights).sub(target).square().mean().asScalar();
      const { grads } = tf.variableGrads(loss, weights);
      adam.step(
        weights.map(({ name }) => grads[name]),
        1e-4,
      );
    });
  const stretch = async (steps: number) => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) step();
    await weights[weights.length - 1].data();
    return performance.now() - start;
  };
  await stretch(1); // compiles, shaders on a GPU included
  const steps = (await stretch(1)) > SLOW_MS ? 1 : STEPS;
  const end = performance.now() + 1000 * seconds;
  let best = Number.POSITIVE_INFINITY;
  do best = Math.min(best, (await stretch(steps)) / steps);
  while (performance.now() < end);
  adam.dispose();
  tf.dispose([x, target, ...weights]);
  return (1000 * batch) / best;
}
