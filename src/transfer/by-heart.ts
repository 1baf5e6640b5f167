import type { Mlp } from '../../policies/mlp.ts';
import { breathe } from './breathe.ts';
import { type CloneSettings, type CloneTask, cloneFlights } from './clone.ts';
import { flightErrors, geometricMean } from './errors.ts';
import { keepingMost, SHARE } from './lambda-search.ts';
import type { FinetuneOptions, TriedByHeart } from './report.ts';

/** What keeps few flights from being learnt by heart. */
export type AgainstHeart = Pick<CloneSettings, 'jitter' | 'trims'>;

/** Each real flight has a trim of its own, and a few show little of where the next one goes. See `jitterScales` and `withoutTrims`. */
export const AGAINST_HEART: AgainstHeart = { jitter: 1.6, trims: 12 };
const BY_HEART: AgainstHeart = { jitter: 0, trims: 0 };

/**
 * Tries both ways in short runs: the validation flights tell whether flights learnt by heart foretell another one worse,
 * some simulated episodes what noise costs of the earlier tasks.
 *
 * @param lossOf success that a network has lost in the earlier tasks, the worst of them
 */
export async function searchByHeart(
  start: Mlp,
  task: CloneTask,
  settings: CloneSettings,
  lossOf: (actor: Mlp) => number,
  { signal, onProgress }: Pick<FinetuneOptions, 'signal' | 'onProgress'>,
): Promise<TriedByHeart[]> {
  const epochs = Math.max(1, Math.round(SHARE * settings.epochs));
  const tried: TriedByHeart[] = [];
  for (const way of [BY_HEART, AGAINST_HEART]) {
    const { actor } = await cloneFlights(start, { ...task, validation: [] }, { ...settings, ...way, epochs });
    const validationMse = geometricMean(flightErrors(task.contract, actor, task.map, task.validation));
    tried.push({ ...way, validationMse, lost: lossOf(actor) });
    const text = `jitter ${way.jitter}  error ${validationMse.toFixed(5)}`;
    onProgress?.({ phase: 'search', done: tried.length, total: 2, text });
    await breathe(signal);
  }
  return tried;
}

/** Of the ways that keep the earlier tasks (or, where neither does, lose about least) the one with the least error. */
export function chosenWay(tried: TriedByHeart[]): AgainstHeart {
  const { jitter, trims } = keepingMost(tried).reduce((best, way) =>
    way.validationMse < best.validationMse ? way : best,
  );
  return { jitter, trims };
}
