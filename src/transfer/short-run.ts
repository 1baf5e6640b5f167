import type { Mlp } from '../../policies/mlp.ts';
import { type CloneSettings, type CloneTask, cloneFlights } from './clone.ts';
import { flightErrors, geometricMean } from './errors.ts';

/** A short run's share of the epochs. */
const SHARE = 0.25;
/** Success lost up to this, two of a hundred episodes, is luck. */
const KEPT = 0.025;

/** What a short run comes to. */
export interface ShortRun {
  /** Error on the validation flights. */
  validationMse: number;
  /** Success lost in the earlier tasks, the worst of them, in [0, 1]. */
  lost: number;
}

/**
 * Learns for a quarter of the epochs, so that settings can be chosen by what comes of it.
 *
 * @param lossOf success that a network has lost in the earlier tasks, the worst of them
 */
export async function shortRun(
  start: Mlp,
  task: CloneTask,
  settings: CloneSettings,
  lossOf: (actor: Mlp) => number,
): Promise<ShortRun> {
  const epochs = Math.max(1, Math.round(SHARE * settings.epochs));
  // the last epoch is wanted, with weights averaged as at the end of a whole run
  const { actor } = await cloneFlights(start, { ...task, validation: [] }, { ...settings, epochs });
  const validationMse = geometricMean(flightErrors(task.contract, actor, task.map, task.validation));
  return { validationMse, lost: lossOf(actor) };
}

/** Those that lose nothing of the earlier tasks, or, where all do, about the least. */
export function keepingMost<T extends ShortRun>(tried: T[]): T[] {
  const least = Math.min(...tried.map(({ lost }) => lost));
  return tried.filter(({ lost }) => lost <= Math.max(0, least) + KEPT);
}
