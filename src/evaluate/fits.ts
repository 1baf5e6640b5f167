import { InputError } from '../../envs/input-error.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Policy } from '../../policies/policy.ts';
import { readVehicle, vehicleNames } from '../vehicle-file.ts';

/**
 * The vehicle a policy is to fly: the one given, else the one it was trained for.
 *
 * @param given a vehicle's name or file
 * @param where the policy's name, for the message
 * @throws InputError when there is no such vehicle, or when the policy was trained for one of the user's own: its
 * contract holds the name only
 */
export function vehicleFor({ contract }: Policy, given: string | undefined, where: string): Vehicle {
  if (given === undefined && !vehicleNames().includes(contract.vehicle))
    throw new InputError(
      `${where}: trained for ${contract.vehicle}, which is none of Windhover's own vehicles (${vehicleNames().join(', ')}); ` +
        'give its file with --vehicle FILE.yaml',
    );
  return readVehicle(given ?? contract.vehicle);
}

/**
 * Refuses a vehicle that a policy's contract does not fit: another control rate, or rotors that turn the other way or
 * sit in another order.
 *
 * @param where the policy's name, for the message
 * @throws InputError naming the field of the contract
 */
export function checkVehicle({ contract }: Policy, vehicle: Vehicle, where: string): void {
  if (contract.rate_Hz !== vehicle.control_Hz)
    throw new InputError(
      `${where}: rate_Hz: expected ${vehicle.control_Hz} as ${vehicle.name} runs, got ${contract.rate_Hz}`,
    );
  contract.motorOrder.forEach((motor, i) => {
    const rotor = vehicle.rotors[i];
    const sameCorner = [0, 1].every((k) => Math.sign(motor.position_m[k]) === Math.sign(rotor.position_m[k]));
    if (motor.spin !== rotor.spin || !sameCorner)
      throw new InputError(
        `${where}: motorOrder[${i}]: expected a rotor at ${rotor.position_m} turning ${rotor.spin} as on ${vehicle.name}, ` +
          `got one at ${motor.position_m} turning ${motor.spin}`,
      );
  });
}
