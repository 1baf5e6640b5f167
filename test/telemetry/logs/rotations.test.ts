import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32 } from '../../../src/telemetry/logs/crc32.ts';
import {
  enuFluFromNedFrd,
  enuFromNed,
  fluFromFrd,
  multiply,
  type Quaternion,
  quaternionFromRollPitchYaw,
} from '../../../src/telemetry/logs/rotations.ts';
import { near } from '../../given.ts';

/** Turns a vector by the rotation matrix of a quaternion, written out as in any textbook. */
function turn([x, y, z, w]: Quaternion, [a, b, c]: number[]): number[] {
  return [
    (1 - 2 * (y * y + z * z)) * a + 2 * (x * y - w * z) * b + 2 * (x * z + w * y) * c,
    2 * (x * y + w * z) * a + (1 - 2 * (x * x + z * z)) * b + 2 * (y * z - w * x) * c,
    2 * (x * z - w * y) * a + 2 * (y * z + w * x) * b + (1 - 2 * (x * x + y * y)) * c,
  ];
}

const alike = (actual: number[], expected: number[]) => {
  for (const [i, value] of expected.entries()) near(actual[i], value, 1e-12, `component ${i}`);
};

test('roll lowers the right, pitch the nose, yaw turns left, in this order about fixed axes', () => {
  const quarter = Math.PI / 2;
  alike(turn(quaternionFromRollPitchYaw(quarter, 0, 0), [0, -1, 0]), [0, 0, -1]);
  alike(turn(quaternionFromRollPitchYaw(0, quarter, 0), [1, 0, 0]), [0, 0, -1]);
  alike(turn(quaternionFromRollPitchYaw(0, 0, quarter), [1, 0, 0]), [0, 1, 0]);
  alike(turn(quaternionFromRollPitchYaw(quarter, 0, quarter), [0, 0, 1]), [1, 0, 0]);
  alike(turn(quaternionFromRollPitchYaw(0, 0.3, quarter), [0, 0, 1]), [0, Math.sin(0.3), Math.cos(0.3)]);
});

test('a vector turned in NED and FRD is the same vector turned in ENU and FLU', () => {
  const ned: Quaternion = [0.1, -0.4, 0.3, Math.sqrt(1 - 0.26)];
  const [x, y, z, w] = ned;
  const body = [0.3, -0.7, 0.2];
  const throughNed = enuFromNed(turn(ned, body));
  alike(turn(enuFluFromNedFrd([w, x, y, z]), fluFromFrd(body)), throughNed);
});

test('a product turns by its right side first', () => {
  const a = quaternionFromRollPitchYaw(0.2, 0.5, -1);
  const b = quaternionFromRollPitchYaw(-0.7, 0.1, 2);
  alike(turn(multiply(a, b), [1, 2, 3]), turn(a, turn(b, [1, 2, 3])));
});

test('the check value of CRC-32 is that of its catalogue', () => {
  assert.is(crc32(Buffer.from('123456789')), 0xcbf43926);
  assert.is(crc32(new Uint8Array()), 0);
});

test.run();
