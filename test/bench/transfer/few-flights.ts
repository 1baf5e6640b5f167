import type { Flight } from '../../../src/telemetry/flight.ts';
import type { FinetuneOptions } from '../../../src/transfer/report.ts';
import { atLeast, type Figure } from '../figures.ts';
import { type BenchContext, nanobenchFlights } from './context.ts';
import { tuned } from './tuning.ts';

const COUNTS = [1, 2, 4, 8];
/** Which flights are had differs much from draw to draw. */
const DRAWS = [0, 1];
/** What keeps few flights from being learnt by heart, for either side: it shows how much of the ratio is no more than that. */
const REGULARISED = { jitter: 1.6, trims: 12 };

/**
 * From few flights: error of the network learnt from scratch over that of the pre-trained one, on flights held out, both with
 * the defaults.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const flights = await nanobenchFlights(context);
  const curve = await learningCurve(flights, {});
  const regularised = await learningCurve(flights, REGULARISED);
  return atLeast('few_flights', Math.min(...curve.map(({ ratio }) => ratio)), 1.2, '', { curve, regularised });
}

type Settings = Partial<Pick<FinetuneOptions, 'jitter' | 'trims'>>;

/** Both errors from each number of flights, mean over draws. */
async function learningCurve({ train, test }: { train: Flight[]; test: Flight[] }, settings: Settings) {
  const curve = [];
  for (const count of COUNTS) {
    let [scratch, after, kept] = [0, 0, 0];
    for (const draw of DRAWS) {
      // evenly through the names, so that the kinds of flights are mixed
      const few = Array.from(
        { length: count },
        (_, k) => train[(Math.floor((k * train.length) / count) + 2 * draw) % train.length],
      );
      const options = { policy: 'hover-motors-pilot', flights: few, test, seed: draw, episodes: 100, ...settings };
      const { report } = await tuned(options);
      scratch += report.real.scratch.actionMse / DRAWS.length;
      after += report.real.after.actionMse / DRAWS.length;
      kept += report.source[0].after.successRate / DRAWS.length;
    }
    curve.push({ flights: count, scratch, pretrained: after, ratio: scratch / after, successKept: kept });
  }
  return curve;
}
