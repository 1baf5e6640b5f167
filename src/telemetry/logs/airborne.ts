import type { Flight, Series } from '../flight.ts';

/** How far above the take-off height a vehicle counts as in the air [m]: clear of ground contact. */
const CLEARANCE = 0.1;

/**
 * Seconds with every motor on, more than 0.1 m above the take-off height; null without pose or motors.
 *
 * The take-off height is that of the first motor command; a log that begins with the motors on began in the air, and
 * counts from its first sample.
 */
export function airborneSeconds(flight: Flight): number | null {
  const { motors, pose } = flight.topics;
  if (!motors || !pose) return null;
  const floor = allOn(motors, 0) ? Number.NEGATIVE_INFINITY : heightAt(pose, motors.time[0]) + CLEARANCE;
  let seconds = 0;
  for (let i = 0; i + 1 < motors.time.length; i++)
    if (allOn(motors, i) && heightAt(pose, motors.time[i]) > floor) seconds += motors.time[i + 1] - motors.time[i];
  return seconds;
}

function allOn(motors: Series, row: number): boolean {
  return motors.columns.every((column) => column[row] > 0);
}

/** Height [m] at the last pose not after `time`, or at the first one. */
function heightAt(pose: Series, time: number): number {
  let [low, high] = [0, pose.time.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pose.time[middle] <= time) low = middle;
    else high = middle - 1;
  }
  return pose.columns[2][low];
}
