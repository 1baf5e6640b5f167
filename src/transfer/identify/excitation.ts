import type { Vehicle } from '../../../envs/vehicle.ts';
import { type FlightData, latenessOf } from './flight-data.ts';
import type { Replay } from './replay.ts';
import { windowsOf } from './windows.ts';

/** How much a log shows of rotation about one axis. */
export interface Excitation {
  /** Standard deviation of the change of the body rate over 50 ms [rad/s]. */
  change_rad_s: number;
  /**
   * Share of these changes that the model explains, each flight's mean taken off: 0.4 to 0.7 on calm flights, where
   * the controller answers disturbances, above 0.9 where the vehicle was made to turn.
   */
  explained: number;
}

const SECONDS = 0.05;
const MOST_WINDOWS = 4000;

/** How much the flights show of rotation, about x, y and z, with a model of the vehicle. */
export function excitationOf(replay: Replay, flights: FlightData[], vehicle: Vehicle): Excitation[] {
  const steps = Math.round(SECONDS * vehicle.physics_Hz);
  const windows = windowsOf(flights, steps, steps, MOST_WINDOWS);
  const late_s = latenessOf(vehicle).rates_s;
  const { rates } = replay.run(vehicle, windows, {
    steps,
    stride: steps,
    followAttitude: false,
    late_s,
    attitudeLater_s: 0,
  });
  return [0, 1, 2].map((axis) => {
    const change = windows.map(({ flight, from }) => {
      const column = flights[flight].rates[axis];
      return column[from + steps] - column[from];
    });
    const left = change.map((measured, w) => measured - (rates[(w * 2 + 1) * 3 + axis] - rates[w * 6 + axis]));
    const of = windows.map(({ flight }) => flight);
    const total = spread(change, of);
    return { change_rad_s: Math.sqrt(total), explained: total > 0 ? 1 - spread(left, of) / total : 0 };
  });
}

/** Mean square about each flight's own mean. */
function spread(values: number[], groups: number[]): number {
  const sums = new Map<number, { n: number; sum: number; squares: number }>();
  values.forEach((value, i) => {
    const own = sums.get(groups[i]) ?? { n: 0, sum: 0, squares: 0 };
    sums.set(groups[i], { n: own.n + 1, sum: own.sum + value, squares: own.squares + value * value });
  });
  let total = 0;
  for (const { n, sum, squares } of sums.values()) total += squares - (sum * sum) / n;
  return values.length > 0 ? total / values.length : 0;
}
