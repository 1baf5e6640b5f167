import type { ObservationSpec } from '../observation.ts';
import type { PillarField } from '../pillars.ts';
import type { Rng } from '../rng.ts';
import type { Obstacle } from '../world.ts';
import type { Flown } from './flown.ts';
import type { RewardWeights } from './reward.ts';

/** What to fly, from start to success. A task is one file beside this one, and one line in the index. */
export interface Task {
  name: string;
  /** The episode is truncated when this time is over. */
  maxSeconds: number;
  /** Leaving this box by 2 m is a crash. */
  volume: { low: readonly [number, number, number]; high: readonly [number, number, number] };
  obstacles: readonly Obstacle[];
  /** The pillars that `start` draws, for each environment its own; none if left out. */
  pillars?: PillarField;
  /** What its policies see beside, or other than, the default observation. */
  observation?: Partial<Omit<ObservationSpec, 'rate_Hz' | 'nominalVoltage_V'>>;
  /** Distance to the goal [m] that counts as being there; the viewer draws it. */
  goalRadius_m: number;
  /** Numbers that the task remembers in an episode. */
  memorySize: number;
  /** Weights that a run uses unless told otherwise. */
  reward: RewardWeights;
  /** Begins an episode: sets position, quaternion, velocity, rates, goal and memory. */
  start(flown: Flown, rng: Rng, easy: boolean): void;
  /** Judges one control step: sets reward, distance and success, and moves the goal on. */
  advance(flown: Flown, rng: Rng, weights: RewardWeights, control_Hz: number): void;
  /**
   * Where the goal moves by itself: its acceleration [m/s²] in `ahead` seconds from now, world frame, to `out`, `[3]`. Only
   * an expert in simulation may ask.
   */
  goalAcceleration?(flown: Flown, ahead: number, control_Hz: number, out: Float64Array): void;
}

/** How far outside its volume [m] an episode ends. */
export const VOLUME_MARGIN = 2;
