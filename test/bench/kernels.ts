// Speed of the dense kernels: a training step of 24→64→64→4 on one core, then inference.
// Run: node --import tsx test/bench/kernels.ts
import * as tf from '@tensorflow/tfjs';
import { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import { stackBackward, stackForward, denseStack, wasmData } from '../../policies/dense-stack.ts';
import { backwardOps, forwardOps } from '../../policies/dense-stack-ops.ts';
import { MlpInference } from '../../policies/inference.ts';
import { createMlp, mlpWeights } from '../../policies/mlp.ts';
import { kernelBytes } from '../../src/backend/kernels.ts';
import { selectBackend } from '../../src/backend/index.ts';

const SIZES = [24, 64, 64, 4];
const SECONDS = 3;

/** Calls of `f` in a second: the fastest of many stretches of two calls, as other programs only ever slow one down. */
function callsPerSecond(f: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + 1000 * SECONDS;
  while (performance.now() < end) {
    const start = performance.now();
    f();
    f();
    best = Math.min(best, performance.now() - start);
  }
  return 2000 / best;
}

function report(what: string, samplesPerSecond: number): void {
  console.log(`${what.padEnd(64)} ${(samplesPerSecond / 1e6).toFixed(2).padStart(7)} M samples/s`);
}

await selectBackend('wasm');
const rng = new Rng(1);
const mlp = createMlp(SIZES, rng);
for (const n of [256, 512, 2048]) {
  const weights = mlpWeights(mlp).map((array, i) => {
    const l = i >> 1;
    return tf.variable(tf.tensor(array, i % 2 ? [SIZES[l + 1]] : [SIZES[l], SIZES[l + 1]]));
  });
  const adam = new Adam(weights);
  const x = tf.randomNormal<tf.Rank.R2>([n, SIZES[0]], 0, 1, 'float32', 1);
  const target = tf.randomNormal<tf.Rank.R2>([n, 4], 0, 1, 'float32', 2);
  const closedForm = () => {
    tf.tidy(() => {
      const { output, hidden } = stackForward(x, weights);
      const y = wasmData(output);
      const t = wasmData(target);
      for (let i = 0; i < y.length; i++) y[i] = (2 * (y[i] - t[i])) / y.length;
      adam.step(stackBackward(output, x, weights, hidden), 1e-4);
    });
  };
  const taped = () => {
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => denseStack(x, weights).sub(target).square().mean().asScalar(), weights);
      adam.step(
        weights.map(({ name }) => grads[name]),
        1e-4,
      );
    });
  };
  const ordinary = () => {
    tf.tidy(() => {
      const { output, hidden } = forwardOps(x, weights);
      adam.step(backwardOps(output.sub(target), x, weights, hidden, false), 1e-4);
    });
  };
  report(`forward + backward + Adam, loss in closed form, batch ${n}`, n * callsPerSecond(closedForm));
  report(`forward + backward + Adam, TF.js's gradient tape, batch ${n}`, n * callsPerSecond(taped));
  report(`the same by TF.js's own wasm operations, batch ${n}`, n * callsPerSecond(ordinary));
}
for (const bytes of [kernelBytes(), undefined]) {
  const n = 128;
  const inference = new MlpInference(mlp, n, bytes);
  for (let i = 0; i < inference.input.length; i++) inference.input[i] = rng.normal();
  const run = () => inference.run(inference.input, n, inference.output);
  report(`inference, ${bytes ? 'kernels' : 'plain JavaScript'}, batch ${n}`, n * callsPerSecond(run));
}
