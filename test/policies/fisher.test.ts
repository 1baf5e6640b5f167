import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { diagonalFisher } from '../../policies/fisher.ts';
import { MlpInference } from '../../policies/inference.ts';
import { copyMlp, createMlp, type Mlp, mlpWeights } from '../../policies/mlp.ts';
import { kernelBytes } from '../../src/backend/kernels.ts';
import { near } from '../given.ts';

const std = [0.5, 2];

function givenStates(n: number, size: number): Float32Array {
  const rng = new Rng(3);
  return Float32Array.from({ length: n * size }, () => rng.normal());
}

function meanAction(mlp: Mlp, obs: Float32Array, n: number): Float32Array {
  const out = new Float32Array(n * std.length);
  new MlpInference(mlp, n).run(obs, n, out);
  return out;
}

test('of a linear policy is the mean squared input over the variance of the action', () => {
  const mlp = createMlp([3, 2], new Rng(1));
  const n = 40;
  const obs = givenStates(n, 3);
  const [kernel, bias] = diagonalFisher(mlp, std, obs, n);
  for (let a = 0; a < 3; a++) {
    let square = 0;
    for (let i = 0; i < n; i++) square += obs[i * 3 + a] ** 2 / n;
    for (let j = 0; j < 2; j++) near(kernel[a * 2 + j], square / std[j] ** 2, 1e-5, `F of kernel[${a}][${j}]`);
  }
  for (let j = 0; j < 2; j++) near(bias[j], 1 / std[j] ** 2, 1e-6, `F of bias[${j}]`);
});

test('of a deep policy equals finite differences of the mean action', () => {
  const mlp = createMlp([3, 5, 4, 2], new Rng(2));
  const n = 16;
  const obs = givenStates(n, 3);
  const fisher = diagonalFisher(mlp, std, obs, n);
  const h = 1e-2;
  mlpWeights(mlp).forEach((weights, w) => {
    for (let k = 0; k < weights.length; k += 3) {
      const [up, down] = [h, -h].map((step) => {
        const moved = copyMlp(mlp);
        mlpWeights(moved)[w][k] += step;
        return meanAction(moved, obs, n);
      });
      let expected = 0;
      for (let i = 0; i < up.length; i++) expected += ((up[i] - down[i]) / (2 * h) / std[i % 2]) ** 2 / n;
      near(fisher[w][k], expected, 1e-3 * expected + 1e-5, `F of weight ${w}, ${k}`);
    }
  });
});

test('by the compiled kernels is the same as in plain JavaScript, whatever the number of rows', () => {
  const mlp = createMlp([5, 9, 8, 2], new Rng(6));
  for (const n of [1, 127, 300]) {
    const obs = givenStates(n, 5);
    const plain = diagonalFisher(mlp, std, obs, n);
    const compiled = diagonalFisher(mlp, std, obs, n, kernelBytes()!);
    plain.forEach((weights, w) => {
      weights.forEach((f, k) => near(compiled[w][k], f, 1e-4 * f + 1e-7, `F of weight ${w}, ${k} of ${n} rows`));
    });
  }
});

test('is the variance of the score: the log-likelihood’s derivative under the policy’s own actions', () => {
  const mlp = createMlp([2, 2], new Rng(4));
  const n = 3;
  const obs = givenStates(n, 2);
  const [kernel] = diagonalFisher(mlp, std, obs, n);
  const rng = new Rng(5);
  const draws = 20000;
  let sum = 0;
  // d/dk[1][0] of ln N(a; x·k + b, σ) = (a − μ) / σ² · x_1
  for (let d = 0; d < draws; d++) for (let i = 0; i < n; i++) sum += ((rng.normal() / std[0]) * obs[i * 2 + 1]) ** 2;
  near(kernel[2], sum / (draws * n), 0.05 * kernel[2], 'F of kernel[1][0]');
});

test('refuses observations that are too few', () => {
  assert.throws(() => diagonalFisher(createMlp([3, 2], new Rng(1)), std, new Float32Array(5), 2), /expected n·O = 2·3/);
});

test.run();
