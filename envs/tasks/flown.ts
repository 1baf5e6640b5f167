import type { Truth } from '../sensors.ts';

/** One vehicle's flight as a task sees it, during one call. World frame, true values; `rates` about body axes. */
export interface Flown extends Truth {
  /** The task's own memory of this episode, `[memorySize]`. */
  memory: Float64Array;
  /** Pillars of this episode, `[count, 3]`: x, y of the axis, radius; set by `start`. */
  pillars: Float64Array;
  /** Control steps flown, this one included. */
  step: number;
  /** Contact, or outside the volume. */
  crashed: boolean;
  /** Set by `advance`: reward of this step, before what a crash costs. */
  reward: number;
  /** Set by `advance`: distance [m] to the goal that this step flew to. */
  distance: number;
  /** Set by `advance`: the task is done, and the episode ends as truncated. */
  success: boolean;
}
