import { InputError } from '../../../envs/input-error.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Flight } from '../../telemetry/flight.ts';
import { isWrenchLog, thrustCommand, withRotorThrusts } from '../wrench.ts';

/**
 * Logs with the controller's thrust and torques in place of motor commands: rotor thrusts by the vehicle's geometry are then
 * the commands, in fractions of full thrust, and the curve found is of what the controller takes for thrust.
 *
 * @throws InputError when only some of the flights are such logs: their commands would not be the same numbers
 */
export function inCommands(flights: Flight[], base: Vehicle): { flights: Flight[]; base: Vehicle; notes: string[] } {
  const wrenches = flights.filter(isWrenchLog);
  if (wrenches.length === 0) return { flights, base, notes: [] };
  const other = flights.find((flight) => !isWrenchLog(flight));
  if (other)
    throw new InputError(
      `${wrenches[0].source}: motors: expected motor commands, as ${other.source} has them, found the controller's thrust and torques; identify the two kinds of log apart`,
    );
  const { batteryExponent } = base.command;
  return {
    flights: flights.map((flight) => withRotorThrusts(flight, base)),
    base: { ...base, command: { ...thrustCommand(), batteryExponent } },
    notes: [
      `no motor commands: rotor thrusts by the geometry of ${base.name} from the controller's thrust and torques stand in for them, in fractions of full thrust`,
    ],
  };
}
