import { SPEED_WINDOW_S } from '../../envs/tasks/paths.ts';

/** How far ahead a hindsight goal lies [s]: real vehicles trail their setpoint by about half a second (NanoBench). */
export const HINDSIGHT_SECONDS = 0.5;

/**
 * Goals for a log without setpoints: where the vehicle really was a moment later, so that what it did is what it
 * takes to get there. At the end of a stretch the last position stands.
 *
 * @param position three columns `[T]` [m]
 * @param from first row of an unbroken stretch
 * @param end row after its last
 * @param ahead rows between a position and the goal it becomes
 * @param goal three columns `[T]`, rows `from` to `end` are written
 * @see Andrychowicz et al. 2017, https://arxiv.org/abs/1707.01495
 */
export function hindsightGoals(
  position: Float64Array[],
  from: number,
  end: number,
  ahead: number,
  goal: Float64Array[],
): void {
  for (let axis = 0; axis < 3; axis++)
    for (let t = from; t < end; t++) goal[axis][t] = position[axis][Math.min(t + ahead, end - 1)];
}

/** Repeats the last value where there is none: a setpoint or a voltage holds until the next one comes. */
export function holdLast(columns: Float64Array[]): void {
  for (const column of columns) {
    let last = column.find(Number.isFinite) ?? Number.NaN;
    for (let t = 0; t < column.length; t++)
      if (Number.isFinite(column[t])) last = column[t];
      else column[t] = last;
  }
}

/**
 * How fast goals move, as the task `track` has it of a logged path: over 0.05 s to either side, as far as the stretch goes.
 *
 * @param goal three columns `[T]` [m]
 * @returns three columns `[T]` [m/s], zero outside the stretches
 */
export function goalVelocity(
  goal: Float64Array[],
  stretches: { from: number; end: number }[],
  rateHz: number,
): Float64Array[] {
  const half = Math.max(1, Math.round(SPEED_WINDOW_S * rateHz));
  return goal.map((column) => {
    const velocity = new Float64Array(column.length);
    for (const { from, end } of stretches)
      for (let t = from; t < end; t++) {
        const [before, after] = [Math.max(from, t - half), Math.min(end - 1, t + half)];
        if (after > before) velocity[t] = ((column[after] - column[before]) * rateHz) / (after - before);
      }
    return velocity;
  });
}
