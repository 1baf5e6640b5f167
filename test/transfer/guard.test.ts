import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Comparisons, judge, judgeTarget } from '../../src/transfer/guard.ts';

const over = (ratio: number, low = ratio, high = ratio) => ({ ratio, ci95: [low, high] as [number, number] });
const compared = (change: Partial<Comparisons> = {}): Comparisons => ({
  before: over(0.1, 0.05, 0.2),
  scratch: over(0.8, 0.6, 1.1),
  flightMean: over(0.9, 0.7, 1.2),
  ...change,
});
const source = (before: number, after: number) => [
  { task: 'hover', episodes: 500, before: { successRate: before }, after: { successRate: after } },
];

test('less error and nothing forgotten is positive', () => {
  assert.is(judge(compared(), source(1, 0.98)).verdict, 'positive');
  assert.is(judge(compared(), source(0.9, 1)).verdict, 'positive');
});

test('no less error on flights it never saw is negative', () => {
  const { verdict, reason } = judge(compared({ before: over(1, 0.9, 1.1) }), source(1, 1));
  assert.is(verdict, 'negative');
  assert.match(reason, /did not fall: 1.00 \[0.90, 1.10\] times/);
  assert.is(judge(compared({ before: over(Number.NaN) }), source(1, 1)).verdict, 'negative');
});

test('less error that may be luck is neutral', () => {
  const { verdict, reason } = judge(compared({ before: over(0.9, 0.7, 1.05) }), source(1, 1));
  assert.is(verdict, 'neutral');
  assert.match(reason, /not clearly/);
});

test('one held-out flight makes nothing clear: neutral at best, negative only where the error did not fall', () => {
  const one = (ratio: number) => ({ ratio, ci95: null });
  const alone = (before: number) => ({ before: one(before), scratch: one(3), flightMean: one(2) });
  const { verdict, reason } = judge(alone(0.075), source(1, 1));
  assert.is(verdict, 'neutral');
  assert.is(
    reason,
    'the error on held-out flights fell, 0.075 times the one before, but one held-out flight tells no interval',
  );
  assert.is(judge(alone(0.9), source(1, 1)).verdict, 'neutral');
  assert.is(judge(alone(1.1), source(1, 1)).verdict, 'negative');
  assert.is(judge(alone(0.075), source(1, 0.9)).verdict, 'negative');
});

test('five points of success lost are negative, three are neutral', () => {
  const { verdict, reason } = judge(compared(), source(0.95, 0.9));
  assert.is(verdict, 'negative');
  assert.is(reason, 'success in hover fell from 95.0 % to 90.0 %');
  assert.is(judge(compared(), source(1, 0.97)).verdict, 'neutral');
});

test('clearly worse than learning from the flights alone is neutral, and than a constant too negative, unless more was gained', () => {
  const worse = over(1.5, 1.2, 2);
  const little = over(0.8, 0.7, 0.9); // 1.25 times better than before, 1.5 times worse than they
  assert.is(judge(compared({ scratch: worse }), source(1, 1)).verdict, 'neutral');
  assert.is(judge(compared({ flightMean: worse }), source(1, 1)).verdict, 'neutral');
  assert.is(judge(compared({ before: little, scratch: worse }), source(1, 1)).verdict, 'neutral');
  assert.is(judge(compared({ before: little, scratch: worse, flightMean: worse }), source(1, 1)).verdict, 'negative');
  assert.is(
    judge(compared({ before: little, scratch: worse, flightMean: over(1.2, 1.1, 1.3) }), source(1, 1)).verdict,
    'negative',
  );
  const ten = judge(compared({ scratch: worse, flightMean: worse }), source(1, 1));
  assert.is(ten.verdict, 'neutral', 'ten times better than before');
  assert.match(ten.reason, /alone; .*mean command/);
  const [score] = source(1, 1);
  const told = judge(compared({ scratch: worse }), [{ ...score, scratch: { successRate: 0.012 } }]);
  assert.match(told.reason, /the flights alone \(which flies 1\.2 % of hover\)/);
});

const flown = (before: number, after: number, rmse: [number, number] = [1, 1]) => ({
  task: 'track',
  episodes: 500,
  before: { successRate: before, positionRmseM: rmse[0] },
  after: { successRate: after, positionRmseM: rmse[1] },
});

test('in simulation: a target flown better is positive, no better is negative, by a little is neutral', () => {
  const kept = source(1, 1);
  assert.is(judgeTarget(flown(0.5, 0.7), kept).verdict, 'positive');
  assert.is(judgeTarget(flown(0.5, 0.5), kept).verdict, 'negative');
  assert.is(judgeTarget(flown(0.5, 0.4), kept).verdict, 'negative');
  // one standard error of the difference at 500 episodes is 0.032
  assert.is(judgeTarget(flown(0.5, 0.53), kept).verdict, 'neutral');
  assert.is(judgeTarget(flown(0.5, 0.57), kept).verdict, 'positive');
});

test('in simulation: a path followed closer counts, but only where it is flown at all', () => {
  assert.is(judgeTarget(flown(1, 1, [0.1, 0.08]), source(1, 1)).verdict, 'positive');
  assert.is(judgeTarget(flown(0, 0, [2.4, 2.2]), source(1, 1)).verdict, 'negative');
});

test('in simulation: what is forgotten of an earlier task counts as elsewhere', () => {
  assert.is(judgeTarget(flown(0.2, 0.9), source(1, 0.94)).verdict, 'negative');
  assert.is(judgeTarget(flown(0.2, 0.9), source(1, 0.97)).verdict, 'neutral');
});

test.run();
