import { clearance, drawPillars, type PillarField } from '../pillars.ts';
import type { Rng } from '../rng.ts';
import type { Flown } from './flown.ts';
import { goalDistance, type RewardWeights } from './reward.ts';
import { type StartSpread, scatter } from './start.ts';
import type { Task } from './task.ts';
import { flyCourse, haste, waypoint } from './waypoint.ts';

/**
 * One pillar on 5 m²: a straight leg to the next waypoint meets one about every third time. The zoo's waypoint policy,
 * which sees no beams, touches one in 57 % of the episodes. Gaps let a vehicle of 0.8 m through.
 */
const FIELD: PillarField = { count: 20, low: [-5, -5], high: [5, 5], radius_m: [0.15, 0.3], gap_m: 1 };
/** From start or waypoint to the nearest pillar's surface [m]: beyond the radius of any vehicle and a swerve. */
const FREE = 0.6;
/** Distance [m] of a waypoint from where it is shown. */
const LEG = [1.5, 4] as const;
/** The proximity cost begins at this clearance [m]. */
const NEAR = 0.6;
const SPREAD: StartSpread = { offset_m: 0, tilt_rad: 0.3, speed_m_s: 0.5, rates_rad_s: 0.5 };
const EASY: StartSpread = { offset_m: 0, tilt_rad: 0.1, speed_m_s: 0.1, rates_rad_s: 0.1 };

/**
 * As in `waypoint`, and: a crash costs 2.5 m of progress, since at the price of 1 m it pays to fly fast and touch; cost of
 * being close tells before a crash does; and a vehicle that faces its goal has pillars that matter ahead of it, wherever
 * it flies, which is less to learn. Haste costs more than the progress that it makes: a policy that knows the way would
 * otherwise go on to fly faster than it can dodge.
 */
const REWARD: RewardWeights = { ...waypoint.reward, yawRate: 0.01, crash: 50, proximity: 2, heading: 0.5, haste: 0.25 };

/** Waypoints as in `waypoint`, among pillars that stand elsewhere in each episode. Touching one is a crash. */
export const forest: Task = {
  name: 'forest',
  maxSeconds: 20,
  volume: { low: [-5, -5, 1], high: [5, 5, 3] },
  obstacles: [],
  pillars: FIELD,
  observation: { beams: 16 },
  goalRadius_m: waypoint.goalRadius_m,
  memorySize: waypoint.memorySize,
  reward: REWARD,

  start(flown, rng, easy) {
    drawPillars(FIELD, rng, flown.pillars);
    drawFree(flown.pillars, rng, flown.goal);
    scatter(flown, flown.goal, easy ? EASY : SPREAD, rng);
    flown.memory[0] = 0;
    nextWaypoint(flown, rng);
  },

  advance(flown, rng, weights) {
    const captured = flyCourse(flown, weights);
    flown.reward -= weights.proximity * proximity(clearance(flown.pillars, flown.position[0], flown.position[1]));
    flown.reward -= weights.heading * lookingAway(flown);
    flown.reward -= weights.haste * haste(flown.velocity);
    if (captured) nextWaypoint(flown, rng);
  },
};

/** From 0 at `NEAR` to 1 at the surface, with no kink to begin with. */
function proximity(clearance: number): number {
  const share = clearance < NEAR ? 1 - clearance / NEAR : 0;
  return share * share;
}

/** 0 with the goal straight ahead, 1 with it behind; level. */
function lookingAway({ position, quaternion: q, goal }: Flown): number {
  const east = goal[0] - position[0];
  const north = goal[1] - position[1];
  const ahead = 1 - 2 * (q[1] * q[1] + q[2] * q[2]);
  const aside = 2 * (q[0] * q[1] + q[3] * q[2]);
  const size = Math.sqrt((east * east + north * north) * (ahead * ahead + aside * aside));
  return size > 0 ? (1 - (east * ahead + north * aside) / size) / 2 : 0;
}

/** Draws a waypoint a leg away, free of pillars. A vehicle far outside has none so near: then any will do. */
function nextWaypoint(flown: Flown, rng: Rng): void {
  const { memory, pillars, goal } = flown;
  for (let draw = 0; draw < 100; draw++) {
    drawFree(pillars, rng, goal);
    memory[1] = goalDistance(flown);
    if (memory[1] >= LEG[0] && memory[1] <= LEG[1]) return;
  }
}

/** Draws a place in the volume, `[3]`, at least `FREE` from all pillars; they leave half of it. */
function drawFree(pillars: Float64Array, rng: Rng, out: Float64Array): void {
  const { low, high } = forest.volume;
  do {
    for (let k = 0; k < 3; k++) out[k] = rng.uniform(low[k], high[k]);
  } while (clearance(pillars, out[0], out[1]) < FREE);
}
