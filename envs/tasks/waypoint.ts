import type { Rng } from '../rng.ts';
import { goalDistance, MIXED_REWARD, type RewardWeights, rewardOfState } from './reward.ts';
import { type StartSpread, scatter } from './start.ts';
import type { Flown } from './flown.ts';
import type { Task } from './task.ts';

const WAYPOINTS = 5;
const CAPTURE_RADIUS = 0.25;
const CENTRE = [0, 0, 2.5] as const;
const SPREAD: StartSpread = { offset_m: 0.5, tilt_rad: 0.3, speed_m_s: 0.5, rates_rad_s: 0.5 };
const EASY: StartSpread = { offset_m: 0.2, tilt_rad: 0.1, speed_m_s: 0.1, rates_rad_s: 0.1 };

/**
 * A reward that grows near the goal would make capturing it a loss, since the next goal is far: so what pays is
 * getting closer, and the capture itself.
 */
const REWARD: RewardWeights = {
  ...MIXED_REWARD,
  near: 0,
  exact: 0,
  far: 0,
  alive: 0.2,
  progress: 20,
  capture: 2,
};

/**
 * Fly through five waypoints, each shown when the one before is captured.
 *
 * The course itself has no end: the fifth capture shows a sixth waypoint, and the episode is *truncated* there as a
 * success. So the last state looks like any other, and bootstrapping from its value is right.
 */
export const waypoint: Task = {
  name: 'waypoint',
  maxSeconds: 20,
  volume: { low: [-3, -3, 1], high: [3, 3, 4] },
  obstacles: [],
  goalRadius_m: CAPTURE_RADIUS,
  memorySize: 2, // waypoints captured, distance to the goal one step ago
  reward: REWARD,

  start(flown, rng, easy) {
    scatter(flown, CENTRE, easy ? EASY : SPREAD, rng);
    flown.memory[0] = 0;
    nextWaypoint(flown, rng);
  },

  advance(flown, rng, weights) {
    const captured = flyCourse(flown, weights);
    flown.reward -= weights.haste * haste(flown.velocity);
    if (captured) nextWaypoint(flown, rng);
  },
};

/**
 * Judges one step of any course of waypoints: progress, capture and, with the last, success.
 *
 * @returns whether the waypoint was captured, and the next is to be drawn
 */
export function flyCourse(flown: Flown, weights: RewardWeights): boolean {
  const { memory } = flown;
  flown.distance = goalDistance(flown);
  flown.reward = rewardOfState(flown, weights) + weights.progress * (memory[1] - flown.distance);
  memory[1] = flown.distance;
  flown.success = false;
  if (flown.distance >= CAPTURE_RADIUS) return false;
  flown.reward += weights.capture;
  memory[0]++;
  flown.success = memory[0] >= WAYPOINTS;
  return true;
}

/** Fast enough [m/s]: five legs of 4 m, of which captures save 0.25 m each, take 13 of 20 s. */
const FAST = 1.5;

/** Speed above what is fast enough for a course [m/s]. */
export function haste(velocity: Float64Array): number {
  const speed = Math.sqrt(velocity[0] * velocity[0] + velocity[1] * velocity[1] + velocity[2] * velocity[2]);
  return speed > FAST ? speed - FAST : 0;
}

/** Draws a waypoint anywhere in the volume that isn't captured already. */
function nextWaypoint(flown: Flown, rng: Rng): void {
  const { low, high } = waypoint.volume;
  do {
    for (let k = 0; k < 3; k++) flown.goal[k] = rng.uniform(low[k], high[k]);
    flown.memory[1] = goalDistance(flown);
  } while (flown.memory[1] < 2 * CAPTURE_RADIUS);
}
