import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../envs/input-error.ts';
import { parseVehicle, type Vehicle } from '../envs/vehicle.ts';
import { packageRoot } from './package-root.ts';

/** Names of the vehicles in envs/vehicles, sorted. */
export function vehicleNames(): string[] {
  return readdirSync(vehiclesFolder())
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/**
 * Reads a vehicle by its name in envs/vehicles, or from a YAML file.
 *
 * @throws InputError naming the file and field, or the vehicles there are
 */
export function readVehicle(nameOrFile: string): Vehicle {
  const file = /\.ya?ml$/.test(nameOrFile) ? resolve(nameOrFile) : join(vehiclesFolder(), `${nameOrFile}.yaml`);
  if (!existsSync(file))
    throw new InputError(
      `vehicle ${nameOrFile}: expected one of ${vehicleNames().join(', ')}, or a vehicle file ending in .yaml`,
    );
  return parseVehicle(readText(file), /\.ya?ml$/.test(nameOrFile) ? nameOrFile : `${nameOrFile}.yaml`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file}: expected a vehicle file that can be read: ${(error as Error).message}`);
  }
}

function vehiclesFolder(): string {
  return join(packageRoot(), 'envs', 'vehicles');
}
