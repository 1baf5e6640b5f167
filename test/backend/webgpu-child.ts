// Started by webgpu.test.ts: what WebGPU and the cpu backend make of the same training step, as one line of JSON.
import * as tf from '@tensorflow/tfjs';
import { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import { denseStack } from '../../policies/dense-stack.ts';
import { createMlp, mlpWeights } from '../../policies/mlp.ts';
import { activateBackend } from '../../src/backend/activate.ts';
import { probeBackend } from '../../src/backend/select.ts';

const SIZES = [5, 8, 8, 3];
const mlp = createMlp(SIZES, new Rng(1));

async function trainingStep(): Promise<{ gradients: number[]; after: number[]; norm: number }> {
  const weights = mlpWeights(mlp).map((array, i) =>
    tf.variable(tf.tensor(array, i % 2 ? [SIZES[(i + 1) / 2]] : [SIZES[i / 2], SIZES[i / 2 + 1]])),
  );
  const rng = new Rng(2);
  const x = tf.tensor2d(
    Float32Array.from({ length: 20 }, () => rng.normal()),
    [4, 5],
  );
  const { value, grads } = tf.variableGrads(() => denseStack(x, weights).square().mean().asScalar(), weights);
  const tensors = weights.map(({ name }) => grads[name]);
  const gradients = (await Promise.all([value, ...tensors].map((tensor) => tensor.data()))).flatMap((data) => [
    ...data,
  ]);
  const adam = new Adam(weights);
  const returned = adam.step(tensors, 0.01, 0.1);
  const after = (await Promise.all(weights.map((weight) => weight.data()))).flatMap((data) => [...data]);
  return { gradients, after, norm: Number.isNaN(returned) ? await adam.gradNorm() : returned };
}

const probe = await probeBackend('webgpu');
let answer: object = { probe };
if (probe.available) {
  await activateBackend('cpu');
  const cpu = await trainingStep();
  await activateBackend('webgpu');
  const webgpu = await trainingStep();
  const adam = { cpu: cpu.after, webgpu: webgpu.after, norm: webgpu.norm };
  answer = { probe, backend: tf.getBackend(), cpu: cpu.gradients, webgpu: webgpu.gradients, adam };
}
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
