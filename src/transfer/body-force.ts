import { GRAVITY } from '../../envs/weight.ts';
import type { FlightSamples } from './samples.ts';

/** Specific force along body z [m/s²]: measured, or else from the change of velocity. */
export function specificForceZ(flight: FlightSamples, t: number): number {
  if (flight.acceleration) return flight.acceleration[2][t];
  const { quaternion, velocity, rateHz } = flight;
  const [x, y, z, w] = [quaternion[0][t], quaternion[1][t], quaternion[2][t], quaternion[3][t]];
  const change = (axis: number) => (velocity[axis][t + 1] - velocity[axis][t]) * rateHz;
  const [ux, uy, uz] = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
  return ux * change(0) + uy * change(1) + uz * (change(2) + GRAVITY);
}

/** Mean command of the four motors. */
export function meanCommand4({ commands }: FlightSamples, t: number): number {
  return (commands[0][t] + commands[1][t] + commands[2][t] + commands[3][t]) / 4;
}
