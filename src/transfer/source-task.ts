import type { Vehicle } from '../../envs/vehicle.ts';
import { ACTION_SIZE } from '../../envs/actions.ts';
import { MlpInference } from '../../policies/inference.ts';
import type { Mlp } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import { kernelBytes } from '../backend/kernels.ts';
import type { Evaluator } from '../evaluate/evaluate.ts';
import { visitedObservations } from '../evaluate/visited.ts';
import { evaluationSeed } from '../learn/selection.ts';
import type { SourceStates } from './minibatches.ts';
import type { SourceScore } from './guard.ts';
import type { Prepared } from './prepare.ts';
import type { FinetuneOptions } from './report.ts';

const REHEARSAL_STATES = 8192;
/** Added to the run's seed, so that states to rehearse are not those that success is judged by. */
const REHEARSAL_SEED = 0x50000000;
const EVALUATION_DRAW = 0x71000001;

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

/**
 * Success of the source policy and of each of `actors` in the source tasks on the nominal vehicle, all from the same
 * starts.
 *
 * @returns for each of `actors` one score a task
 */
export async function scoreSource(
  { source, vehicle, settings }: Prepared,
  evaluator: Evaluator,
  { signal, onProgress }: FinetuneOptions,
  actors: Mlp[],
): Promise<SourceScore[][]> {
  const { episodes, seed } = settings;
  const tasks = sourceTasks(source);
  const rates: number[][] = [];
  for (const actor of [source.actor, ...actors]) {
    const fly = { vehicle, randomisation: null, episodes, seed: evaluationSeed(seed, EVALUATION_DRAW) };
    const scores: number[] = [];
    for (const task of tasks)
      scores.push((await evaluator.evaluate({ ...source, actor }, { ...fly, task })).successRate);
    rates.push(scores);
    onProgress?.({ phase: 'source', done: rates.length, total: actors.length + 1, text: `${episodes} episodes` });
    signal?.throwIfAborted();
  }
  return rates.slice(1).map((after) =>
    tasks.map((task, k) => ({
      task,
      episodes,
      before: { successRate: rates[0][k] },
      after: { successRate: after[k] },
    })),
  );
}
