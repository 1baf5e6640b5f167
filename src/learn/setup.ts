import { createHash } from 'node:crypto';
import { type ObservationSpec, observationFields } from '../../envs/observation.ts';
import type { VectorEnvOptions } from '../../envs/vector-env.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import type { RunConfig } from './config.ts';

/** The environments that a run learns in. */
export function envOptions(config: RunConfig, vehicle: Vehicle): VectorEnvOptions {
  return {
    task: config.task,
    vehicle,
    randomisation: config.randomise ? config.randomisation : null,
    actions: config.actions,
    n: config.learn.envs,
    seed: config.seed,
    observation: observationSpec(config, vehicle),
    privileged: config.learn.privilegedCritic,
    easyStarts: config.learn.easyStarts,
    retries: config.learn.retries,
    reward: config.reward,
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
