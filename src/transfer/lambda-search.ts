import type { Mlp } from '../../policies/mlp.ts';
import { breathe } from './breathe.ts';
import { type CloneSettings, type CloneTask, cloneFlights } from './clone.ts';

import type { FinetuneOptions, TriedLambda } from './report.ts';

/** Where there is nothing to search by. */
export const USUAL_LAMBDA = 0.001;
const CANDIDATES = [1e-4, 1e-3, 1e-2, 1e-1, 1];
/** Validation errors within this of the best count as no worse. */
const TOLERANCE = 0.05;
/** A search run's share of the epochs. */
const SHARE = 0.25;

/**
 * Chooses EWC's λ by short runs that the validation flights judge: the largest λ that is not clearly worse than the
 * best one. Validation flights tell what λ costs, not what it keeps, so of those that cost nothing the one that keeps
 * most is taken.
 *
 * @see Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, section 7.10, for the rule
 */
export async function searchLambda(
  start: Mlp,
  task: CloneTask,
  settings: CloneSettings,
  { signal, onProgress }: Pick<FinetuneOptions, 'signal' | 'onProgress'>,
): Promise<TriedLambda[]> {
  const epochs = Math.max(1, Math.round(SHARE * settings.epochs));
  const tried: TriedLambda[] = [];
  for (const lambda of CANDIDATES) {
    const { metrics } = await cloneFlights(start, task, { ...settings, epochs, ewcLambda: lambda });
    const validationMse = metrics[metrics.length - 1].validationMse;
    tried.push({ lambda, validationMse });
    const text = `λ ${lambda}  error ${validationMse.toFixed(5)}`;
    onProgress?.({ phase: 'search', done: tried.length, total: CANDIDATES.length, text });
    await breathe(signal);
  }
  return tried;
}

/** The largest λ whose error is within tolerance of the best. */
export function chosenLambda(tried: TriedLambda[]): number {
  const best = Math.min(...tried.map(({ validationMse }) => validationMse));
  return Math.max(
    ...tried.filter(({ validationMse }) => validationMse <= (1 + TOLERANCE) * best).map(({ lambda }) => lambda),
  );
}
