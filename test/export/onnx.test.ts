import { InferenceSession, Tensor, env } from 'onnxruntime-web';
import protobuf from 'protobufjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { modelBytes } from '../../src/export/onnx.ts';
import { integer, joined, message, text } from '../../src/export/protobuf.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { near } from '../given.ts';
import { givenPolicyOf } from './given-export.ts';

env.wasm.numThreads = 1;

/** Observations `[n, O]` of which some lie beyond what the normaliser lets through. */
function givenObservations({ contract }: Policy, n: number): Float32Array {
  const { mean, std } = contract.observation.normaliser;
  const rng = new Rng(3);
  return Float32Array.from({ length: n * mean.length }, (_, i) => {
    const k = i % mean.length;
    return mean[k] + std[k] * rng.normal() * (rng.uniform() < 0.1 ? 20 : 1);
  });
}

/** What Windhover makes of observations: actions `[n, 4]` in [-1, 1]. */
function actionsOf({ contract, actor }: Policy, obs: Float32Array, n: number): Float32Array {
  const input = new Float32Array(obs.length);
  const actions = new Float32Array(4 * n);
  normalise(contract.observation.normaliser, obs, n, input);
  new MlpInference(actor, n).run(input, n, actions);
  return actions.map((action) => Math.min(1, Math.max(-1, action)));
}

async function runtimeActions(policy: Policy, obs: Float32Array, n: number): Promise<Float32Array> {
  const session = await InferenceSession.create(modelBytes(policy));
  assert.equal([session.inputNames, session.outputNames], [['obs'], ['action']]);
  const { action } = await session.run({ obs: new Tensor('float32', obs, [n, obs.length / n]) });
  assert.equal(action.dims, [n, 4]);
  await session.release();
  return action.data as Float32Array;
}

const policies: [string, Policy][] = [
  ['hover-motors', readPolicy('hover-motors')],
  ['waypoint-ctbr', readPolicy('waypoint-ctbr')],
  ['forest-motors, with beams', readPolicy('forest-motors')],
  ['one with a narrow normaliser and odd layers', givenPolicyOf({ goalVelocity: true }, 'motors', [13, 5])],
  ['one without hidden layers', givenPolicyOf({}, 'ctbr', [])],
];
for (const [name, policy] of policies)
  test(`ONNX Runtime computes what Windhover computes: ${name}`, async () => {
    for (const n of [1, 17]) {
      const obs = givenObservations(policy, n);
      const expected = actionsOf(policy, obs, n);
      const actual = await runtimeActions(policy, obs, n);
      // floats in both, summed in another order
      actual.forEach((action, i) => near(action, expected[i], 2e-6, `action ${i} of ${n} rows`));
    }
    const many = actionsOf(policy, givenObservations(policy, 200), 200);
    assert.ok(many.some((action) => Math.abs(action) === 1) && many.some((action) => Math.abs(action) < 0.9));
  });

/** As much of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 as is looked at here. */
const schema = protobuf.parse(`
  syntax = "proto3";
  message ModelProto {
    int64 ir_version = 1; string producer_name = 2; string producer_version = 3; string doc_string = 6;
    GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14;
  }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message StringStringEntryProto { string key = 1; string value = 2; }
  message GraphProto { repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
  message ValueInfoProto { string name = 1; string doc_string = 3; }
`).root;

test('another reader finds the whole contract in it, and what the fields are', () => {
  const { contract, actor } = readPolicy('track-motors');
  // biome-ignore lint/suspicious/noExplicitAny: what protobufjs decodes has no types
  const model: any = schema.lookupType('ModelProto').decode(modelBytes({ contract, actor }));
  const facts = new Map<string, string>(
    model.metadataProps.map((each: { key: string; value: string }) => [each.key, each.value]),
  );
  assert.equal(JSON.parse(facts.get('contract')!), contract);
  assert.is(facts.get('rate_Hz'), '100');
  assert.is(facts.get('fields')!.split('\n').length, contract.observation.fields.length);
  assert.match(facts.get('fields')!, /^53-55 +goal_velocity +body, m\/s: velocity of the goal/m);
  assert.is(model.graph.input[0].docString.includes(facts.get('fields')!), true);
  assert.is(model.graph.output[0].docString, contract.action.meaning);
  assert.equal([Number(model.irVersion), Number(model.opsetImport[0].version)], [7, 13]);
});

test('protocol buffers are encoded as their documentation says', () => {
  // the examples of https://protobuf.dev/programming-guides/encoding/
  assert.equal([...integer(1, 150)], [0x08, 0x96, 0x01]);
  assert.equal([...text(2, 'testing')], [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  assert.equal([...message(3, [integer(1, 150)])], [0x1a, 0x03, 0x08, 0x96, 0x01]);
  assert.equal([...integer(16, 0)], [0x80, 0x01, 0x00]); // a key of two bytes
  assert.equal([...integer(1, 2 ** 40)], [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]); // beyond 32 bits
  assert.equal([...text(1, 'ü')], [0x0a, 0x02, 0xc3, 0xbc]);
  assert.equal([...joined([integer(1, 1), integer(2, 2)])], [8, 1, 16, 2]);
  assert.throws(() => integer(1, -1), /whole number of at least 0, got -1/);
});

test.run();
