import type { Flight } from '../../../src/telemetry/flight.ts';
import { atLeast, compiled, type Figure } from '../figures.ts';
import { type BenchContext, nanobenchFlights } from './context.ts';
import { recipeError } from './recipe.ts';
import { BY_HEART, CALM_POLICY, REGULARISED, tuned } from './tuning.ts';

const COUNTS = [1, 2, 4, 8];
/** Which flights are had differs much from draw to draw. */
const DRAWS = [0, 1];

/**
 * From few flights: error of the network learnt from scratch over that of the pre-trained one, on flights held out, both with
 * the defaults. Beside it the same where both are regularised, where neither is, which shows how much of the ratio is no more
 * than that, the error before tuning, what is left of the source task and how the network from scratch flies it, and the
 * published recipe on the same flights.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const flights = await nanobenchFlights(context);
  const curve = await learningCurve(flights, {});
  const regularised = await learningCurve(flights, REGULARISED);
  const byHeart = await learningCurve(flights, BY_HEART);
  return atLeast('few_flights', Math.min(...curve.map(({ ratio }) => ratio)), 1.2, '', {
    curve,
    regularised,
    byHeart,
    published14Inputs: await publishedCurve(flights),
  });
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
      const { report } = await tuned({
        policy: CALM_POLICY,
        flights: fewOf(train, count, draw),
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

/** Evenly through the names, so that the kinds of flights are mixed. */
function fewOf<T>(flights: T[], count: number, draw: number): T[] {
  return Array.from(
    { length: count },
    (_, k) => flights[(Math.floor((k * flights.length) / count) + 2 * draw) % flights.length],
  );
}

async function publishedCurve({ train, test }: { train: Flight[]; test: Flight[] }) {
  const { flightSamples } =
    await compiled<typeof import('../../../src/transfer/samples.ts')>('src/transfer/samples.js');
  const [learnt, judged] = [train, test].map((flights) => flights.map((flight) => flightSamples(flight, 100, 3.7)));
  const curve = [];
  for (const count of COUNTS) {
    let error = 0;
    for (const draw of DRAWS) error += (await recipeError(fewOf(learnt, count, draw), judged, draw)) / DRAWS.length;
    curve.push({ flights: count, actionMse: error });
  }
  return curve;
}
