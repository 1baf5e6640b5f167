import type { Vehicle } from '../../../envs/vehicle.ts';
import { type Centre, type Motion, vehicleOf } from './candidate.ts';
import { type FlightData, latenessOf } from './flight-data.ts';
import type { Replay } from './replay.ts';
import { type Look, rotationErrors, width } from './residuals.ts';

/** How much a log shows of rotation about one axis. */
export interface Excitation {
  /** Standard deviation of the change of the body rate over 50 ms [rad/s]. */
  change_rad_s: number;
  /**
   * Share that the commands explain of how the rate bends within a window, a constant torque left free: little where
   * the vehicle flies calmly and disturbances and noise make up the rest, nearly all where it is made to turn.
   */
  explained: number;
}

const CHANGE_SECONDS = 0.05;

/** How much the flights show of rotation, about x, y and z, in the windows of `look`. */
export function excitationOf(
  replay: Replay,
  flights: FlightData[],
  base: Vehicle,
  motion: Motion,
  centre: Centre,
  look: Look,
): Excitation[] {
  const late = latenessOf(base);
  const deaf = { ...motion, gainRoll: DEAF, gainPitch: DEAF, gainYaw: DEAF };
  const left = rotationErrors(replay, flights, vehicleOf(base, motion, centre), look, late);
  const all = rotationErrors(replay, flights, vehicleOf(base, deaf, centre), look, late);
  return [0, 1, 2].map((axis) => ({
    change_rad_s: changeOf(flights, look, axis),
    explained: 1 - squares(left, axis) / squares(all, axis),
  }));

  function squares(errors: Float64Array, axis: number): number {
    const F = width(look);
    const each = look.windows.map((_, w) => {
      let sum = 0;
      for (let i = axis; i < F; i += 3) sum += errors[w * F + i] ** 2;
      return sum;
    });
    each.sort((a, b) => a - b); // the largest hundredth may be knocks
    return each.slice(0, Math.ceil(0.99 * each.length)).reduce((sum, value) => sum + value, 1e-12);
  }
}

/** A gain that no command is felt by [rad/s²]. */
const DEAF = 1e-3;

function changeOf(flights: FlightData[], { windows }: Look, axis: number): number {
  let [sum, total] = [0, 0];
  for (const { flight, from } of windows) {
    const { rates, rateHz } = flights[flight];
    const change = rates[axis][from + Math.round(CHANGE_SECONDS * rateHz)] - rates[axis][from];
    sum += change;
    total += change ** 2;
  }
  const n = Math.max(1, windows.length);
  return Math.sqrt(Math.max(0, total / n - (sum / n) ** 2));
}
