import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blend, METHODS, maxGaps } from '../../../src/telemetry/pipeline/resample.ts';
import { near } from '../../given.ts';

/** A turn about z by `angle`, at position (x, 0, 0). */
const pose = (x: number, angle: number) => [x, 0, 0, 0, 0, Math.sin(angle / 2), Math.cos(angle / 2)];

test('a rotation at constant speed is read exactly in between', () => {
  const out = new Float64Array(7);
  for (const u of [0, 0.1, 0.5, 0.9, 1]) {
    blend(METHODS.pose, pose(0, 0.2), pose(10, 2.6), u, out);
    const expected = pose(10 * u, 0.2 + 2.4 * u);
    for (const [c, value] of expected.entries()) near(out[c], value, 1e-12, `u ${u} column ${c}`);
  }
});

test('q and −q are the same rotation: the way between them is the short one', () => {
  const out = new Float64Array(7);
  const flipped = pose(0, 0.4).map((value, c) => (c < 3 ? value : -value));
  blend(METHODS.pose, pose(0, 0), flipped, 0.5, out);
  for (const [c, value] of pose(0, 0.2).entries()) near(out[c], value, 1e-12, `column ${c}`);
});

test('rotations that are next to equal do not divide by zero', () => {
  const out = new Float64Array(7);
  blend(METHODS.pose, pose(0, 0.3), pose(0, 0.3 + 1e-9), 0.5, out);
  for (const [c, value] of pose(0, 0.3).entries()) near(out[c], value, 1e-9, `column ${c}`);
});

test('a command is held, a velocity is drawn as a line', () => {
  const out = new Float64Array(3);
  blend(METHODS.setpoint, [1, 2, 3], [5, 6, 7], 0.75, out);
  assert.equal([...out], [1, 2, 3]);
  blend(METHODS.velocity, [1, 2, 3], [5, 6, 7], 0.75, out);
  assert.equal([...out], [4, 5, 6]);
});

test('the battery may be silent for longer than the rest, unless one limit is given for all', () => {
  assert.ok(maxGaps().battery > maxGaps().pose);
  assert.is(maxGaps(0.1).battery, 0.1);
});

test.run();
