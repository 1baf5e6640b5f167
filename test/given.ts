import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Rng } from '../envs/rng.ts';
import { createMlp } from '../policies/mlp.ts';
import type { Policy } from '../policies/policy.ts';
import { resolveConfig } from '../src/learn/config.ts';
import { describePolicy } from '../src/learn/describe.ts';
import { fieldNormaliser, observationSpec } from '../src/learn/setup.ts';
import { DEFAULT_OBSERVATION } from '../envs/observation.ts';
import { taskNamed } from '../envs/tasks/index.ts';
import { VectorEnv, type VectorEnvOptions } from '../envs/vector-env.ts';
import { parseVehicle, type Vehicle } from '../envs/vehicle.ts';
import { packageRoot } from '../src/package-root.ts';
import { readVehicle } from '../src/vehicle-file.ts';

/** Fails unless `actual` is within `tolerance` of `expected`. */
export function near(actual: number, expected: number, tolerance: number, what = 'value'): void {
  const ok = Math.abs(actual - expected) <= tolerance;
  assert.ok(ok, `${what}: expected ${expected} ± ${tolerance}, got ${actual}`);
}

/** The folder of real flights, or null where there is none: then the test says that it was skipped. */
export function flightsFolder(): string | null {
  const folder = process.env.WINDHOVER_FLIGHTS ?? join(packageRoot(), '..', 'shared', 'flights');
  return existsSync(folder) ? folder : null;
}

/** An untrained policy for the Crazyflie with random weights, its contract complete. */
export function givenPolicy({ seed = 1, task = 'hover' } = {}): Policy {
  const vehicle = readVehicle('crazyflie');
  const config = resolveConfig({ task });
  const normaliser = fieldNormaliser(observationSpec(config, vehicle));
  const actor = createMlp([normaliser.mean.length, 64, 64, 4], new Rng(seed), 0.1);
  return describePolicy(config, vehicle, normaliser, actor, new Float32Array(4).fill(-1));
}

/** A vehicle that ships with Windhover, with parts of it replaced. */
export function givenVehicle(name = 'crazyflie', change: Partial<Vehicle> = {}): Vehicle {
  const file = join(packageRoot(), 'envs', 'vehicles', `${name}.yaml`);
  return { ...parseVehicle(readFileSync(file, 'utf8'), file), ...change };
}

/** A hover environment of nominal Crazyflies, unless told otherwise. */
export function givenEnv(change: Partial<VectorEnvOptions> = {}): VectorEnv {
  const vehicle = change.vehicle ?? givenVehicle();
  const task = change.task ?? 'hover';
  const observation = {
    ...DEFAULT_OBSERVATION,
    ...(typeof task === 'string' ? taskNamed(task) : task).observation,
    rate_Hz: vehicle.control_Hz,
    nominalVoltage_V: vehicle.battery.nominal_V,
  };
  return new VectorEnv({
    task,
    vehicle,
    randomisation: null,
    actions: 'motors',
    n: 1,
    seed: 1,
    observation,
    ...change,
  });
}
