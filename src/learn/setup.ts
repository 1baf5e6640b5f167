import { createHash } from 'node:crypto';
import { InputError } from '../../envs/input-error.ts';
import { type ObservationSpec, observationFields } from '../../envs/observation.ts';
import type { VectorEnvOptions } from '../../envs/vector-env.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import type { FlyOptions } from '../evaluate/fly.ts';
import { readVehicle } from '../vehicle-file.ts';
import type { RunConfig } from './config.ts';

/** What a run's policy flies, in learning as in evaluation. */
export type Condition = Omit<FlyOptions, 'seed'>;

/**
 * Reads the vehicle and the logs that a run names.
 *
 * @throws InputError naming the file and what was expected
 */
export async function conditionOf(config: RunConfig): Promise<Condition> {
  const { task, randomise, randomisation, paths } = config;
  const condition = { task, vehicle: readVehicle(config.vehicle), randomisation: randomise ? randomisation : null };
  if (paths.length === 0) return condition;
  if (task !== 'track') throw new InputError(`paths: expected the task track with them, got ${task}`);
  const { readLoggedPaths } = await import('../telemetry/logged-path.ts');
  return { ...condition, paths: await readLoggedPaths(paths) };
}

/** The environments that a run learns in. */
export function envOptions(config: RunConfig, condition: Condition): VectorEnvOptions {
  const { vehicle } = condition;
  return {
    ...condition,
    actions: config.actions,
    n: config.learn.envs,
    seed: config.seed,
    observation: observationSpec(config, vehicle),
    privileged: config.learn.privilegedCritic,
    easyStarts: config.learn.easyStarts,
    retries: config.learn.retries,
    reward: config.reward,
    teacher: config.teacher,
  };
}

/** The observation of a run's policy, with the vehicle's own rate and battery. */
export function observationSpec(config: RunConfig, vehicle: Vehicle): ObservationSpec {
  return { rate_Hz: vehicle.control_Hz, nominalVoltage_V: vehicle.battery.nominal_V, ...config.observation };
}

/** The normaliser that the fields' own scales give; they are known beforehand, so nothing has to be estimated. */
export function fieldNormaliser(spec: ObservationSpec): Normaliser {
  const std = observationFields(spec).flatMap((field) => Array<number>(field.size).fill(field.scale));
  return { mean: std.map(() => 0), std, clip: 10 };
}

/** Names a config's content, less what changes no result: threads, checkpoints, and the backend that is noted beside. */
export function configHash(config: RunConfig): string {
  const { workers: _workers, backend: _backend, checkpoint_s: _checkpoint, ...rest } = config;
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 16);
}
