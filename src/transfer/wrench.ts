import { mixer } from '../../envs/mixer.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { CommandMap } from '../../policies/contract.ts';
import type { Flight, Series } from '../telemetry/flight.ts';

/** Unit of commands that are rotor thrusts. */
export const THRUST_UNIT = 'fraction of full rotor thrust';

/**
 * A log that holds the controller's thrust and torques in place of motor commands, such as crazyswarm2's, with the rotor
 * thrusts that the vehicle's geometry makes of them as its motors, in fractions of full rotor thrust. Any other log is
 * returned as it is.
 */
export function withRotorThrusts(flight: Flight, vehicle: Vehicle): Flight {
  const { motors, wrench } = flight.topics;
  if (motors?.time.length || !wrench?.time.length) return flight;
  return {
    ...flight,
    topics: { ...flight.topics, motors: rotorThrusts(wrench, vehicle) },
    warnings: [
      ...flight.warnings,
      `no motor commands: rotor thrusts by the geometry of ${vehicle.name} from the controller's thrust and torques`,
    ],
  };
}

/** Whether a flight's motors will be rotor thrusts. */
export function isWrenchLog({ topics }: Flight): boolean {
  return !topics.motors?.time.length && Boolean(topics.wrench?.time.length);
}

/** Rotor thrust over full thrust is all that such a log tells: nothing lies between it and the policy's action but a level. */
export function thrustCommand(): CommandMap {
  return { unit: THRUST_UNIT, level: 1, exponent: 1, batteryExponent: 0 };
}

function rotorThrusts({ time, columns }: Series, vehicle: Vehicle): Series {
  const shares = mixer(vehicle);
  const full = vehicle.rotor.maxThrust_N;
  const thrusts = vehicle.rotors.map((_, rotor) =>
    time.map((_, t) => {
      let thrust = 0;
      for (let k = 0; k < 4; k++) thrust += shares[4 * rotor + k] * columns[k][t];
      return Math.min(1, Math.max(0, thrust / full));
    }),
  );
  return { time, columns: thrusts };
}
