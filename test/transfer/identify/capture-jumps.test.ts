import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { multiply, normalise } from '../../../envs/quaternion.ts';
import { Rng } from '../../../envs/rng.ts';
import { withoutJumps } from '../../../src/transfer/identify/capture-jumps.ts';
import { near } from '../../given.ts';

const RATE = 200;
const ROWS = 2000;

/** A vehicle that rolls and pitches to and fro while it turns, read with some noise and a gyro that drifts. */
function flown(jump: (t: number) => number) {
  const rng = new Rng(7);
  const rates = [0, 1, 2].map(() => new Float64Array(ROWS));
  const truth = [0, 1, 2, 3].map(() => new Float64Array(ROWS));
  const read = [0, 1, 2, 3].map(() => new Float64Array(ROWS));
  const q = new Float64Array([0, 0, 0, 1]);
  const turn = new Float64Array(4);
  for (let t = 0; t < ROWS; t++) {
    const w = [Math.sin(t / 30), Math.cos(t / 40), 0.5];
    for (let k = 0; k < 3; k++) {
      rates[k][t] = w[k] + 0.02 + 0.01 * rng.normal();
      turn[k] = w[k] / RATE / 2;
    }
    turn[3] = 1;
    for (let k = 0; k < 4; k++) truth[k][t] = q[k];
    const shown = new Float64Array(q);
    multiply(shown, [0.001 * rng.normal(), jump(t) / 2, 0, 1], shown);
    normalise(shown);
    for (let k = 0; k < 4; k++) read[k][t] = shown[k];
    normalise(multiply(q, turn, q));
  }
  return { rates, truth, read };
}

const apart = (a: Float64Array[], b: Float64Array[], t: number) => {
  const dot = a.reduce((sum, column, k) => sum + column[t] * b[k][t], 0);
  return 2 * Math.acos(Math.min(1, Math.abs(dot)));
};

test('a jump of 4° for 80 ms is bridged by the gyro to within the noise', () => {
  const { rates, truth, read } = flown((t) => (t >= 900 && t < 916 ? 0.07 : 0));
  const { quaternion, share } = withoutJumps(read, rates, RATE);
  near(apart(read, truth, 908), 0.07, 0.005);
  for (let t = 895; t < 920; t++) near(apart(quaternion, truth, t), 0, 0.008, `row ${t}`);
  near(share, 16 / ROWS, 4 / ROWS);
});

test('what does not jump stays as it was read: motion, noise, a drifting gyro, a lasting step', () => {
  const calm = flown(() => 0);
  const kept = withoutJumps(calm.read, calm.rates, RATE);
  assert.ok(kept.share < 0.002, `${kept.share}`);
  const step = flown((t) => (t >= 1000 ? 0.07 : 0));
  const after = withoutJumps(step.read, step.rates, RATE);
  for (const t of [500, 800, 1200, 1500]) near(apart(after.quaternion, step.read, t), 0, 1e-6);
});

test('rows without an attitude harm nothing', () => {
  const { rates, read } = flown(() => 0);
  for (const column of read) column.fill(Number.NaN, 0, 50);
  const { quaternion } = withoutJumps(read, rates, RATE);
  assert.ok(quaternion.every((column) => column.subarray(60).every(Number.isFinite)));
});

test.run();
