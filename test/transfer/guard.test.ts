import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Comparisons, judge } from '../../src/transfer/guard.ts';

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

test('five points of success lost are negative, three are neutral', () => {
  const { verdict, reason } = judge(compared(), source(0.95, 0.9));
  assert.is(verdict, 'negative');
  assert.is(reason, 'success in hover fell from 95.0 % to 90.0 %');
  assert.is(judge(compared(), source(1, 0.97)).verdict, 'neutral');
});

test('clearly worse than learning from the flights alone is neutral, and than a constant too negative', () => {
  const worse = over(1.5, 1.2, 2);
  assert.is(judge(compared({ scratch: worse }), source(1, 1)).verdict, 'neutral');
  assert.is(judge(compared({ flightMean: worse }), source(1, 1)).verdict, 'neutral');
  assert.is(judge(compared({ scratch: worse, flightMean: worse }), source(1, 1)).verdict, 'negative');
});

test.run();
