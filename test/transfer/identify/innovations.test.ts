import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../../envs/rng.ts';
import {
  type Foretelling,
  foretellingOf,
  innovationSlopes,
  innovationsOf,
  type Listening,
} from '../../../src/transfer/identify/innovations.ts';
import { near } from '../../given.ts';

const WINDOWS = 300;
const SAMPLES = 61;
const look: Listening = {
  windows: Array.from({ length: WINDOWS }, (_, w) => ({ flight: w % 3, from: 0 })),
  steps: SAMPLES - 1,
  stride: 1,
  memory: 10,
};

/** Sums up changes, of one axis in all three, from 0 in each window. */
function gapsOf(change: (w: number, s: number) => number): Float64Array {
  const out = new Float64Array(WINDOWS * SAMPLES * 3);
  for (let w = 0; w < WINDOWS; w++)
    for (let s = 1; s < SAMPLES; s++)
      for (let k = 0; k < 3; k++) out[(w * SAMPLES + s) * 3 + k] = out[(w * SAMPLES + s - 1) * 3 + k] + change(w, s);
  return out;
}

const deaf: Foretelling = { weights: [0, 1, 2].map(() => new Float64Array(10)), inner: [], changes: [] };

const gauss = new Rng(5);
const normal = () => gauss.normal();

test('of an autoregression with a trim, what is left is the noise that drove it', () => {
  const noise = Array.from({ length: WINDOWS }, () => Float64Array.from({ length: SAMPLES }, normal));
  const state = noise.map((row) => {
    let d = 0;
    return row.map((e) => (d = 0.8 * d + e));
  });
  const gaps = gapsOf((w, s) => state[w][s] + 10 * (w % 3));
  const foretelling = foretellingOf(gaps, look);
  near(foretelling.weights[0][0], 0.8, 0.03);
  const left = innovationsOf(gaps, look, foretelling);
  let [across, along] = [0, 0];
  for (let w = 0; w < WINDOWS; w++)
    for (let s = 11; s < SAMPLES; s++) {
      const e = left[w * 150 + (s - 11) * 3];
      across += e * noise[w][s];
      along += e * e;
    }
  near(across / along, 1, 0.02);
});

test('a controller that answers disturbances hides a gain from plain errors, but not from innovations', () => {
  // the change is 1 · command + disturbance; the command answers the last change but one, and little else
  const plant = { command: [] as number[][], change: [] as number[][] };
  for (let w = 0; w < WINDOWS; w++) {
    const [command, change] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    let d = 0;
    for (let s = 1; s < SAMPLES + 50; s++) {
      d = 0.95 * d + normal();
      const u = 0.7 * command[s + 1] - 0.3 * change[s + 1] + 0.3 * normal();
      command.push(u);
      change.push(u + d);
    }
    plant.command.push(command.slice(-SAMPLES));
    plant.change.push(change.slice(-SAMPLES));
  }
  const errorsAt = (gain: number) => gapsOf((w, s) => plant.change[w][s] - gain * plant.command[w][s]);
  const squares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
  const plain = (gain: number) => squares(innovationsOf(errorsAt(gain), look, deaf));
  const heard = (gain: number) => squares(innovationsOf(errorsAt(gain), look, foretellingOf(errorsAt(gain), look)));
  const best = (cost: (gain: number) => number) => {
    const gains = Array.from({ length: 21 }, (_, k) => -0.5 + k * 0.1);
    return gains.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  };
  assert.ok(best(plain) < 0.6, `plain errors say ${best(plain)}`);
  near(best(heard), 1, 0.11);
});

test('slopes of innovations are those of errors whose foretelling is fitted anew, as finite differences have them', () => {
  const pairs = Array.from({ length: WINDOWS }, () => Array.from({ length: SAMPLES }, () => [normal(), normal()]));
  const made = pairs.map((row) => {
    let [d, u] = [0, 0];
    return row.map(([a, b]) => [(d = 0.9 * d + a), (u = 0.5 * u + b - 0.4 * d)]);
  });
  const errorsAt = (gain: number) => gapsOf((w, s) => made[w][s][0] + gain * made[w][s][1]);
  const cost = (gain: number) => {
    const errors = errorsAt(gain);
    return innovationsOf(errors, look, foretellingOf(errors, look)).reduce((sum, e) => sum + e * e, 0);
  };
  const here = errorsAt(0.3);
  const foretelling = foretellingOf(here, look);
  const slopes = innovationSlopes(
    gapsOf((w, s) => made[w][s][1]),
    look,
    foretelling,
  );
  const half = innovationsOf(here, look, foretelling).reduce((sum, e, i) => sum + e * slopes[i], 0);
  const difference = (cost(0.301) - cost(0.299)) / 0.002;
  near(2 * half, difference, 0.01 * Math.abs(difference));
});

test('knocks do not change what is foretold, and a trim alone foretells nothing', () => {
  const knocked = gapsOf((w, s) => (s === 30 && w % 10 === 0 ? 50 : normal()));
  for (const weight of foretellingOf(knocked, look).weights[0]) near(weight, 0, 0.05);
  const still = innovationsOf(
    gapsOf((w) => w % 3),
    look,
    foretellingOf(
      gapsOf((w) => w % 3),
      look,
    ),
  );
  near(Math.max(...still.map(Math.abs)), 0, 1e-9);
});

test.run();
