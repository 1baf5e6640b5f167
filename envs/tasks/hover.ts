import { goalDistance, MIXED_REWARD, rewardOfState } from './reward.ts';
import { type StartSpread, scatter } from './start.ts';
import type { Task } from './task.ts';

/** High enough that no recovery touches the ground: from 90° the nominal vehicle dips 0.95 m, weak ones more. */
const GOAL = [0, 0, 2.5] as const;
const SPREAD: StartSpread = { offset_m: 0.5, tilt_rad: Math.PI / 2, speed_m_s: 1, rates_rad_s: 1 };
const EASY: StartSpread = { offset_m: 0.2, tilt_rad: 0.3, speed_m_s: 0.2, rates_rad_s: 0.2 };
/** Mean position error [m] in the last second that counts as hovering. */
const TOLERANCE = 0.1;

/** Recover from anything up to a thrown start, and stay at the goal. */
export const hover: Task = {
  name: 'hover',
  maxSeconds: 5,
  volume: { low: [-1, -1, 0], high: [1, 1, 3.5] },
  obstacles: [],
  goalRadius_m: TOLERANCE,
  memorySize: 1, // sum of the error in the last second
  reward: MIXED_REWARD,

  start(flown, rng, easy) {
    flown.goal.set(GOAL);
    flown.memory[0] = 0;
    scatter(flown, GOAL, easy ? EASY : SPREAD, rng);
  },

  advance(flown, _rng, weights, control_Hz) {
    flown.distance = goalDistance(flown);
    flown.reward = rewardOfState(flown, weights);
    const steps = Math.round(this.maxSeconds * control_Hz);
    if (flown.step > steps - control_Hz) flown.memory[0] += flown.distance;
    flown.success = flown.step >= steps && flown.memory[0] / control_Hz < TOLERANCE;
  },
};
