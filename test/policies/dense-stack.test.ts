import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { denseStack, registerWasmKernels, stackBackward, stackForward, wasmData } from '../../policies/dense-stack.ts';
import { kernelBytes } from '../../src/backend/kernels.ts';
import { near } from '../given.ts';

const bytes = kernelBytes();
if (!bytes) throw new Error('dist/kernels/dense.wasm is missing: run npm run build:kernels');
registerWasmKernels(bytes);
tf.enableProdMode(); // silences the banner of the cpu backend

const N = 11;
const SIZES = [7, 12, 9, 3];
const rng = new Rng(5);
const normals = (length: number) => Float32Array.from({ length }, () => rng.normal());
const X = normals(N * SIZES[0]);
const TARGET = normals(N * SIZES[3]);
const WEIGHTS = SIZES.slice(1).flatMap((out, l) => [normals(SIZES[l] * out).map((w) => w / 3), normals(out)]);
const SHAPES = SIZES.slice(1).flatMap((out, l) => [[SIZES[l], out], [out]]);

/** Σ (stack(x) − target)² / 2 in float64. */
function loss(x: ArrayLike<number>, weights: ArrayLike<number>[]): number {
  let sum = 0;
  for (let i = 0; i < N; i++) {
    let row = Array.from({ length: SIZES[0] }, (_, k) => x[i * SIZES[0] + k]);
    for (let l = 0; l + 1 < SIZES.length; l++) {
      const out = SIZES[l + 1];
      const z = Array.from({ length: out }, (_, j) =>
        row.reduce((total, value, k) => total + value * weights[2 * l][k * out + j], weights[2 * l + 1][j]),
      );
      row = l + 2 < SIZES.length ? z.map(Math.tanh) : z;
    }
    row.forEach((y, j) => (sum += (y - TARGET[i * SIZES[3] + j]) ** 2 / 2));
  }
  return sum;
}

/** Central differences of {@link loss} by the numbers of `array`, which is one of its arguments. */
function differences(array: Float64Array, f: () => number): number[] {
  const h = 1e-5;
  return Array.from(array, (value, i) => {
    array[i] = value + h;
    const above = f();
    array[i] = value - h;
    const below = f();
    array[i] = value;
    return (above - below) / (2 * h);
  });
}

function gradients(inputGradient: boolean): { value: number; grads: Float32Array[] } {
  return tf.tidy(() => {
    const x = tf.tensor2d(X, [N, SIZES[0]]);
    const weights = WEIGHTS.map((w, i) => tf.tensor(w, SHAPES[i]));
    const target = tf.tensor2d(TARGET, [N, SIZES[3]]);
    const f = (...args: tf.Tensor[]) => {
      const [input, ...params] = inputGradient ? args : [x, ...args];
      return denseStack(input as tf.Tensor2D, params, { inputGradient })
        .sub(target)
        .square()
        .sum()
        .div(2) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(f)(inputGradient ? [x, ...weights] : weights);
    return { value: value.dataSync()[0], grads: grads.map((grad) => grad.dataSync() as Float32Array) };
  });
}

for (const backend of ['cpu', 'wasm']) {
  test(`${backend}: value and gradients agree with finite differences in float64`, async () => {
    await tf.setBackend(backend);
    const x = Float64Array.from(X);
    const weights = WEIGHTS.map((w) => Float64Array.from(w));
    const { value, grads } = gradients(true);
    near(value, loss(x, weights), 1e-4);
    [x, ...weights].forEach((array, a) => {
      differences(array, () => loss(x, weights)).forEach((expected, i) =>
        near(grads[a][i], expected, 2e-4, `grads[${a}][${i}]`),
      );
    });
  });

  test(`${backend}: x counts as a constant unless its gradient is asked for`, async () => {
    await tf.setBackend(backend);
    const [, ...withInput] = gradients(true).grads;
    assert.equal(gradients(false).grads, withInput);
  });

  test(`${backend}: leaves no tensor behind`, async () => {
    await tf.setBackend(backend);
    gradients(true);
    const tensors = tf.memory().numTensors;
    const stored = tf.backend().numDataIds();
    gradients(true);
    gradients(false);
    assert.is(tf.memory().numTensors, tensors);
    assert.is(tf.backend().numDataIds(), stored);
  });
}

test('wasm kernels agree with the cpu backend to float32 rounding', async () => {
  await tf.setBackend('cpu');
  const cpu = gradients(true);
  await tf.setBackend('wasm');
  const wasm = gradients(true);
  wasm.grads.forEach((grad, a) => grad.forEach((value, i) => near(value, cpu.grads[a][i], 2e-5, `grads[${a}][${i}]`)));
});

test('wasm: the kernel is in use, not the fallback', async () => {
  await tf.setBackend('wasm');
  const profile = await tf.profile(() => gradients(false));
  assert.ok(profile.kernelNames.includes('WindhoverDenseStack'), `${profile.kernelNames}`);
  assert.ok(profile.kernelNames.includes('WindhoverDenseStackGrad'), `${profile.kernelNames}`);
});

test('wasm: survives growth of the memory of TF.js', async () => {
  await tf.setBackend('wasm');
  const before = gradients(true);
  const memory = (tf.backend() as unknown as { wasm: { asm: { memory: WebAssembly.Memory } } }).wasm.asm.memory;
  const size = memory.buffer.byteLength;
  const big = tf.zeros([size / 4]);
  assert.ok(memory.buffer.byteLength > size, 'the memory has grown');
  assert.equal(gradients(true), before);
  big.dispose();
});

test('wasm: a loss in closed form gets the gradients of the tape', async () => {
  await tf.setBackend('wasm');
  const taped = gradients(false).grads;
  tf.tidy(() => {
    const x = tf.tensor2d(X, [N, SIZES[0]]);
    const weights = WEIGHTS.map((w, i) => tf.tensor(w, SHAPES[i]));
    const { output, hidden } = stackForward(x, weights);
    const dy = wasmData(output);
    for (let i = 0; i < dy.length; i++) dy[i] -= TARGET[i];
    const grads = stackBackward(output, x, weights, hidden);
    grads.forEach((grad, a) => grad.dataSync().forEach((value, i) => near(value, taped[a][i], 1e-5)));
  });
});

test('shapes that do not fit are refused by name', async () => {
  const x = tf.zeros<tf.Rank.R2>([2, 3]);
  assert.throws(
    () => denseStack(x, [tf.zeros([4, 5]), tf.zeros([5])]),
    /weights\[0\]: expected a kernel \[3, out\], got \[4,5\]/,
  );
  assert.throws(
    () => denseStack(x, [tf.zeros([3, 5]), tf.zeros([4])]),
    /weights\[1\]: expected a bias \[5\], got \[4\]/,
  );
  assert.throws(() => denseStack(x, [tf.zeros([3, 5])]), /pairs of kernel and bias, got 1 tensors/);
});

test.run();
