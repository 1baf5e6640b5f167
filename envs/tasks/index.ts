import { InputError } from '../input-error.ts';
import { forest } from './forest.ts';
import { hover } from './hover.ts';
import type { Task } from './task.ts';
import { track } from './track.ts';
import { waypoint } from './waypoint.ts';

export { MIXED_REWARD, NOMINAL_REWARD, type RewardWeights } from './reward.ts';
export type { Flown } from './flown.ts';
export type { LoggedPath } from './paths.ts';
export type { Task } from './task.ts';
export { trackAlong } from './track.ts';

/** Every task, in the order in which they are listed. */
export const TASKS: readonly Task[] = [hover, waypoint, forest, track];

/** @throws InputError when there is no such task */
export function taskNamed(name: string): Task {
  const task = TASKS.find((each) => each.name === name);
  if (!task) throw new InputError(`task: expected ${TASKS.map((each) => each.name).join(' or ')}, got ${name}`);
  return task;
}
