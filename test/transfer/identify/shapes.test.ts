import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shapes } from '../../../src/transfer/identify/shapes.ts';
import { near } from '../../given.ts';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

test('shapes are orthonormal', () => {
  const all = shapes(11, 5);
  all.forEach((a, i) => {
    all.forEach((b, j) => {
      near(dot(a, b), i === j ? 1 : 0, 1e-12, `${i}·${j}`);
    });
  });
});

test('a constant torque shows in degree 1 alone: a parabola has no part above degree 2', () => {
  const [, line, bend, cubic] = shapes(21, 4);
  const slope = Array.from({ length: 21 }, (_, s) => 3 + 0.7 * s);
  near(dot(bend, slope), 0, 1e-10);
  near(dot(line, slope), 0.7 * Math.sqrt((21 * (21 ** 2 - 1)) / 12), 1e-9); // n(n²−1)/12: the sum of squares about the middle
  const parabola = slope.map((_, s) => s * s);
  near(dot(cubic, parabola), 0, 1e-9);
  assert.ok(Math.abs(dot(bend, parabola)) > 1);
});

test.run();
