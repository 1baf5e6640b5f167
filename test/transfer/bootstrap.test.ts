import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { errorRatio, ratioText } from '../../src/transfer/bootstrap.ts';
import { near } from '../given.ts';

const errors = (...squares: number[]) => squares.map((each) => ({ squares: each, n: 10 }));

test('the ratio is that of all samples together', () => {
  const { ratio } = errorRatio(errors(1, 3), errors(4, 4), new Rng(1));
  near(ratio, 0.5, 1e-12);
});

test('flights that agree leave no doubt, and one flight gives no interval', () => {
  assert.equal(errorRatio(errors(1, 2, 3), errors(2, 4, 6), new Rng(1)).ci95, [0.5, 0.5]);
  const one = errorRatio(errors(3), errors(2), new Rng(1));
  assert.equal(one, { ratio: 1.5, ci95: null });
  assert.is(ratioText(one), '1.50 [one flight: no interval]');
  assert.is(ratioText({ ratio: 0.5, ci95: [0.4, 0.61] }), '0.50 [0.40, 0.61]');
});

/** Errors x_i of N(1, 0.2²) over a constant 1: the ratio is the mean of x, whose 95 % interval is ± 1.96 · 0.2/√F. */
test('its width is that of a mean over flights', () => {
  const rng = new Rng(3);
  const F = 100;
  const ours = Array.from({ length: F }, () => ({ squares: 1 + 0.2 * rng.normal(), n: 1 }));
  const theirs = Array.from({ length: F }, () => ({ squares: 1, n: 1 }));
  const { ratio, ci95 } = errorRatio(ours, theirs, rng);
  near(ci95![1] - ratio, 1.96 * 0.02, 0.008, 'upper half');
  near(ratio - ci95![0], 1.96 * 0.02, 0.008, 'lower half');
});

test('the same flights are drawn for both: one that is hard for all widens nothing', () => {
  const { ci95 } = errorRatio(errors(1, 1, 100), errors(2, 2, 200), new Rng(1));
  assert.equal(ci95, [0.5, 0.5]);
});

test.run();
