import type { Vehicle } from '../../envs/vehicle.ts';
import { ACTION_SIZE } from '../../envs/actions.ts';
import { MlpInference } from '../../policies/inference.ts';
import type { Policy } from '../../policies/policy.ts';
import { kernelBytes } from '../backend/kernels.ts';
import type { Evaluator } from '../evaluate/evaluate.ts';
import { visitedObservations } from '../evaluate/visited.ts';
import type { SourceStates } from './clone.ts';

const REHEARSAL_STATES = 8192;
/** Added to the run's seed, so that states to rehearse are not those that success is judged by. */
const REHEARSAL_SEED = 0x50000000;

/** The tasks that a policy was trained for: its own, and those its Fisher information speaks of. */
export function sourceTasks({ contract }: Policy): string[] {
  return [...new Set([contract.task, ...(contract.fisher?.tasks ?? [])])];
}

/** States that the policy visits in its own task on the nominal vehicle, with what it does there. */
export function sourceStates(policy: Policy, vehicle: Vehicle, seed: number): SourceStates {
  const n = REHEARSAL_STATES;
  const fly = { task: policy.contract.task, vehicle, randomisation: null, seed: (seed + REHEARSAL_SEED) >>> 0 };
  const obs = visitedObservations(policy, fly, n);
  const actions = new Float32Array(n * ACTION_SIZE);
  new MlpInference(policy.actor, n, kernelBytes()).run(obs, n, actions);
  return { obs, actions, n };
}

/** Success rate in each of the tasks on the nominal vehicle; the same seed gives every policy the same starts. */
export async function sourceSuccess(
  evaluator: Evaluator,
  policy: Policy,
  tasks: string[],
  vehicle: Vehicle,
  episodes: number,
  seed: number,
): Promise<number[]> {
  const rates: number[] = [];
  for (const task of tasks) {
    const { successRate } = await evaluator.evaluate(policy, { task, vehicle, randomisation: null, episodes, seed });
    rates.push(successRate);
  }
  return rates;
}
