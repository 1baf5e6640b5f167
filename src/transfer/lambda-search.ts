import type { Mlp } from '../../policies/mlp.ts';
import { breathe } from './breathe.ts';
import type { CloneSettings, CloneTask } from './clone.ts';
import type { FinetuneOptions, TriedLambda } from './report.ts';
import { keepingMost, shortRun } from './short-run.ts';

/** Where there is nothing to search by. */
export const USUAL_LAMBDA = 0.001;
const CANDIDATES = [1e-3, 1e-2, 1e-1, 1];
/** Validation errors within this of the best count as no worse: 3 % in a short run became 16 % in a whole one. */
const TOLERANCE = 0.02;

/**
 * Tries values of EWC's λ in short runs: the validation flights tell what each costs, some simulated episodes what it
 * loses.
 *
 * @param lossOf success that a network has lost in the earlier tasks, the worst of them
 */
export async function searchLambda(
  start: Mlp,
  task: CloneTask,
  settings: CloneSettings,
  lossOf: (actor: Mlp) => number,
  { signal, onProgress }: Pick<FinetuneOptions, 'signal' | 'onProgress'>,
): Promise<TriedLambda[]> {
  const tried: TriedLambda[] = [];
  for (const lambda of CANDIDATES) {
    const run = await shortRun(start, task, { ...settings, ewcLambda: lambda }, lossOf);
    tried.push({ lambda, ...run });
    const text = `λ ${lambda}  error ${run.validationMse.toFixed(5)}`;
    onProgress?.({ phase: 'search', done: tried.length, total: CANDIDATES.length, text });
    await breathe(signal);
  }
  return tried;
}

/**
 * Of the λ that keep the earlier tasks (or, where none does, lose about least), the largest whose error is not clearly
 * worse than the best one's: of those that cost nothing the one that keeps most.
 *
 * @see Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, section 7.10, for such a rule
 */
export function chosenLambda(tried: TriedLambda[]): number {
  const keeping = keepingMost(tried);
  const best = Math.min(...keeping.map(({ validationMse }) => validationMse));
  const cheap = keeping.filter(({ validationMse }) => validationMse <= (1 + TOLERANCE) * best);
  return Math.max(...cheap.map(({ lambda }) => lambda));
}
