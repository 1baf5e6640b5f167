import type { TimedValues } from './importer.ts';
import { posesBetween } from './poses.ts';
import { enuFluFromNedFrd, enuFromNed } from './rotations.ts';
import type { UlogTopic } from './ulog-decode.ts';

/** Longest hole in the position that is bridged by a straight line [s]. */
const LONGEST_BRIDGE = 0.5;

/** Pose at the times of the attitude, which is the faster of the two, with the position in between on a straight line. */
export function poseSamples(attitude?: UlogTopic, position?: UlogTopic): Iterable<TimedValues> {
  if (!attitude || !position) return [];
  const attitudes = attitude.time.flatMap((published, i) => {
    const { timestamp_sample, q } = attitude.message(i);
    if (!Array.isArray(q)) return [];
    return [{ time: measured(timestamp_sample, published), values: enuFluFromNedFrd(q as number[]) }];
  });
  const places = position.time.map((published, i) => {
    const { x, y, z, timestamp_sample } = position.message(i);
    return { time: measured(timestamp_sample, published), values: enuFromNed([x as number, y as number, z as number]) };
  });
  return posesBetween(attitudes, places, LONGEST_BRIDGE);
}

function measured(sample: unknown, published: number): number {
  return typeof sample === 'bigint' && sample > 0n ? Number(sample) / 1e6 : published;
}
