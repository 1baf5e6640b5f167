import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nominalAirframe } from '../../envs/airframe.ts';
import { Gusts, HORIZONTAL_SCALE_M, LEAST_AIRSPEED, VERTICAL_SCALE_M, VERTICAL_SHARE } from '../../envs/gusts.ts';
import { Rng } from '../../envs/rng.ts';
import { givenVehicle, near } from '../given.ts';

const still = nominalAirframe(givenVehicle());
const SIZE = 0.4;
const EPISODES = 4000;
/** Four standard errors of a mean of products of EPISODES normal pairs. */
const TOLERANCE = 4 * Math.sqrt(2 / EPISODES);

type Wind = [number, number, number];

/** Gusts of many episodes in steady wind, along, across and above it, over their size: `[steps][3][EPISODES]`. */
function record(wind_m_s: Wind, control_Hz: number, steps: number): Float64Array[][] {
  const gusts = new Gusts(control_Hz, EPISODES);
  const rngs = Array.from({ length: EPISODES }, (_, i) => new Rng(3, i));
  for (let i = 0; i < EPISODES; i++) gusts.load(i, { ...still, wind_m_s, gust_m_s: SIZE });
  const speed = Math.hypot(wind_m_s[0], wind_m_s[1]);
  const [c, s] = speed > 0 ? [wind_m_s[0] / speed, wind_m_s[1] / speed] : [1, 0];
  return Array.from({ length: steps }, () => {
    const rows = [0, 1, 2].map(() => new Float64Array(EPISODES));
    for (let i = 0; i < EPISODES; i++) {
      gusts.blow(i, rngs[i]);
      const [x, y, z] = [0, 1, 2].map((k) => (gusts.wind[i * 3 + k] - wind_m_s[k]) / SIZE);
      rows[0][i] = c * x + s * y;
      rows[1][i] = c * y - s * x;
      rows[2][i] = z / VERTICAL_SHARE;
    }
    return rows;
  });
}

function correlation(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k], 0) / a.length;
}

// Closed forms of MIL-F-8785C's spectra: Φ_u ∝ 1 / (1 + (Tω)²) and Φ_v, Φ_w ∝ (1 + 3(Tω)²) / (1 + (Tω)²)²
const firstOrder = (t: number, T: number) => Math.exp(-t / T);
const secondOrder = (t: number, T: number) => Math.exp(-t / T) * (1 - t / (2 * T));

test('the scales are those of the low-altitude model at 10 feet', () => {
  near(HORIZONTAL_SCALE_M, (10 / (0.177 + 0.00823) ** 1.2) * 0.3048, 1e-9);
  near(HORIZONTAL_SCALE_M, 23.06, 0.01);
  near(VERTICAL_SCALE_M, 3.048, 1e-9);
  near(VERTICAL_SHARE, 0.5094, 1e-4);
});

for (const [what, wind, airspeed] of [
  ['calm air', [0, 0, 0], LEAST_AIRSPEED],
  ['a wind of 5 m/s', [3, -4, 0], 5],
] as [string, Wind, number][])
  for (const [control_Hz, steps, lags] of [
    [100, 120, [0, 1, 30, 119]],
    [2, 24, [0, 1, 4, 23]], // steps as long as the time constants: only an exact filter gets these right
  ] as [number, number, number[]][])
    test(`${what}, ${control_Hz} Hz: gusts have Dryden's variance and autocorrelation from the first step on`, () => {
      const gusts = record(wind, control_Hz, steps);
      for (const lag of lags) {
        const t = lag / control_Hz;
        const horizontal = HORIZONTAL_SCALE_M / airspeed;
        const vertical = VERTICAL_SCALE_M / airspeed;
        near(correlation(gusts[0][0], gusts[lag][0]), firstOrder(t, horizontal), TOLERANCE, `along, ${t} s`);
        near(correlation(gusts[0][1], gusts[lag][1]), secondOrder(t, horizontal), TOLERANCE, `across, ${t} s`);
        near(correlation(gusts[0][2], gusts[lag][2]), secondOrder(t, vertical), TOLERANCE, `vertical, ${t} s`);
      }
      const last = gusts[steps - 1];
      for (let k = 0; k < 3; k++) near(correlation(last[k], last[k]), 1, TOLERANCE, `variance ${k} at the end`);
      near(correlation(gusts[0][0], gusts[0][1]), 0, TOLERANCE, 'along and across');
      near(correlation(gusts[0][1], gusts[0][2]), 0, TOLERANCE, 'across and vertical');
    });

test('the spectrum of one long flight is the closed form', () => {
  const control_Hz = 10;
  const [length, pieces] = [512, 400];
  const gusts = new Gusts(control_Hz, 1);
  const rng = new Rng(4);
  gusts.load(0, { ...still, gust_m_s: 1 });
  const T = VERTICAL_SCALE_M / LEAST_AIRSPEED;
  const power = new Map([3, 8, 20, 40].map((k) => [k, 0]));
  for (let piece = 0; piece < pieces; piece++) {
    const w = Array.from({ length }, () => {
      gusts.blow(0, rng);
      return gusts.wind[2] / VERTICAL_SHARE;
    });
    for (const k of power.keys()) {
      let [re, im] = [0, 0];
      w.forEach((value, t) => {
        re += value * Math.cos((2 * Math.PI * k * t) / length);
        im += value * Math.sin((2 * Math.PI * k * t) / length);
      });
      power.set(k, power.get(k)! + (re * re + im * im) / length / control_Hz / pieces);
    }
  }
  for (const [k, measured] of power) {
    const x = (2 * Math.PI * k * control_Hz * T) / length;
    const expected = (T * (1 + 3 * x * x)) / (1 + x * x) ** 2; // two-sided, per Hz: its integral is the variance
    near(measured / expected, 1, 0.2, `${((k * control_Hz) / length).toFixed(2)} Hz`); // 1/√400, leakage and aliases
  }
});

test('without gusts the wind is steady, and nothing is drawn', () => {
  const gusts = new Gusts(100, 1);
  const [rng, untouched] = [new Rng(1), new Rng(1)];
  gusts.load(0, { ...still, wind_m_s: [1, 2, 0.5] });
  for (let t = 0; t < 10; t++) gusts.blow(0, rng);
  assert.equal([...gusts.wind], [1, 2, 0.5]);
  assert.is(rng.bits(), untouched.bits());
});

test.run();
