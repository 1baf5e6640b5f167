import type { ActionMap } from './actions.ts';
import type { Airframe } from './airframe.ts';
import type { Flown } from './tasks/index.ts';

/** Who says what would have been right while a policy flies. */
export interface Teacher {
  /** What has to be saved of it. */
  state(): ArrayBufferView[];
  /** Vehicle `i` begins an episode with this airframe. */
  load(i: number, airframe: Airframe): void;
  /**
   * Writes the action `[4]` that is right for vehicle `i` now, in [-1, 1], to `out` at `offset`. Called once a control step.
   *
   * @param flown its state and goal
   * @param map from actions to what its firmware takes
   */
  act(i: number, flown: Flown, map: ActionMap, out: Float32Array, offset: number): void;
}
