import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { MlpInference } from '../../policies/inference.ts';
import { createMlp, type Mlp } from '../../policies/mlp.ts';
import { kernelBytes } from '../../src/backend/kernels.ts';
import { near } from '../given.ts';

const N = 37;
const rng = new Rng(3);
const mlp = createMlp([19, 64, 33, 5], rng);
for (const bias of mlp.biases) bias.forEach((_, j) => (bias[j] = rng.normal()));
const x = Float32Array.from({ length: N * 19 }, () => rng.normal());

/** The network in float64, one row. */
function reference({ sizes, kernels, biases }: Mlp, row: ArrayLike<number>): number[] {
  let values = Array.from(row);
  kernels.forEach((kernel, l) => {
    const out = sizes[l + 1];
    const sums = Array.from(biases[l], (bias, j) =>
      values.reduce((sum, value, k) => sum + value * kernel[k * out + j], bias),
    );
    values = l + 1 < kernels.length ? sums.map(Math.tanh) : sums;
  });
  return values;
}

for (const [how, bytes] of [
  ['kernels', kernelBytes()],
  ['plain JavaScript', undefined],
] as const) {
  test(`${how}: agrees with the network in float64`, () => {
    const out = new Float32Array(N * 5);
    new MlpInference(mlp, N, bytes).run(x, N, out);
    for (let i = 0; i < N; i++)
      reference(mlp, x.subarray(i * 19, (i + 1) * 19)).forEach((value, j) => {
        near(out[i * 5 + j], value, 2e-6, `row ${i}, output ${j}`);
      });
  });

  test(`${how}: one row at a time gives the bytes of the whole batch`, () => {
    const inference = new MlpInference(mlp, N, bytes);
    const whole = new Float32Array(N * 5);
    inference.run(x, N, whole);
    for (let i = 0; i < N; i++) {
      const one = new Float32Array(5);
      inference.run(x.subarray(i * 19), 1, one);
      assert.equal(one, whole.slice(i * 5, (i + 1) * 5));
    }
  });

  test(`${how}: its own input and output need no copy`, () => {
    const inference = new MlpInference(mlp, N, bytes);
    const copied = new Float32Array(N * 5);
    inference.run(x, N, copied);
    inference.input.set(x);
    inference.run(inference.input, N, inference.output);
    assert.equal(inference.output, copied);
  });

  test(`${how}: new weights replace the old, and are copied`, () => {
    const other = createMlp(mlp.sizes, new Rng(99));
    const fresh = new Float32Array(N * 5);
    new MlpInference(other, N, bytes).run(x, N, fresh);
    const inference = new MlpInference(mlp, N, bytes);
    inference.load(other);
    for (const kernel of other.kernels) kernel.fill(0);
    const out = new Float32Array(N * 5);
    inference.run(x, N, out);
    assert.equal(out, fresh);
  });

  test(`${how}: refuses more rows than it has room for, and other shapes`, () => {
    const inference = new MlpInference(mlp, 2, bytes);
    assert.throws(() => inference.run(x, 3, new Float32Array(15)), /at most maxBatch = 2 rows, got 3/);
    assert.throws(() => inference.load(createMlp([19, 5], rng)), /expected 19-64-33-5, got 19-5/);
  });
}

test.run();
