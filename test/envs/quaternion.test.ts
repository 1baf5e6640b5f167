import { test } from 'uvu';
import { fromAxisAngle, multiply, normalise, rotate, rotateInverse, tiltOf, yawOf } from '../../envs/quaternion.ts';
import { near } from '../given.ts';

const quarter = Math.PI / 2;
const about = (x: number, y: number, z: number, angle: number) => fromAxisAngle(x, y, z, angle, [0, 0, 0, 1]);

function nearVector(actual: number[], expected: number[]): void {
  expected.forEach((value, k) => near(actual[k], value, 1e-12, `component ${k}`));
}

test('a quarter turn about z takes east to north', () => {
  nearVector(rotate(about(0, 0, 1, quarter), [1, 0, 0], [0, 0, 0]), [0, 1, 0]);
  nearVector(rotateInverse(about(0, 0, 1, quarter), [0, 1, 0], [0, 0, 0]), [1, 0, 0]);
});

test('a product turns by its second factor first', () => {
  const both = multiply(about(0, 0, 1, quarter), about(1, 0, 0, quarter), [0, 0, 0, 1]);
  // z goes to −y about x, then −y to x about z
  nearVector(rotate(both, [0, 0, 1], [0, 0, 0]), [1, 0, 0]);
});

test('output may be the input', () => {
  const v = [1, 2, 3];
  const q = normalise([0.1, -0.2, 0.3, 0.9]);
  const turned = rotate(q, v, [0, 0, 0]);
  nearVector(rotate(q, v, v), turned);
  nearVector(rotateInverse(q, v, v), [1, 2, 3]);
});

test('tilt and yaw of a heading that is then tilted', () => {
  const q = multiply(about(0, 0, 1, 2), about(0, 1, 0, 0.4), [0, 0, 0, 1]);
  near(tiltOf(q), 0.4, 1e-12);
  near(yawOf(q), 2, 1e-12);
  near(tiltOf(about(1, 0, 0, Math.PI)), Math.PI, 1e-7);
});

test.run();
