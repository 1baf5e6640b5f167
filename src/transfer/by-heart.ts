import type { Mlp } from '../../policies/mlp.ts';
import { breathe } from './breathe.ts';
import type { CloneSettings, CloneTask } from './clone.ts';
import type { FinetuneOptions, TriedByHeart } from './report.ts';
import { keepingMost, shortRun } from './short-run.ts';

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
  const tried: TriedByHeart[] = [];
  for (const way of [BY_HEART, AGAINST_HEART]) {
    const run = await shortRun(start, task, { ...settings, ...way }, lossOf);
    tried.push({ ...way, ...run });
    const text = `jitter ${way.jitter}  error ${run.validationMse.toFixed(5)}`;
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
