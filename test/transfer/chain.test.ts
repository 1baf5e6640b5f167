import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeArtifact, encodeArtifact } from '../../policies/artifact.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import { anchorsOf } from '../../src/transfer/anchors.ts';
import { chainOf, tasksOf, transferOf } from '../../src/transfer/chain.ts';
import { givenPolicy, givenVehicle, near } from '../given.ts';

const vehicle = givenVehicle();
const heavy = givenVehicle('crazyflie', { name: 'heavy', mass_kg: 0.035 });

test('average, backward and forward transfer of a matrix done by hand', () => {
  const success = [
    [0.9, 0.5, 0.1],
    [0.8, 0.9, 0.3],
    [0.7, 0.95, 1],
  ];
  const { average, backward, forward } = transferOf(success, [0, 1, 2], [0, 0.1, 0.1]);
  near(average, (0.7 + 0.95 + 1) / 3, 1e-12);
  near(backward!, (0.7 - 0.9 + 0.95 - 0.9) / 2, 1e-12);
  near(forward!, (0.5 - 0.1 + 0.3 - 0.1) / 2, 1e-12);
});

test('a second stage on the same vehicle adds no task: it can only keep', () => {
  const stages = [0, 8].map((flights) => ({ tasks: ['hover'], vehicle, flights }));
  const tasks = tasksOf(stages);
  assert.equal(
    tasks.map(({ learntAt }) => learntAt),
    [0],
  );
  const { average, backward, forward } = transferOf([[1], [0.9]], [0], [0]);
  assert.equal([average, forward], [0.9, null]);
  near(backward!, -0.1, 1e-12);
});

test('vehicles are told apart by what they are, not by name', () => {
  const other = { ...heavy, name: vehicle.name };
  const stages = [vehicle, other].map((each) => ({ tasks: ['hover'], vehicle: each, flights: 0 }));
  assert.is(tasksOf(stages).length, 2);
});

const fisherOf = (value: number) =>
  mlpWeights(givenPolicy().actor).map((array) => new Float32Array(array.length).fill(value));

test('an artifact carries its chain, and EWC holds by each stage or by all together', () => {
  const policy = givenPolicy();
  policy.fisher = fisherOf(3);
  policy.contract.fisher = { tasks: ['hover'], samples: 1 };
  const stages = [vehicle, heavy].map((each, k) => ({ tasks: ['hover'], vehicle: each, flights: 5 * k }));
  const anchors = [1, 2].map((value) => ({ weights: mlpWeights(policy.actor), fisher: fisherOf(value) }));
  const chained = { ...policy, anchors, contract: { ...policy.contract, chain: stages } };
  const read = decodeArtifact(encodeArtifact(chained), 'here');
  assert.equal(read.anchors, anchors);
  assert.equal(read.contract.chain, stages);
  assert.equal(anchorsOf(read, 'separate'), anchors);
  assert.equal(anchorsOf(read, 'online'), [{ weights: mlpWeights(policy.actor), fisher: fisherOf(3) }]);
  assert.equal(
    chainOf(read, givenVehicle(), 7).stages.map(({ flights }) => flights),
    [0, 5, 7],
  );
});

test('without a chain the source policy is the only stage', () => {
  const policy = { ...givenPolicy(), fisher: fisherOf(1) };
  const { stages, anchors, tasks } = chainOf(policy, heavy, 4);
  assert.equal(
    stages.map(({ vehicle }) => vehicle.name),
    ['crazyflie', 'heavy'],
  );
  assert.is(anchors.length, 1);
  assert.equal(tasks.map(({ vehicle, learntAt }) => [vehicle.name, learntAt]), [['crazyflie', 0], ['heavy', 1]]); // biome-ignore format: short
});

test('an artifact whose anchors do not fit its chain is refused', () => {
  const policy = givenPolicy();
  const stages = [vehicle, heavy].map((each) => ({ tasks: ['hover'], vehicle: each, flights: 0 }));
  const files = encodeArtifact({ ...policy, contract: { ...policy.contract, chain: stages } });
  assert.throws(() => decodeArtifact(files, 'here'), /anchors.bin is missing/);
  assert.throws(
    () => decodeArtifact({ ...files, 'anchors.bin': files['weights.bin'] }, 'here'),
    /anchors.bin: expected \d+ bytes/,
  );
});

test.run();
