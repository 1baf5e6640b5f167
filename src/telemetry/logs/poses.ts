import type { TimedValues } from './importer.ts';

/**
 * Poses at the times of the attitudes, with the position in between two places on a straight line.
 *
 * None where there is no place on either side.
 *
 * @param attitudes quaternions, ENU from FLU
 * @param places positions, ENU [m]
 * @param longestBridge longest hole between two places that is bridged [s]
 */
export function* posesBetween(
  attitudes: readonly TimedValues[],
  places: readonly TimedValues[],
  longestBridge: number,
): Generator<TimedValues> {
  let after = 0;
  for (const { time, values } of attitudes) {
    while (after < places.length && places[after].time < time) after++;
    const at = between(places[after - 1], places[after], time, longestBridge);
    if (at) yield { time, values: [...at, ...Array.from(values)] };
  }
}

function between(
  before: TimedValues | undefined,
  after: TimedValues | undefined,
  time: number,
  longestBridge: number,
): number[] | null {
  if (after && after.time === time) return Array.from(after.values);
  if (!before || !after || after.time - before.time > longestBridge) return null;
  const share = (time - before.time) / (after.time - before.time);
  return Array.from(before.values, (value, axis) => value + share * (after.values[axis] - value));
}
