import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Earned, estimateAdvantages } from '../../src/learn/advantages.ts';
import { near } from '../given.ts';

const gamma = 0.9;
const forever = 1 / (1 - gamma); // worth of one reward a step for ever: the geometric series

function givenRollout({ end = '', T = 5, N = 2, reward = 1, value = forever }): Earned {
  const last = (flag: boolean) => Uint8Array.from({ length: T * N }, (_, i) => (flag && i >= (T - 1) * N ? 1 : 0));
  return {
    T,
    N,
    rewards: new Float32Array(T * N).fill(reward),
    values: new Float32Array(T * N).fill(value),
    nextValues: new Float32Array(T * N).fill(value),
    terminated: last(end === 'terminated'),
    truncated: last(end === 'truncated'),
  };
}

test('a perfect critic leaves no advantage when time runs out', () => {
  for (const advantage of estimateAdvantages(givenRollout({ end: 'truncated' }), gamma, 0.95)) near(advantage, 0, 1e-5);
});

test('a crash costs all the reward that would have followed', () => {
  const [last] = estimateAdvantages(givenRollout({ end: 'terminated' }), gamma, 0.95).slice(-1);
  near(last, 1 - forever, 1e-5);
});

test('lambda 0 is the one-step error, lambda 1 the return less the value', () => {
  const ignorant = givenRollout({ value: 0, end: 'terminated' });
  for (const advantage of estimateAdvantages(ignorant, gamma, 0)) near(advantage, 1, 1e-6);
  const [first] = estimateAdvantages(ignorant, gamma, 1);
  near(first, (1 - gamma ** 5) / (1 - gamma), 1e-5); // five rewards, then the end
});

test('what follows an end is another episode', () => {
  const rollout = givenRollout({ T: 3, N: 1, value: 0 });
  rollout.terminated[1] = 1;
  rollout.rewards.set([1, 1, 100]);
  near(estimateAdvantages(rollout, gamma, 1)[0], 1 + gamma, 1e-6);
});

test('an array of another length is refused by name', () => {
  const rollout = { ...givenRollout({}), nextValues: new Float32Array(3) };
  assert.throws(
    () => estimateAdvantages(rollout, gamma, 0.95),
    /rollout\.nextValues: expected T·N = 5·2 numbers, got 3/,
  );
});

test.run();
