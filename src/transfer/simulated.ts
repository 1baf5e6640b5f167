import { Rng } from '../../envs/rng.ts';
import { createMlp, type Mlp, mlpFromWeights } from '../../policies/mlp.ts';
import type { Evaluator } from '../evaluate/evaluate.ts';
import { evaluationSeed } from '../learn/selection.ts';
import { breathe } from './breathe.ts';
import { type Chain, type ChainReport, transferOf } from './chain.ts';
import type { SourceScore } from './guard.ts';
import type { Prepared } from './prepare.ts';
import type { FinetuneOptions } from './report.ts';

const EVALUATION_DRAW = 0x71000001;
const BLANK_STREAM = 0x44000000;

/** What simulation says of the policy before and of each new one. */
export interface Simulated {
  /** For each of the new policies one score a task. */
  scores: SourceScore[][];
  /** With the chosen one as the last stage. */
  chain: ChainReport;
}

/** Networks that flights made. */
export interface Tuned {
  actors: Mlp[];
  /** Which of `actors` is the new policy. */
  chosen: number;
  /** Learnt from the flights alone. */
  scratch: Mlp;
}

/**
 * Flies the policy before, each of `actors`, the one from scratch, the policies of earlier stages and one with random
 * weights through all tasks of the chain, each on its nominal vehicle, all from the same starts.
 */
export async function simulate(
  { source, settings, chain }: Prepared,
  evaluator: Evaluator,
  { signal, onProgress }: Pick<FinetuneOptions, 'signal' | 'onProgress'>,
  { actors, chosen, scratch }: Tuned,
): Promise<Simulated> {
  const { episodes, seed } = settings;
  const { sizes } = source.actor;
  const earlier = chain.anchors.slice(0, -1).map(({ weights }) => mlpFromWeights([...sizes], weights));
  const blank = createMlp(sizes, new Rng(seed, BLANK_STREAM));
  const flown: number[][] = [];
  const networks = [source.actor, ...actors, scratch, ...earlier, blank];
  for (const actor of networks) {
    const rates: number[] = [];
    for (const { task, vehicle } of chain.tasks) {
      const fly = { task, vehicle, randomisation: null, episodes, seed: evaluationSeed(seed, EVALUATION_DRAW) };
      rates.push((await evaluator.evaluate({ ...source, actor }, fly)).successRate);
    }
    flown.push(rates);
    onProgress?.({ phase: 'source', done: flown.length, total: networks.length, text: `${episodes} episodes` });
    await breathe(signal);
  }
  const after = flown.slice(1, 1 + actors.length);
  const alone = flown[1 + actors.length];
  const success = [...flown.slice(2 + actors.length, -1), flown[0], after[chosen]];
  return {
    scores: after.map((rates) => scoresOf(chain, episodes, { before: flown[0], after: rates, scratch: alone })),
    chain: chainReport(chain, success, flown[flown.length - 1]),
  };
}

function scoresOf(
  { tasks }: Chain,
  episodes: number,
  { before, after, scratch }: Record<'before' | 'after' | 'scratch', number[]>,
): SourceScore[] {
  return tasks.map(({ task, vehicle }, k) => ({
    task,
    ...(tasks.some((other) => other.vehicle !== vehicle) ? { vehicle: vehicle.name } : {}),
    episodes,
    before: { successRate: before[k] },
    after: { successRate: after[k] },
    scratch: { successRate: scratch[k] },
  }));
}

function chainReport({ stages, tasks }: Chain, success: number[][], untrained: number[]): ChainReport {
  return {
    stages: stages.map(({ vehicle, flights }) =>
      flights === 0 ? `pre-trained on ${vehicle.name}` : `${flights} flights of ${vehicle.name}`,
    ),
    tasks: tasks.map(({ task, vehicle, learntAt }) => ({ task, vehicle: vehicle.name, learntAt })),
    success,
    untrained,
    ...transferOf(
      success,
      tasks.map(({ learntAt }) => learntAt),
      untrained,
    ),
  };
}
