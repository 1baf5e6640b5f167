import type { FinetuneReport } from '../../../src/transfer/report.ts';
import { atMost, type Figure } from '../figures.ts';
import { type BenchContext, nanobenchFlights } from './context.ts';
import { tuned } from './tuning.ts';

/** Success lost in the source task [points], with EWC and without, once as users run it and once without rehearsal. */
export async function measure(context: BenchContext): Promise<Figure> {
  const { train, test } = await nanobenchFlights(context);
  const run = async (change: object) =>
    (await tuned({ policy: 'hover-motors', flights: train, test, seed: 0, episodes: 500, ablateEwc: true, ...change }))
      .report;
  const usual = await run({});
  const bare = await run({ rehearsal: 0 });
  return atMost('source_loss', lost(usual.source), 2, 'points', { usual: both(usual), withoutRehearsal: both(bare) });
}

function both({ settings, source, real, compared, ablation }: FinetuneReport) {
  return {
    ewcLambda: settings.ewcLambda,
    lost: lost(source),
    actionMse: real.after.actionMse,
    gain: compared.before,
    withoutEwc: { lost: lost(ablation!.ewc0.source), actionMse: ablation!.ewc0.real.after.actionMse },
  };
}

function lost(source: FinetuneReport['source']): number {
  return Math.max(...source.map(({ before, after }) => 100 * (before.successRate - after.successRate)));
}
