import type { TimedValues } from './importer.ts';
import { enuFluFromNedFrd, enuFromNed } from './rotations.ts';
import type { UlogTopic } from './ulog-decode.ts';

/** Longest hole in the position that is bridged by a straight line [s]. */
const LONGEST_BRIDGE = 0.5;

/**
 * Pose at the times of the attitude, which is the faster of the two, with the position in between on a straight line.
 *
 * None where there is no position on either side.
 */
export function* poseSamples(attitude?: UlogTopic, position?: UlogTopic): Generator<TimedValues> {
  if (!attitude || !position) return;
  const places = position.time.map((_, i) => place(position, i));
  let after = 0;
  for (let i = 0; i < attitude.time.length; i++) {
    const message = attitude.message(i);
    const time = measured(message.timestamp_sample, attitude.time[i]);
    while (after < places.length && places[after].time < time) after++;
    const at = between(places[after - 1], places[after], time);
    if (at && Array.isArray(message.q)) yield { time, values: [...at, ...enuFluFromNedFrd(message.q as number[])] };
  }
}

interface Place {
  time: number;
  at: [number, number, number];
}

function place(topic: UlogTopic, i: number): Place {
  const { x, y, z, timestamp_sample } = topic.message(i);
  return { time: measured(timestamp_sample, topic.time[i]), at: enuFromNed([x as number, y as number, z as number]) };
}

function measured(sample: unknown, published: number): number {
  return typeof sample === 'bigint' && sample > 0n ? Number(sample) / 1e6 : published;
}

function between(before: Place | undefined, after: Place | undefined, time: number): number[] | null {
  if (after && after.time === time) return after.at;
  if (!before || !after || after.time - before.time > LONGEST_BRIDGE) return null;
  const share = (time - before.time) / (after.time - before.time);
  return before.at.map((value, axis) => value + share * (after.at[axis] - value));
}
