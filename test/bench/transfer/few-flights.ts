import { atLeast, type Figure } from '../figures.ts';
import { type BenchContext, nanobenchFlights } from './context.ts';
import { tuned } from './tuning.ts';

const COUNTS = [1, 2, 4, 8];
/** Which flights are had differs much from draw to draw. */
const DRAWS = [0, 1];

/** From few flights: error of the network learnt from scratch over that of the pre-trained one, on flights held out. */
export async function measure(context: BenchContext): Promise<Figure> {
  const { train, test } = await nanobenchFlights(context);
  const curve = [];
  for (const count of COUNTS) {
    let [scratch, after] = [0, 0];
    for (const draw of DRAWS) {
      // evenly through the names, so that the kinds of flights are mixed
      const few = Array.from(
        { length: count },
        (_, k) => train[(Math.floor((k * train.length) / count) + 2 * draw) % train.length],
      );
      const { report } = await tuned({ policy: 'hover-motors-pilot', flights: few, test, seed: draw, episodes: 4 });
      scratch += report.real.scratch.actionMse / DRAWS.length;
      after += report.real.after.actionMse / DRAWS.length;
    }
    curve.push({ flights: count, scratch, pretrained: after, ratio: scratch / after });
  }
  return atLeast('few_flights', Math.min(...curve.map(({ ratio }) => ratio)), 1.2, '', { curve });
}
