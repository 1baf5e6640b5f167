import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gapsAndRate } from '../../../src/telemetry/logs/index.ts';
import { near } from '../../given.ts';

test('an even topic has its rate and no gaps', () => {
  const { rateHz, gaps } = gapsAndRate(Float64Array.from({ length: 101 }, (_, i) => i / 100));
  near(rateHz, 100, 1e-6);
  assert.is(gaps, 0);
});

test('intervals over three times the median are gaps, those of just three are not', () => {
  const intervals = [1, 1, 1, 3, 1, 3.1, 1, 50, 1];
  const time = Float64Array.from([0, ...intervals].map((_, i) => intervals.slice(0, i).reduce((a, b) => a + b, 0)));
  const { rateHz, gaps } = gapsAndRate(time);
  assert.is(rateHz, 1);
  assert.is(gaps, 2);
});

test('a gap does not change the rate', () => {
  const time = Float64Array.from([0, 1, 2, 1000, 1001, 1002]);
  assert.equal(gapsAndRate(time), { rateHz: 1, gaps: 1 });
});

test('fewer than two samples have no rate', () => {
  assert.equal(gapsAndRate(new Float64Array(0)), { rateHz: 0, gaps: 0 });
  assert.equal(gapsAndRate(Float64Array.of(7)), { rateHz: 0, gaps: 0 });
});

test.run();
