import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judge } from '../../src/transfer/guard.ts';

const real = (before: number, after: number) => ({ before: { actionMse: before }, after: { actionMse: after } });
const source = (before: number, after: number) => [
  { task: 'hover', episodes: 500, before: { successRate: before }, after: { successRate: after } },
];

test('less error and little forgotten is accepted', () => {
  assert.ok(judge(real(0.01, 0.001), source(1, 0.96)).accepted);
  assert.ok(judge(real(0.01, 0.001), source(0.9, 1)).accepted);
});

test('no less error on flights it never saw is refused', () => {
  assert.match(judge(real(0.001, 0.001), source(1, 1)).reason, /did not fall: 0.00100 before/);
  assert.not(judge(real(0.001, Number.NaN), source(1, 1)).accepted);
});

test('five points of success lost are refused', () => {
  const { accepted, reason } = judge(real(0.01, 0.001), source(0.95, 0.9));
  assert.not(accepted);
  assert.is(reason, 'success in hover fell from 95.0 % to 90.0 %');
});

test.run();
