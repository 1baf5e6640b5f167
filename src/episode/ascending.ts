/**
 * Which of these times to keep so that they ascend: 1 for kept, `[T]`.
 *
 * A single time far ahead of its neighbours goes by itself, instead of taking everything after it along.
 * Times that are not finite go too.
 */
export function keepAscending(times: ArrayLike<number>): Uint8Array {
  const keep = new Uint8Array(times.length);
  const kept: number[] = [];
  for (let i = 0; i < times.length; i++) {
    if (!Number.isFinite(times[i])) continue;
    const last = kept[kept.length - 1];
    if (kept.length > 0 && times[i] <= times[last]) {
      if (!leapt(kept.length > 1 ? times[kept[kept.length - 2]] : null, times[last], times[i])) continue;
      keep[kept.pop()!] = 0;
    }
    kept.push(i);
    keep[i] = 1;
  }
  return keep;
}

/**
 * Whether the last time kept leapt ahead, while `time`, which is not after it, follows well on the one before it.
 *
 * @param before the time kept before the last one, null where there is none
 */
export function leapt(before: number | null, last: number, time: number): boolean {
  if (before === null) return time < last;
  return time > before && last - before > 5 * (time - before);
}
