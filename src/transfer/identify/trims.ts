import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Balance } from './balance.ts';
import type { Centre, Motion } from './candidate.ts';
import type { Fit } from './fit.ts';
import type { FlightData } from './flight-data.ts';

/** What one flight has of its own. */
export interface FlightTrim {
  name: string;
  /** Time in the air that was used [s]. */
  seconds: number;
  /** Thrust over the vehicle's. */
  thrust_ratio: number;
  /** Angular acceleration that its commands have to hold against, about x, y and z [rad/s²]. */
  torque_rad_s2: [number, number, number];
  /** The same as each motor's strength over the vehicle's. */
  motor_ratio: [number, number, number, number];
}

/** The trim of flight `f`. */
export function trimOf(
  flight: FlightData,
  fit: Fit,
  balance: Balance,
  f: number,
  motion: Motion,
  { rotors }: Vehicle,
  centre: Centre,
): FlightTrim {
  const [x, y, z] = balance.trims[f];
  const thrust = 1 + (fit.effects[f]?.[0] ?? 0);
  // as signed sums of commands, spread evenly over the motors: these are ratios to the gains that the torques were found
  // with, refused or not; a command's share of thrust is exponent / command
  const { gainRoll, gainPitch, gainYaw } = fit.motion;
  const sums = [x / gainRoll, y / gainPitch, z / gainYaw];
  const perCommand = motion.commandExponent / centre.command;
  const motor_ratio = rotors.map(({ position_m, spin }) => {
    const signs = [Math.sign(position_m[1]), -Math.sign(position_m[0]), spin === 'ccw' ? -1 : 1];
    return thrust + (perCommand * signs.reduce((sum, sign, axis) => sum + sign * sums[axis], 0)) / 4;
  });
  return {
    name: flight.name,
    seconds: flight.spans.reduce((sum, { from, end }) => sum + end - from, 0) / flight.rateHz,
    thrust_ratio: thrust,
    torque_rad_s2: [x, y, z],
    motor_ratio: motor_ratio as FlightTrim['motor_ratio'],
  };
}
