import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { createMlp, mlpWeights } from '../../policies/mlp.ts';
import { activateBackend } from '../../src/backend/index.ts';
import { kernelBytes } from '../../src/backend/kernels.ts';
import type { CloneBatch } from '../../src/transfer/clone-network.ts';
import { dropoutMasks } from '../../src/transfer/dropout.ts';
import { KernelNetwork } from '../../src/transfer/kernel-network.ts';
import { TensorNetwork } from '../../src/transfer/tensor-network.ts';
import { near } from '../given.ts';

const sizes = [5, 8, 6, 4];
const precision = [1, 2, 0.5, 3];
const weights = mlpWeights(createMlp(sizes, new Rng(1)));

function givenBatch(n: number, weight: number, dropout: number, seed: number): CloneBatch {
  const rng = new Rng(seed);
  return {
    obs: Float32Array.from({ length: n * 5 }, () => rng.normal()),
    actions: Float32Array.from({ length: n * 4 }, () => rng.uniform(-1, 1)),
    n,
    weight,
    masks: dropout > 0 ? dropoutMasks(sizes, n, dropout, rng) : null,
  };
}

/** The loss in plain float64. */
function lossOf(its: Float32Array[], { obs, actions, n, masks }: CloneBatch): number {
  let loss = 0;
  for (let i = 0; i < n; i++) {
    let x = Array.from(obs.subarray(i * 5, i * 5 + 5));
    for (let l = 0; l < 3; l++) {
      const out = sizes[l + 1];
      const sum = Array.from({ length: out }, (_, b) =>
        x.reduce((total, value, a) => total + value * its[2 * l][a * out + b], its[2 * l + 1][b]),
      );
      x = l < 2 ? sum.map((value, b) => Math.tanh(value) * (masks ? masks[l][i * out + b] : 1)) : sum;
    }
    x.forEach((mean, j) => (loss += (precision[j] * (mean - actions[i * 4 + j]) ** 2) / n));
  }
  return loss;
}

for (const dropout of [0, 0.4]) {
  // more rows than the kernels take at a time
  const batches = [givenBatch(150, 1, dropout, 2), givenBatch(7, 0.3, dropout, 3)];

  test(`kernels: loss and gradient are those of finite differences, dropout ${dropout}`, async () => {
    const network = new KernelNetwork(sizes, precision, kernelBytes()!);
    const { losses, gradients } = await network.gradients(weights, batches);
    const total = (its: Float32Array[]) => batches.reduce((sum, batch) => sum + batch.weight * lossOf(its, batch), 0);
    losses.forEach((loss, b) => near(loss, lossOf(weights, batches[b]), 1e-4, 'loss'));
    const h = 1e-2;
    for (let w = 0; w < weights.length; w++)
      for (let k = 0; k < weights[w].length; k += 7) {
        const [up, down] = [h, -h].map((step) => {
          const moved = weights.map((array) => array.slice());
          moved[w][k] += step;
          return total(moved);
        });
        near(gradients[w][k], (up - down) / (2 * h), 2e-3, `weight ${w}, ${k}`);
      }
  });

  test(`TF.js gives the same, dropout ${dropout}`, async () => {
    await activateBackend('cpu');
    const tensors = new TensorNetwork(sizes, precision);
    const ours = await new KernelNetwork(sizes, precision, kernelBytes()!).gradients(weights, batches);
    const theirs = await tensors.gradients(weights, batches);
    theirs.losses.forEach((loss, b) => near(loss, ours.losses[b], 1e-4, 'loss'));
    theirs.gradients.forEach((array, w) => array.forEach((x, k) => near(x, ours.gradients[w][k], 1e-4, `${w}, ${k}`)));
    tensors.dispose();
  });
}

test('dropout leaves out the share it is told, and keeps the mean', () => {
  const [mask] = dropoutMasks([5, 1000, 4], 20, 0.25, new Rng(1));
  near(mask.filter((x) => x === 0).length / mask.length, 0.25, 0.02);
  near(mask.reduce((sum, x) => sum + x, 0) / mask.length, 1, 0.02);
});

test('a dropped unit learns nothing from the sample that it is left out of', async () => {
  const batch = givenBatch(1, 1, 0.5, 4);
  batch.masks![1].fill(2).fill(0, 0, 1);
  const { gradients } = await new KernelNetwork(sizes, precision, kernelBytes()!).gradients(weights, [batch]);
  assert.ok(
    gradients[4].subarray(0, 4).every((x) => x === 0),
    'weights from the dropped unit',
  );
  assert.ok(
    gradients[4].subarray(4).some((x) => x !== 0),
    'the others',
  );
});

test.run();
