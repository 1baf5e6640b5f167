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
  const figure = atMost('source_loss', lost(usual.source), 2, 'points', {
    usual: both(usual),
    withoutRehearsal: both(bare),
  });
  return { ...figure, met: figure.met && sameGain(usual) };
}

function both(report: FinetuneReport) {
  const { settings, source, real, compared, ablation } = report;
  const { real: without, gain, source: lostWithout } = ablation!.ewc0;
  return {
    ewcLambda: settings.ewcLambda,
    lost: lost(source),
    actionMse: real.after.actionMse,
    gain: compared.before,
    sameGain: sameGain(report),
    withoutEwc: { lost: lost(lostWithout), actionMse: without.after.actionMse, gain },
  };
}

/** Whether the error with EWC and without, over that before, lie within each other's interval over flights. */
function sameGain({ compared, ablation }: FinetuneReport): boolean {
  const [ours, without] = [compared.before, ablation!.ewc0.gain];
  const within = (ratio: number, ci95: typeof ours.ci95) => !ci95 || (ci95[0] <= ratio && ratio <= ci95[1]);
  return within(ours.ratio, without.ci95) && within(without.ratio, ours.ci95);
}

function lost(source: FinetuneReport['source']): number {
  return Math.max(...source.map(({ before, after }) => 100 * (before.successRate - after.successRate)));
}
