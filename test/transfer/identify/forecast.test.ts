import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../../envs/rng.ts';
import { forecastWeights } from '../../../src/transfer/identify/forecast.ts';
import { near } from '../../given.ts';

const DT = 0.01;
const SAMPLES = 31;
const AHEAD = 10;
const weights = forecastWeights(SAMPLES, AHEAD, DT);

const applied = (values: ArrayLike<number>) => weights.reduce((sum, weight, s) => sum + weight * values[s], 0);

test('a torque that stays is foretold as it is, whatever the rate began at', () => {
  near(applied(Array.from({ length: SAMPLES }, (_, s) => 3 * s * DT)), 3, 0.01);
  near(applied(Array(SAMPLES).fill(7)), 0, 1e-6);
});

test('a change that came and went is drawn out half as far as by a slope', () => {
  // 1 rad/s more since 0.1 s ago, standing still since
  const step: number[] = Array.from({ length: SAMPLES }, (_, s) => (s > 20 ? 1 : 0));
  const middle = (SAMPLES - 1) / 2;
  const slope = step.reduce((sum, y, s) => sum + y * (s - middle), 0) / (((SAMPLES ** 3 - SAMPLES) / 12) * DT);
  near(slope, 4.2, 0.1);
  near(applied(step), slope / 2, slope / 8);
});

test('the forecast errs less than a slope where torques pass, on torques drawn at random', () => {
  const rng = new Rng(4);
  const middle = (SAMPLES - 1) / 2;
  let [forecast, slope] = [0, 0];
  for (let trial = 0; trial < 400; trial++) {
    const rate = [0];
    let torque = 3 * rng.normal();
    const still = 10 * rng.normal();
    for (let s = 1; s < SAMPLES + AHEAD; s++) {
      torque = torque * Math.exp(-DT / 0.03) + 3 * Math.sqrt(1 - Math.exp((-2 * DT) / 0.03)) * rng.normal();
      rate.push(rate[s - 1] + (torque + still) * DT);
    }
    const read = rate.slice(0, SAMPLES).map((y) => y + 0.01 * rng.normal());
    let angle = 0;
    for (let j = 0; j < AHEAD; j++) angle += (rate[SAMPLES + j] - read[SAMPLES - 1]) * DT;
    const asAcceleration = angle / ((DT * DT * AHEAD * (AHEAD + 1)) / 2);
    const bySlope = read.reduce((sum, y, s) => sum + y * (s - middle), 0) / (((SAMPLES ** 3 - SAMPLES) / 12) * DT);
    forecast += (applied(read) - asAcceleration) ** 2;
    slope += (bySlope - asAcceleration) ** 2;
  }
  assert.ok(Math.sqrt(forecast / slope) < 0.95, `${Math.sqrt(forecast / slope)}`);
});

test.run();
