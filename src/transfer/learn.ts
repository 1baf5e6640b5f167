import type { Mlp } from '../../policies/mlp.ts';
import { breathe } from './breathe.ts';
import { type CloneSettings, type CloneTask, type Cloned, cloneFlights, type EpochMetrics } from './clone.ts';
import type { FinetuneOptions, Phase, PhaseMetrics } from './report.ts';

/** What learns, and who is told of it. */
export interface Learning {
  phase: Phase;
  task: CloneTask;
  settings: CloneSettings;
  /** Gets one entry an epoch. */
  metrics: PhaseMetrics[];
  watch: Pick<FinetuneOptions, 'signal' | 'onProgress'>;
}

/** What was learnt, and the error on the validation flights with which it was chosen. */
export interface Learnt extends Cloned {
  validationMse: number;
}

/**
 * Learns twice: first the validation flights tell after how many epochs to stop, then so many epochs on them too.
 * Every real flight has a trim of its own, so each one more to learn from counts (see README.md).
 */
export async function learn(start: Mlp, learning: Learning): Promise<Learnt> {
  const { task, settings } = learning;
  const { epochs } = settings;
  const twice = task.validation.length > 0;
  const first = await cloneFlights(
    start,
    task,
    settings,
    follow(learning, twice ? 'choose' : 'learn', 0, twice ? 2 * epochs : epochs),
  );
  const validationMse = first.metrics[Math.max(0, first.bestEpoch - 1)].validationMse;
  if (!twice || first.bestEpoch === 0) return { ...first, validationMse };
  const all = { ...task, train: [...task.train, ...task.validation], validation: [], stopAfter: first.bestEpoch };
  const second = await cloneFlights(start, all, settings, follow(learning, 'learn', epochs, epochs + first.bestEpoch));
  return { ...second, validationMse };
}

function follow(
  { phase, settings, metrics, watch }: Learning,
  stage: PhaseMetrics['stage'],
  before: number,
  total: number,
): (epoch: EpochMetrics) => Promise<void> {
  const { method, ewcLambda } = settings;
  return async (epoch) => {
    metrics.push({ phase, method, stage, ...epoch });
    const penalty = ewcLambda > 0 ? `  penalty ${epoch.ewcPenalty.toFixed(3)}` : '';
    const how = method === 'full' ? '' : `${method}  `;
    const text = `${how}error ${epoch.validationMse.toFixed(5)}${penalty}`;
    watch.onProgress?.({ phase, done: before + epoch.epoch, total, text });
    await breathe(watch.signal);
  };
}
