import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import { registerWasmKernels } from '../../policies/dense-stack.ts';
import { kernelBytes } from '../../src/backend/kernels.ts';
import { near } from '../given.ts';

const bytes = kernelBytes();
if (!bytes) throw new Error('dist/kernels/dense.wasm is missing: run npm run build:kernels');
registerWasmKernels(bytes);
tf.enableProdMode(); // silences the banner of the cpu backend

const SHAPES = [[3, 7], [7], [2]];
const STEPS = 50;

/** Gradients of a step, the same for every implementation; they vary over three decades. */
function givenGradients(step: number): Float32Array[] {
  const rng = new Rng(step);
  return SHAPES.map((shape) =>
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.normal() * 10 ** rng.uniform(-2, 1)),
  );
}

const START = givenGradients(1000);

/** Algorithm 1 of Kingma and Ba on one flat array in float64, after clipping by the global norm. */
function reference(steps: number, learningRate: number, maxGradNorm: number): { p: number[]; norms: number[] } {
  const p = START.flatMap((array) => [...array]);
  const m = p.map(() => 0);
  const v = p.map(() => 0);
  const norms: number[] = [];
  for (let t = 1; t <= steps; t++) {
    const raw = givenGradients(t).flatMap((array) => [...array]);
    const norm = Math.hypot(...raw);
    norms.push(norm);
    raw.forEach((value, i) => {
      const g = norm > maxGradNorm ? (value * maxGradNorm) / norm : value;
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      p[i] -= (learningRate * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    });
  }
  return { p, norms };
}

const givenVariables = () => tf.tidy(() => START.map((array, i) => tf.variable(tf.tensor(array, SHAPES[i]))));

function step(adam: Adam, t: number, learningRate: number, maxGradNorm?: number): number {
  return tf.tidy(() => {
    const grads = givenGradients(t).map((array, i) => tf.tensor(array, SHAPES[i]));
    return adam.step(grads, learningRate, maxGradNorm);
  });
}

const values = (variables: tf.Variable[]) => variables.flatMap((variable) => [...variable.dataSync()]);

for (const backend of ['cpu', 'wasm']) {
  for (const maxGradNorm of [Number.POSITIVE_INFINITY, 5]) {
    test(`${backend}: ${STEPS} steps with gradients clipped at ${maxGradNorm} agree with float64`, async () => {
      await tf.setBackend(backend);
      const variables = givenVariables();
      const adam = new Adam(variables);
      const expected = reference(STEPS, 0.01, maxGradNorm);
      for (let t = 1; t <= STEPS; t++) {
        const norm = step(adam, t, 0.01, maxGradNorm);
        near(norm, expected.norms[t - 1], 1e-5 * norm, `norm of step ${t}`);
      }
      assert.is(adam.t, STEPS);
      values(variables).forEach((value, i) => near(value, expected.p[i], 1e-5, `parameter ${i}`));
    });
  }

  test(`${backend}: a restored optimiser goes on with the same bits`, async () => {
    await tf.setBackend(backend);
    const through = givenVariables();
    const adam = new Adam(through);
    for (let t = 1; t <= 5; t++) step(adam, t, 0.01, 5);
    const again = through.map((variable) => tf.variable(tf.tensor(variable.dataSync().slice(), variable.shape)));
    const state = adam.state();
    const restored = new Adam(again);
    restored.restore(state);
    for (let t = 6; t <= 10; t++) {
      step(adam, t, 0.01, 5);
      step(restored, t, 0.01, 5);
    }
    assert.equal(values(again), values(through));
    assert.equal(restored.state(), adam.state());
  });

  test(`${backend}: leaves no tensor behind`, async () => {
    await tf.setBackend(backend);
    const variables = givenVariables();
    const adam = new Adam(variables);
    step(adam, 1, 0.01, 5);
    const tensors = tf.memory().numTensors;
    step(adam, 2, 0.01, 5);
    assert.is(tf.memory().numTensors, tensors);
    adam.dispose();
    assert.is(tf.memory().numTensors, tensors - 2 * SHAPES.length);
  });
}

test('a state of other variables, or too few gradients, is refused', () => {
  const adam = new Adam(givenVariables());
  assert.throws(() => adam.restore([new Float32Array(1)]), /expected arrays of 1,21,21,7,7,2,2 numbers, got 1/);
  assert.throws(() => adam.step([], 0.1), /expected 3 tensors, got 0/);
});

test.run();
