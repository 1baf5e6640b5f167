import { rotateInverse } from '../../../envs/quaternion.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Motion } from './candidate.ts';
import type { FlightData, Lateness } from './flight-data.ts';
import type { Replay, Window } from './replay.ts';
import { shapes } from './shapes.ts';

/** One kind of window: its length and what of the error in it is looked at. */
export interface Look {
  windows: Window[];
  steps: number;
  stride: number;
  /** Lowest and highest degree of the shapes, see `shapes`. */
  degrees: readonly [number, number];
}

/** Number of features of one window: three axes times the degrees. */
export function width({ degrees: [low, high] }: Look): number {
  return 3 * (high - low + 1);
}

/**
 * Measured minus modelled velocity over translation windows, in the body frame of each window's middle, by shapes.
 *
 * The attitude follows the log: what is left is thrust, drag and where the rotors point.
 *
 * @param motorRatios each flight's motors over the vehicle's, `[4]`
 * @returns `[W, 3 · degrees]`, x y z of the lowest degree first [m/s]
 */
export function translationErrors(
  replay: Replay,
  flights: FlightData[],
  vehicle: Vehicle,
  look: Look,
  { velocityLate_s, attitudeLater_s }: Pick<Motion, 'velocityLate_s' | 'attitudeLater_s'>,
  motorRatios?: number[][],
): Float64Array {
  const { windows, steps, stride } = look;
  const { velocity } = replay.run(vehicle, windows, {
    steps,
    stride,
    followAttitude: true,
    late_s: velocityLate_s,
    attitudeLater_s,
    motorRatios,
  });
  const attitude = new Float64Array(4);
  return project(look, (w, s, S, out) => {
    const { flight, from } = windows[w];
    const { velocity: measured, quaternion } = flights[flight];
    for (let k = 0; k < 4; k++) attitude[k] = quaternion![k][from + (steps >> 1)];
    for (let k = 0; k < 3; k++) out[k] = measured![k][from + s * stride] - velocity[(w * S + s) * 3 + k];
    rotateInverse(attitude, out, out);
  });
}

/** Measured minus modelled body rates over rotation windows, by shapes: `[W, 3 · degrees]` [rad/s]. */
export function rotationErrors(
  replay: Replay,
  flights: FlightData[],
  vehicle: Vehicle,
  look: Look,
  late: Lateness,
): Float64Array {
  const gaps = rateGaps(replay, flights, vehicle, look, late);
  return project(look, (w, s, S, out) => {
    for (let k = 0; k < 3; k++) out[k] = gaps[(w * S + s) * 3 + k];
  });
}

/** Measured minus modelled body rates at the `S` moments of each window, 0 at its start: `[W, S, 3]` [rad/s]. */
export function rateGaps(
  replay: Replay,
  flights: FlightData[],
  vehicle: Vehicle,
  { windows, steps, stride }: Pick<Look, 'windows' | 'steps' | 'stride'>,
  { rates_s }: Lateness,
): Float64Array {
  const { rates } = replay.run(vehicle, windows, {
    steps,
    stride,
    followAttitude: false,
    followRates: true,
    late_s: rates_s,
    attitudeLater_s: 0,
  });
  const S = Math.floor(steps / stride) + 1;
  windows.forEach(({ flight, from }, w) => {
    const measured = flights[flight].rates;
    for (let s = 0; s < S; s++)
      for (let k = 0; k < 3; k++) {
        const at = (w * S + s) * 3 + k;
        rates[at] = measured[k][from + s * stride] - rates[at];
      }
  });
  return rates;
}

function project(look: Look, errorAt: (w: number, s: number, S: number, out: Float64Array) => void): Float64Array {
  const { windows, steps, stride, degrees } = look;
  const [low, high] = degrees;
  const S = Math.floor(steps / stride) + 1;
  const basis = shapes(S, high + 1).slice(low);
  const F = width(look);
  const out = new Float64Array(windows.length * F);
  const error = new Float64Array(3);
  for (let w = 0; w < windows.length; w++)
    for (let s = 0; s < S; s++) {
      errorAt(w, s, S, error);
      for (let d = 0; d < basis.length; d++)
        for (let k = 0; k < 3; k++) out[w * F + d * 3 + k] += basis[d][s] * error[k];
    }
  return out;
}
