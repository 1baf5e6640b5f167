import { actionMap } from '../../envs/actions.ts';
import { observationFields, observationSize } from '../../envs/observation.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { ACTION_MEANING, type Contract } from '../../policies/contract.ts';
import type { Mlp } from '../../policies/mlp.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { packageVersion } from '../package-root.ts';
import type { RunConfig } from './config.ts';
import { configHash, observationSpec } from './setup.ts';

/** A run's networks as a policy with the whole contract, scores and Fisher still to come. */
export function describePolicy(
  config: RunConfig,
  vehicle: Vehicle,
  normaliser: Normaliser,
  actor: Mlp,
  logStd: Float32Array,
): Policy {
  const spec = observationSpec(config, vehicle);
  const { center, span } = actionMap(vehicle, config.actions);
  const contract: Contract = {
    format: 'windhover-policy',
    version: 1,
    name: `${config.task}-${config.actions}`,
    task: config.task,
    vehicle: vehicle.name,
    frames: { world: 'ENU', body: 'FLU', quaternion: '[x, y, z, w] worldFromBody' },
    rate_Hz: spec.rate_Hz,
    observation: { size: observationSize(spec), spec, fields: observationFields(spec), normaliser },
    action: {
      mode: config.actions,
      size: 4,
      low: -1,
      high: 1,
      meaning: ACTION_MEANING[config.actions],
      center,
      span,
      std: Array.from(logStd, Math.exp),
    },
    motorOrder: vehicle.rotors.map(({ position_m, spin }) => ({ position_m: [...position_m], spin })),
    commandMap: { ...vehicle.command },
    network: { sizes: actor.sizes, activation: 'tanh' },
    fisher: null,
    scores: {},
    provenance: {
      algorithm: config.algorithm,
      seed: config.seed,
      configSha256: configHash(config),
      windhover: packageVersion(),
    },
  };
  return { contract, actor };
}
