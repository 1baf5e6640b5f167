import type { Series } from '../../src/episode/flight.ts';

/** Index of the last sample at or before `t`, by bisection; -1 before the first. */
export function indexAt(time: Float64Array, t: number): number {
  let low = 0;
  let high = time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The sample before `t`, the one after, and how far `t` lies between them, in [0, 1]; clamped at both ends. */
export function bracket(time: Float64Array, t: number): { before: number; after: number; fraction: number } {
  const last = time.length - 1;
  const before = Math.min(Math.max(indexAt(time, t), 0), last);
  const after = Math.min(before + 1, last);
  const span = time[after] - time[before];
  const fraction = span > 0 ? Math.min(Math.max((t - time[before]) / span, 0), 1) : 0;
  return { before, after, fraction };
}

/** Value of a column at `t`, linear between samples. NaN where the series is empty. */
export function valueAt(series: Series, column: number, t: number): number {
  if (series.time.length === 0) return Number.NaN;
  const { before, after, fraction } = bracket(series.time, t);
  const values = series.columns[column];
  return values[before] + (values[after] - values[before]) * fraction;
}

/** Value of a column at `t`, held from the last sample: for what changes in steps, as setpoints do. */
export function heldAt(series: Series, column: number, t: number): number {
  if (series.time.length === 0) return Number.NaN;
  return series.columns[column][Math.max(indexAt(series.time, t), 0)];
}
