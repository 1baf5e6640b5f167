import { InputError } from '../input-error.ts';
import type { Rng } from '../rng.ts';
import type { Flown } from './flown.ts';
import { drawPath, type LoggedPath, loggedPathAt, PATH_SIZE, type PathRanges, pathAt } from './paths.ts';
import { goalDistance, MIXED_REWARD, rewardOfState } from './reward.ts';
import { shorten } from '../shorten.ts';
import { type StartSpread, scatter } from './start.ts';
import type { Task } from './task.ts';

const SECONDS = 10;
/** Time to settle on the path before the error counts [s]. */
const SETTLING = 2;
/** Root mean square of the distance to the moving goal [m] that counts as tracking it. */
const TOLERANCE = 0.15;
const RANGES: PathRanges = { low: [-2, -2, 1.5], high: [2, 2, 4], radius_m: [0.3, 1], speed_m_s: [0.2, 1.5] };
const SPREAD: StartSpread = { offset_m: 0.3, tilt_rad: 0.3, speed_m_s: 0.3, rates_rad_s: 0.5 };
const EASY: StartSpread = { offset_m: 0.1, tilt_rad: 0.1, speed_m_s: 0.1, rates_rad_s: 0.1 };

/**
 * Follow a moving goal: a circle, figure-eight, helix or Lissajous curve, drawn for each episode. What counts is the
 * distance to the goal at each moment, so a vehicle that trails it pays; the score is its root mean square.
 */
export const track: Task = {
  name: 'track',
  maxSeconds: SECONDS,
  volume: RANGES,
  obstacles: [],
  observation: { goalVelocity: true },
  goalRadius_m: TOLERANCE,
  memorySize: PATH_SIZE + 1, // the path, then the sum of squared distances since they count
  reward: MIXED_REWARD,

  start(flown, rng, easy) {
    drawPath(rng, RANGES, flown.memory);
    pathAt(flown.memory, 0, flown.goal, flown.goalVelocity);
    begin(flown, rng, easy);
  },

  advance(flown, _rng, weights, control_Hz) {
    pathAt(flown.memory, flown.step / control_Hz, flown.goal, flown.goalVelocity);
    judge(flown, control_Hz, SECONDS);
    flown.reward = rewardOfState(flown, weights);
  },

  goalAcceleration({ memory, step }, ahead, control_Hz, out) {
    const t = step / control_Hz + ahead;
    pathAt(memory, t + HALF_WINDOW, place, out);
    pathAt(memory, t - HALF_WINDOW, place, speed);
    for (let k = 0; k < 3; k++) out[k] = (out[k] - speed[k]) / (2 * HALF_WINDOW);
  },
};

/** Half the time over which a goal's acceleration is taken [s]. */
const HALF_WINDOW = 0.05;
/** The same of a logged path, whose setpoints may jump; and no more than this of what comes of it [m/s²]. */
const LOGGED_WINDOW = 0.15;
const LOGGED_LIMIT = 6;
const place = new Float64Array(3);
const speed = new Float64Array(3);

/**
 * The same task along the setpoints of logged flights: each episode flies a stretch of one of them.
 *
 * @throws InputError where a path is shorter than a second
 */
export function trackAlong(paths: readonly LoggedPath[]): Task {
  const seconds = paths.map(({ positions, rate_Hz }) => (positions.length / 3 - 1) / rate_Hz);
  paths.forEach(({ name }, i) => {
    if (!(seconds[i] >= 1))
      throw new InputError(`${name}: setpoint: expected at least 1 s, got ${seconds[i].toFixed(2)} s`);
  });
  const episode = Math.min(SECONDS, ...seconds);
  return {
    ...track,
    maxSeconds: episode,
    volume: boundsOf(paths),
    memorySize: 3, // which path, from when on, then the sum of squared distances

    start(flown, rng, easy) {
      const { memory } = flown;
      memory[0] = Math.floor(rng.uniform() * paths.length);
      memory[1] = rng.uniform(0, seconds[memory[0]] - episode);
      loggedPathAt(paths[memory[0]], memory[1], flown.goal, flown.goalVelocity);
      begin(flown, rng, easy);
    },

    advance(flown, _rng, weights, control_Hz) {
      const { memory } = flown;
      loggedPathAt(paths[memory[0]], memory[1] + flown.step / control_Hz, flown.goal, flown.goalVelocity);
      judge(flown, control_Hz, episode);
      flown.reward = rewardOfState(flown, weights);
    },

    goalAcceleration({ memory, step }, ahead, control_Hz, out) {
      const path = paths[memory[0]];
      const t = memory[1] + step / control_Hz + ahead;
      loggedPathAt(path, t + LOGGED_WINDOW, place, out);
      loggedPathAt(path, t - LOGGED_WINDOW, place, speed);
      for (let k = 0; k < 3; k++) out[k] = (out[k] - speed[k]) / (2 * LOGGED_WINDOW);
      shorten(out, LOGGED_LIMIT);
    },
  };
}

/** Starts near the goal and about as fast. */
function begin(flown: Flown, rng: Rng, easy: boolean): void {
  const { memory, velocity, goalVelocity } = flown;
  scatter(flown, flown.goal, easy ? EASY : SPREAD, rng);
  for (let k = 0; k < 3; k++) velocity[k] += goalVelocity[k];
  memory[memory.length - 1] = 0;
}

function judge(flown: Flown, control_Hz: number, seconds: number): void {
  const { memory, step } = flown;
  const sum = memory.length - 1;
  const steps = Math.round(seconds * control_Hz);
  const first = Math.round(Math.min(SETTLING, seconds / 2) * control_Hz);
  flown.distance = goalDistance(flown);
  if (step > first) memory[sum] += flown.distance * flown.distance;
  flown.success = step >= steps && Math.sqrt(memory[sum] / (steps - first)) < TOLERANCE;
}

/** The box around all paths, down to the ground. */
function boundsOf(paths: readonly LoggedPath[]): Task['volume'] {
  const low: [number, number, number] = [Infinity, Infinity, 0];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (const { positions } of paths)
    for (let i = 0; i < positions.length; i++) {
      low[i % 3] = Math.min(low[i % 3], positions[i]);
      high[i % 3] = Math.max(high[i % 3], positions[i]);
    }
  return { low, high };
}
