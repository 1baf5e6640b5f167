import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_OBSERVATION } from '../../envs/observation.ts';
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { Rng } from '../../envs/rng.ts';
import { VectorEnv, type VectorEnvOptions } from '../../envs/vector-env.ts';
import { BlockEnvs } from '../../src/learn/block-envs.ts';
import { type Block, Blocks, blockCount, largestBlock } from '../../src/learn/blocks.ts';
import { readVehicle } from '../../src/vehicle-file.ts';

const ENVS = 37;

function givenBlocks(threads: number): Blocks {
  const blocks = new Blocks({ N: ENVS, stateBytes: 100, threads });
  blocks.begin();
  return blocks;
}

function taken(blocks: Blocks, thread: number): Block[] {
  const all: Block[] = [];
  for (let block = blocks.take(thread); block; block = blocks.take(thread)) all.push(block);
  return all;
}

/** The environments of some blocks, in order. */
const environments = (blocks: Block[]) =>
  blocks.flatMap(({ first, n }) => Array.from({ length: n }, (_, i) => first + i)).sort((a, b) => a - b);

const allOf = Array.from({ length: ENVS }, (_, i) => i);

for (const threads of [1, 2, 3, 8])
  test(`${threads} threads that take turns fly every environment once`, () => {
    const blocks = givenBlocks(threads);
    const flown: Block[] = [];
    for (let idle = 0, k = 0; idle < threads; k = (k + 1) % threads) {
      const block = blocks.take(k);
      if (block) flown.push(block);
      idle = block ? 0 : idle + 1;
    }
    assert.equal(environments(flown), allOf);
    blocks.begin();
    assert.equal(environments(taken(blocks, 0)), allOf, 'the next rollout');
  });

test('a thread begins with its own blocks, and flies those of one that does not come', () => {
  const blocks = givenBlocks(2);
  const own = blocks.own(1).map(({ first }) => first);
  const all = taken(blocks, 1).map(({ first }) => first);
  assert.equal(all.slice(0, own.length), own);
  assert.is(all.length, blockCount(ENVS));
  assert.ok(own.length < all.length);
});

test('states of blocks overlap nowhere and keep what was written', () => {
  const blocks = givenBlocks(2);
  for (const { first, state } of taken(blocks, 0)) state.fill(first + 1);
  const saved = blocks.save();
  blocks.begin();
  for (const { first, state } of taken(blocks, 1)) {
    assert.ok(state.every((byte) => byte === first + 1));
    state.fill(0);
  }
  blocks.restore(saved);
  assert.equal(blocks.save(), saved);
  assert.throws(() => blocks.restore(saved.subarray(1)), /states of environments: expected \d+ bytes, got \d+/);
});

test('one set of environments that stands for all blocks in turn goes through what all at once go through', () => {
  const options: VectorEnvOptions = {
    task: 'waypoint',
    vehicle: readVehicle('crazyflie'),
    randomisation: DEFAULT_RANDOMISATION,
    actions: 'motors',
    n: ENVS,
    seed: 3,
    observation: { ...DEFAULT_OBSERVATION, rate_Hz: 100, nominalVoltage_V: 3.7 },
  };
  const whole = new VectorEnv(options);
  const opened = new Map<number, BlockEnvs>();
  const standingFor = (n: number) => {
    if (!opened.has(n)) opened.set(n, new BlockEnvs({ ...options, n }, 0));
    return opened.get(n)!;
  };
  const { stateBytes } = standingFor(largestBlock(ENVS));
  const blocks = new Blocks({ N: ENVS, stateBytes, threads: 1 });
  for (const { first, n, state } of blocks.own(0)) {
    standingFor(n).begin(first);
    standingFor(n).save(state);
  }
  const actions = new Float32Array(4 * ENVS);
  for (let rollout = 0; rollout < 3; rollout++) {
    const drawn = Array.from({ length: 20 }, (_, t) => {
      const rng = new Rng(rollout, t);
      return actions.map(() => rng.uniform(-1, 1));
    });
    for (const each of drawn) whole.step(each);
    blocks.begin();
    for (const { first, n, state } of taken(blocks, 0)) {
      const envs = standingFor(n);
      envs.restore(first, state);
      for (const each of drawn) envs.env.step(each.subarray(4 * first, 4 * (first + n)));
      envs.save(state);
      const { obsSize } = whole;
      const seen = whole.obs.slice(first * obsSize, (first + n) * obsSize);
      assert.ok(seen.every((value) => Number.isFinite(value)));
      assert.ok(Buffer.from(envs.env.obs.buffer).equals(Buffer.from(seen.buffer)), `from ${first} on`);
    }
  }
});

test.run();
