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
