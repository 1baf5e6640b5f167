import * as tf from '@tensorflow/tfjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { Rng } from '../../envs/rng.ts';
import { type ArtifactFiles, decodeArtifact, encodeArtifact } from '../../policies/artifact.ts';
import { MlpInference } from '../../policies/inference.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import { givenPolicy, near } from '../given.ts';

const policy = givenPolicy({ seed: 5 });

/** JSON that a test breaks on purpose. */
// biome-ignore lint/suspicious/noExplicitAny: the edits go against the types
type Loose = any;

/** The artifact with one file's JSON changed. */
function changed(file: string, edit: (data: Loose) => void): ArtifactFiles {
  const files = { ...encodeArtifact(policy) };
  const data = JSON.parse(new TextDecoder().decode(files[file]));
  edit(data);
  files[file] = new TextEncoder().encode(JSON.stringify(data));
  return files;
}

function refused(pattern: RegExp, files: ArtifactFiles): void {
  assert.throws(
    () => decodeArtifact(files, 'my-policy'),
    (error: Error) => error instanceof InputError && pattern.test(error.message),
  );
}

test('an artifact gives back the policy that it was made of, bit for bit', () => {
  const read = decodeArtifact(encodeArtifact(policy), 'x');
  assert.equal(read.contract, policy.contract);
  assert.equal(mlpWeights(read.actor), mlpWeights(policy.actor));
});

test('TF.js itself loads the model and computes the same', async () => {
  await tf.setBackend('cpu');
  const files = encodeArtifact(policy);
  const model = JSON.parse(new TextDecoder().decode(files['model.json']));
  const loaded = await tf.loadLayersModel({
    load: async () => ({
      modelTopology: model.modelTopology,
      weightSpecs: model.weightsManifest[0].weights,
      weightData: files['weights.bin'].slice().buffer,
    }),
  });
  const O = policy.contract.observation.size;
  const rng = new Rng(1);
  const x = Float32Array.from({ length: 3 * O }, () => rng.normal());
  const out = new Float32Array(3 * 4);
  new MlpInference(policy.actor, 3).run(x, 3, out);
  const expected = (loaded.predict(tf.tensor2d(x, [3, O])) as tf.Tensor).dataSync();
  out.forEach((value, i) => near(value, expected[i], 1e-5));
});

test('a mismatch is refused by the name of its field', () => {
  refused(
    /my-policy\/policy\.json: observation\.fields\[1\]\.name: expected velocity .*got speed/,
    changed('policy.json', (p) => (p.observation.fields[1].name = 'speed')),
  );
  refused(
    /observation\.fields\[1\]\.unit: expected m\/s .*got km\/h/,
    changed('policy.json', (p) => (p.observation.fields[1].unit = 'km/h')),
  );
  refused(
    /frames\.world/,
    changed('policy.json', (p) => (p.frames.world = 'NED')),
  );
  refused(
    /rate_Hz: expected 50, got 100/,
    changed('policy.json', (p) => (p.observation.spec.rate_Hz = 50)),
  );
  refused(
    /observation\.normaliser\.std\.length/,
    changed('policy.json', (p) => p.observation.normaliser.std.pop()),
  );
  refused(
    /network\.sizes\[0\]/,
    changed('policy.json', (p) => (p.network.sizes[0] = 7)),
  );
  refused(
    /motorOrder/,
    changed('policy.json', (p) => p.motorOrder.pop()),
  );
  refused(
    /action\.mode/,
    changed('policy.json', (p) => (p.action.mode = 'pwm')),
  );
  refused(
    /version/,
    changed('policy.json', (p) => (p.version = 2)),
  );
  refused(
    /model\.json: layers\[0\]: .*got 64 relu/,
    changed('model.json', (m) => (m.modelTopology.model_config.config.layers[0].config.activation = 'relu')),
  );
});

test('missing, short and broken files are refused', () => {
  const { 'weights.bin': weights, ...others } = encodeArtifact(policy);
  refused(/weights\.bin is missing/, others);
  refused(/weights\.bin: expected \d+ bytes/, { ...others, 'weights.bin': weights.slice(0, 100) });
  refused(/weights\.bin: expected finite numbers/, { ...others, 'weights.bin': weights.map(() => 255) });
  refused(/policy\.json: expected JSON/, {
    ...others,
    'weights.bin': weights,
    'policy.json': new TextEncoder().encode('{'),
  });
});

test.run();
