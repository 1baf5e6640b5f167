import { InputError } from '../../envs/input-error.ts';
import type { Anchor } from '../../policies/ewc.ts';
import { type Mlp, mlpWeights } from '../../policies/mlp.ts';
import { policyFolder, readPolicy } from '../policy-folder.ts';
import type { RunConfig } from './config.ts';

/** What a run begins from instead of random weights. */
export interface WarmStart {
  actor: Mlp;
  /** Logarithm of its spread, `[A]`. */
  logStd: Float32Array;
  /** What EWC holds the actor by; none where `learn.ewc` is 0. */
  anchors: Anchor[];
}

/**
 * The policy that a run's `from` names, where it names one.
 *
 * @param sizes of the run's actor, which must be the policy's
 * @throws InputError where it does not fit the run, or has no Fisher information for EWC to go by
 */
export function warmStart({ from, learn, backend }: RunConfig, sizes: readonly number[]): WarmStart | null {
  if (from === null) {
    if (learn.ewc > 0) throw new InputError('learn.ewc: expected a policy to begin from with it, got none: set from');
    return null;
  }
  const { actor, contract, fisher, anchors } = readPolicy(from);
  if (actor.sizes.join() !== sizes.join())
    throw new InputError(
      `${from}: network: expected layers of ${sizes.join('-')} as the run has, got ${actor.sizes.join('-')}`,
    );
  if (learn.ewc > 0 && !fisher)
    throw new InputError(`${from}: fisher: expected the information that EWC goes by, found none; set learn.ewc=0`);
  if (learn.ewc > 0 && backend !== 'wasm')
    throw new InputError(`learn.ewc: expected the backend wasm with it, got ${backend}`);
  const held = anchors ?? (fisher ? [{ weights: mlpWeights(actor), fisher }] : []);
  return {
    actor,
    logStd: Float32Array.from(contract.action.std, (std) => Math.log(Math.max(std, learn.initialStd))),
    anchors: learn.ewc > 0 ? held : [],
  };
}

/** The settings that a run must share with the policy it begins from, and those it takes over unless told otherwise. */
export function settingsFrom(name: string) {
  const { contract, actor } = readPolicy(name);
  const { rate_Hz: _rate, nominalVoltage_V: _voltage, ...observation } = contract.observation.spec;
  return {
    from: policyFolder(name),
    algorithm: 'ppo',
    task: contract.task,
    vehicle: contract.vehicle,
    actions: contract.action.mode,
    observation,
    learn: { hidden: actor.sizes.slice(1, -1), ...WARM },
  };
}

/** Steps for the critic to learn what the policy is worth, before the policy moves. */
const WARM = { criticWarmupSteps: 60_000 };
