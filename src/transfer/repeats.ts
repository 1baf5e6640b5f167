import type { Flight } from '../telemetry/flight.ts';

/** What a flight holds, apart from its name, its file and when it began: one number for each distinct pose. */
export type Fingerprint = ReadonlySet<number>;

/** Poses are told apart to a hundredth of a millimetre: a copy in another format may round beyond that. */
const GRAIN = 1e-5;
/** Two flights that share more than this of the shorter one's poses are one flight: no vehicle repeats itself so. */
const SHARED = 0.5;

/** Of the logged poses as they are, before anything is resampled: a copy cut short keeps most of it. */
export function fingerprintOf({ topics }: Flight): Fingerprint {
  const columns = topics.pose?.columns ?? [];
  const poses = new Set<number>();
  for (let t = 0; t < (columns[0]?.length ?? 0); t++) {
    let hash = 0x811c9dc5; // FNV-1a over the rounded numbers
    for (const column of columns) hash = Math.imul(hash ^ Math.round(column[t] / GRAIN), 0x01000193);
    poses.add(hash >>> 0);
  }
  return poses;
}

/** Whether one is a copy of the other or of a part of it. */
export function isRepeat(a: Fingerprint, b: Fingerprint): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const pose of few) if (many.has(pose)) shared++;
  return shared > SHARED * few.size;
}
