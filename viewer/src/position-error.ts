import type { Recording } from './recording.ts';
import { heldAt, valueAt } from './series.ts';

/** Distance [m] from the position to the setpoint at `t`; NaN where the recording lacks one of the two. */
export function positionErrorAt(recording: Recording, t: number): number {
  const { pose, setpoint } = recording.topics;
  if (!pose || !setpoint) return Number.NaN;
  let sum = 0;
  for (let axis = 0; axis < 3; axis++) sum += (valueAt(pose, axis, t) - heldAt(setpoint, axis, t)) ** 2;
  return Math.sqrt(sum);
}

/** Speed [m/s] at `t`: the recorded velocity, else the position's change over 40 ms; NaN without either. */
export function speedAt(recording: Recording, t: number): number {
  const { velocity, pose } = recording.topics;
  if (velocity) return Math.hypot(...[0, 1, 2].map((axis) => valueAt(velocity, axis, t)));
  if (!pose || pose.time.length < 2) return Number.NaN;
  const from = Math.max(t - 0.02, pose.time[0]);
  const to = Math.min(t + 0.02, pose.time[pose.time.length - 1]);
  if (to <= from) return 0;
  return Math.hypot(...[0, 1, 2].map((axis) => valueAt(pose, axis, to) - valueAt(pose, axis, from))) / (to - from);
}
