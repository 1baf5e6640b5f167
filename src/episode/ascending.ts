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
    if (kept.length > 0 && times[i] <= times[kept[kept.length - 1]]) {
      if (!leapt(times, kept, i)) continue;
      keep[kept.pop()!] = 0;
    }
    kept.push(i);
    keep[i] = 1;
  }
  return keep;
}

/** Whether the last time kept leapt ahead, while time `i` follows well on the one before it. */
function leapt(times: ArrayLike<number>, kept: number[], i: number): boolean {
  const last = times[kept[kept.length - 1]];
  if (kept.length === 1) return times[i] < last;
  const before = times[kept[kept.length - 2]];
  return times[i] > before && last - before > 5 * (times[i] - before);
}
