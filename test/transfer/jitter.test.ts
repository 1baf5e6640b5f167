import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jitterScales } from '../../src/transfer/jitter.ts';
import { near } from '../given.ts';

const fields = ['velocity', 'rates'].map((name) => ({ name, size: 1 }));
// first field 1, 3, 5, 7: mean 4, variance 5; the second stands still
const obs = Float32Array.from([1, 9, 3, 9, 5, 9, 7, 9]);

test('is each field’s spread along the flights, less the more flights there are', () => {
  const [moving, still] = jitterScales(fields, obs, 4, 4, 3);
  near(moving, 1.5 * Math.sqrt(5), 1e-6);
  assert.is(still, 0);
});

test('fields that a flight hardly moves have a spread all the same', () => {
  const slow = ['battery', 'action_1', 'action_average_0.5s', 'gravity'].map((name) => ({ name, size: 1 }));
  const scales = jitterScales(slow, Float32Array.of(-2, 0.1, 0.1, 0.1, -2.1, 0.1, 0.1, 0.1), 2, 4, 2);
  [1, 0.5, 0.5, 0].forEach((expected, k) => {
    near(scales[k], expected, 1e-6);
  });
});

test.run();
