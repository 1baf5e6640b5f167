import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { near } from '../given.ts';

const COUNT = 400_000;

function draws(seed = 5): Float64Array {
  const out = new Float64Array(COUNT);
  new Rng(seed).normals(out, COUNT);
  return out;
}

/** Standard normal distribution function, by Simpson's rule from 0. */
function phi(x: number): number {
  const steps = 200;
  const h = x / steps;
  let sum = 0;
  for (let k = 0; k <= steps; k++) {
    const weight = k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-0.5 * (k * h) ** 2);
  }
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

test('xoshiro128** goes on from a state as its formula says', () => {
  // from state 1, 2, 3, 4, worked out by hand: rotl(2·5, 7)·9, and so on
  const rng = new Rng(0);
  rng.state.set([1, 2, 3, 4]);
  assert.equal([rng.bits(), rng.bits(), rng.bits()], [11520, 0, 5927040]);
});

test('normal deviates have the moments of the bell', () => {
  const all = draws();
  const moment = (power: number) => all.reduce((sum, x) => sum + x ** power, 0) / COUNT;
  near(moment(1), 0, 4 / Math.sqrt(COUNT));
  near(moment(2), 1, 4 * Math.sqrt(2 / COUNT));
  near(moment(3), 0, 4 * Math.sqrt(15 / COUNT));
  near(moment(4), 3, 4 * Math.sqrt(96 / COUNT));
});

test('normal deviates are spread as the bell is, everywhere', () => {
  const sorted = draws(6).sort();
  let worst = 0;
  for (let k = 0; k < COUNT; k += 97) worst = Math.max(worst, Math.abs(phi(sorted[k]) - (k + 0.5) / COUNT));
  assert.ok(worst < 1.63 / Math.sqrt(COUNT), `Kolmogorov-Smirnov distance ${worst}`); // 1 % of samples have more
});

test('the tail beyond the ziggurat is as heavy as it should be, on both sides', () => {
  const all = draws(7);
  for (const [x, side] of [3.442619855899, 3, 4].flatMap((x) => [
    [x, 1],
    [x, -1],
  ])) {
    const expected = COUNT * (1 - phi(x));
    near(all.filter((value) => side * value > x).length, expected, 4 * Math.sqrt(expected) + 1, `beyond ${side * x}`);
  }
});

test('one after the other or many at once: the same deviates, and the same bits after them', () => {
  const [one, many] = [new Rng(8), new Rng(8)];
  const out = new Float64Array(1000);
  many.normals(out, 1000);
  for (let k = 0; k < 1000; k++) assert.is(one.normal(), out[k]);
  assert.is(one.bits(), many.bits());
});

test('a deviate tells nothing of the next', () => {
  const all = draws(9);
  let product = 0;
  for (let k = 1; k < COUNT; k++) product += all[k] * all[k - 1];
  near(product / COUNT, 0, 4 / Math.sqrt(COUNT));
});

test.run();
