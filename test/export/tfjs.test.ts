import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as tf from '@tensorflow/tfjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { parseContract } from '../../policies/contract.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { layersModelFiles } from '../../src/export/tfjs.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { near } from '../given.ts';
import { givenPolicyOf } from './given-export.ts';

/** The model as a page loads it: by its address. */
async function loaded(policy: Policy): Promise<tf.LayersModel> {
  const files = layersModelFiles(policy);
  const server = createServer(({ url }, response) => response.end(files[url!.slice(1)]));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    return await tf.loadLayersModel(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`);
  } finally {
    server.close();
  }
}

const policies: [string, Policy][] = [
  ['hover-motors', readPolicy('hover-motors')],
  ['forest-motors', readPolicy('forest-motors')],
  ['waypoint-ctbr', readPolicy('waypoint-ctbr')],
  ['a policy with a narrow normaliser', givenPolicyOf({}, 'motors', [9, 6])],
  ['a policy without hidden layers', givenPolicyOf({}, 'motors', [])],
];
for (const [name, policy] of policies)
  test(`TensorFlow.js loads ${name} and computes what Windhover computes`, async () => {
    await tf.setBackend('cpu');
    const { mean, std } = policy.contract.observation.normaliser;
    const [n, O] = [40, mean.length];
    const rng = new Rng(9);
    const far = () => (rng.uniform() < 0.1 ? 20 : 1); // beyond what the normaliser lets through
    const obs = Float32Array.from({ length: n * O }, (_, i) => mean[i % O] + std[i % O] * rng.normal() * far());
    const input = new Float32Array(n * O);
    const expected = new Float32Array(n * 4);
    normalise(policy.contract.observation.normaliser, obs, n, input);
    new MlpInference(policy.actor, n).run(input, n, expected);
    const model = await loaded(policy);
    const actual = (model.predict(tf.tensor2d(obs, [n, O])) as tf.Tensor).dataSync();
    // the detour by x + clip rounds each input to 1e-6
    actual.forEach((action, i) => near(action, Math.min(1, Math.max(-1, expected[i])), 4e-6, `action ${i}`));
    assert.ok(actual.some((action) => Math.abs(action) === 1) && actual.some((action) => Math.abs(action) < 0.9));
    model.dispose();
  });

test('the contract lies beside it, whole', () => {
  const policy = readPolicy('hover-ctbr');
  const { 'contract.json': bytes } = layersModelFiles(policy);
  assert.equal(parseContract(JSON.parse(new TextDecoder().decode(bytes)), 'contract.json'), policy.contract);
});

test.run();
