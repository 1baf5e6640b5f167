/**
 * The usual rate of a topic and how often it fell silent.
 *
 * @param time seconds, ascending, `[T]`
 * @returns `rateHz` from the median interval, 0 below two samples; `gaps`, the intervals over three times the median
 */
export function gapsAndRate(time: Float64Array): { rateHz: number; gaps: number } {
  if (time.length < 2) return { rateHz: 0, gaps: 0 };
  const intervals = intervalsOf(time);
  const median = medianOf(intervals);
  const gaps = intervals.filter((interval) => interval > 3 * median).length;
  return { rateHz: median > 0 ? 1 / median : 0, gaps };
}

/** The usual time between samples [s]; infinite below two of them. */
export function medianInterval(time: Float64Array): number {
  return time.length < 2 ? Number.POSITIVE_INFINITY : medianOf(intervalsOf(time));
}

function intervalsOf(time: Float64Array): Float64Array {
  return Float64Array.from({ length: time.length - 1 }, (_, i) => time[i + 1] - time[i]);
}

function medianOf(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
