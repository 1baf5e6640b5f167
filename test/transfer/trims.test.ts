import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutTrims } from '../../src/transfer/trims.ts';
import { near } from '../given.ts';

/** Three flights of different length with a trim each in the second motor, and what varies within them. */
const lengths = [2, 3, 5];
const trims = [-0.3, 0, 0.6];
const starts = [0, 2, 5, 10];
const flightOf = lengths.flatMap((n, f) => Array(n).fill(f));
const policy = Float32Array.from({ length: 40 }, (_, k) => Math.sin(k));
const flown = { obs: new Float32Array(0), actions: policy, starts };
const logged = policy.map((action, k) => action + 0.1 + (k % 4 === 1 ? trims[flightOf[k >> 2]] : 0));

test('all of the trims is taken out, and what all flights have in common stays', () => {
  const rest = withoutTrims(logged, flown, 1);
  rest.forEach((action, k) => {
    near(action - policy[k], 0.1 + (k % 4 === 1 ? (-0.3 + 0 + 0.6) / 3 : 0), 1e-6); // each flight counts alike
  });
});

test('a share of them leaves the rest', () => {
  const half = withoutTrims(logged, flown, 0.5);
  const whole = withoutTrims(logged, flown, 1);
  half.forEach((action, k) => {
    near(action, (logged[k] + whole[k]) / 2, 1e-6);
  });
  assert.equal(withoutTrims(logged, flown, 0), logged);
});

test('with one flight nothing is left out: its trim is all that is known', () => {
  const alone = { ...flown, starts: [0, 10] };
  withoutTrims(logged, alone, 1).forEach((action, k) => {
    near(action, logged[k], 1e-6);
  });
});

test.run();
