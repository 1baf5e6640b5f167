import { tiltOf } from '../quaternion.ts';
import type { Flown } from './flown.ts';

/**
 * Weights of the reward of one control step, with `d` the distance to the goal [m]:
 *
 * `scale · (max(floor, near · exp(−3d) + exact · exp(−10d²) − far · d + alive − tilt · θ − rollPitchRate · ω_xy² − yawRate · ω_z²)
 *  − proximity · (closeness of a pillar, as the task says) − heading · (1 − cos(bearing of the goal)) / 2
 *  − haste · (speed above what is enough) + progress · (decrease of d) + capture · (goal captured) − crash · (crashed))`
 */
export interface RewardWeights {
  scale: number;
  /** Pulls from about a metre. */
  near: number;
  /** Pulls the last decimetres: without it a steady offset costs little. */
  exact: number;
  /** Pulls from anywhere [1/m]. */
  far: number;
  /** For each step that the vehicle flies. */
  alive: number;
  /** Cost of tilt [1/rad]. */
  tilt: number;
  /** Cost of roll and pitch rate squared [s²/rad²]. */
  rollPitchRate: number;
  /** Cost of yaw rate squared [s²/rad²]. */
  yawRate: number;
  /**
   * The least that a state counts for. A policy that tumbles at 100 rad/s would otherwise be told of nothing else: its
   * returns are a hundred times those of any flight, and it is long in finding out of it.
   */
  floor: number;
  /** For each metre closer to the goal. */
  progress: number;
  /** For each goal captured. */
  capture: number;
  /** Cost of being close to an obstacle, in tasks that have them. */
  proximity: number;
  /** Cost of looking away from the goal, times half of 1 − the cosine of its bearing, in tasks where it matters. */
  heading: number;
  /** Cost of each m/s above the speed that is fast enough, in tasks that know one. */
  haste: number;
  /** Cost of a crash. */
  crash: number;
}

/** A floor that no state is below: 0.03 · ω² is 1000 at 180 rad/s. */
const NEVER = -1000;

/**
 * Hover reward that keeps randomised airframes both alive and exact. Without a cost on its yaw rate the policy hovers
 * spinning at 4.6 rad/s, which no task forbids and nobody wants.
 */
export const MIXED_REWARD: RewardWeights = {
  scale: 0.1,
  near: 1,
  exact: 1,
  far: 0.5,
  alive: 0.7,
  tilt: 0.1,
  rollPitchRate: 0.002,
  yawRate: 0.03,
  floor: NEVER,
  progress: 0,
  capture: 0,
  proximity: 0,
  heading: 0,
  haste: 0,
  crash: 10,
};

/** Hover reward that the nominal airframe learns fastest. */
export const NOMINAL_REWARD: RewardWeights = {
  ...MIXED_REWARD,
  exact: 0,
  far: 0,
  alive: 0,
  tilt: 0,
  rollPitchRate: 0.002,
  yawRate: 0.002,
  crash: 0,
};

/** Reward, before scale, of being where `flown` is. */
export function rewardOfState(flown: Flown, weights: RewardWeights): number {
  const { quaternion: q, rates, distance: d } = flown;
  // exponentials and the arc cosine are much of the cost: none where the weight is 0
  const reward =
    (weights.near === 0 ? 0 : weights.near * Math.exp(-3 * d)) +
    (weights.exact === 0 ? 0 : weights.exact * Math.exp(-10 * d * d)) -
    weights.far * d +
    weights.alive -
    (weights.tilt === 0 ? 0 : weights.tilt * tiltOf(q)) -
    weights.rollPitchRate * (rates[0] * rates[0] + rates[1] * rates[1]) -
    weights.yawRate * rates[2] * rates[2];
  return reward < weights.floor ? weights.floor : reward;
}

/** Distance [m] from the position to the goal. */
export function goalDistance(flown: Flown): number {
  const { position: p, goal } = flown;
  const x = goal[0] - p[0];
  const y = goal[1] - p[1];
  const z = goal[2] - p[2];
  return Math.sqrt(x * x + y * y + z * z);
}
