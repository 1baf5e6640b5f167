import type { Flight } from '../../../src/telemetry/flight.ts';
import { atLeast, type Figure } from '../figures.ts';
import { type BenchContext, nanobenchFlights } from './context.ts';
import { BY_HEART, CALM_POLICY, REGULARISED, tuned } from './tuning.ts';

const COUNTS = [1, 2, 4, 8];
/** Which flights are had differs much from draw to draw. */
const DRAWS = [0, 1];

/**
 * From few flights: error of the network learnt from scratch over that of the pre-trained one, on flights held out, both with
 * the defaults. Beside it the same where both are regularised, where neither is, which shows how much of the ratio is no more
 * than that, the error before tuning, and what is left of the source task.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const flights = await nanobenchFlights(context);
  const curve = await learningCurve(flights, {});
  const regularised = await learningCurve(flights, REGULARISED);
  const byHeart = await learningCurve(flights, BY_HEART);
  return atLeast('few_flights', Math.min(...curve.map(({ ratio }) => ratio)), 1.2, '', { curve, regularised, byHeart });
}

/** Both errors from each number of flights, and the success that is left in the source task; means over draws. */
async function learningCurve(
  { train, test }: { train: Flight[]; test: Flight[] },
  settings: Partial<typeof REGULARISED>,
) {
  const curve = [];
  for (const count of COUNTS) {
    let [scratch, before, after, kept, flies] = [0, 0, 0, 0, 0];
    for (const draw of DRAWS) {
      // evenly through the names, so that the kinds of flights are mixed
      const few = Array.from(
        { length: count },
        (_, k) => train[(Math.floor((k * train.length) / count) + 2 * draw) % train.length],
      );
      const { report } = await tuned({
        policy: CALM_POLICY,
        flights: few,
        test,
        seed: draw,
        episodes: 100,
        ...settings,
      });
      scratch += report.real.scratch.actionMse / DRAWS.length;
      before += report.real.before.actionMse / DRAWS.length;
      after += report.real.after.actionMse / DRAWS.length;
      kept += report.source[0].after.successRate / DRAWS.length;
      flies += report.source[0].scratch!.successRate / DRAWS.length;
    }
    curve.push({
      flights: count,
      scratch,
      before,
      pretrained: after,
      ratio: scratch / after,
      successKept: kept,
      successFromScratch: flies,
    });
  }
  return curve;
}
