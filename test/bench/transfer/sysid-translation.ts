import { atLeast, type Figure } from '../figures.ts';
import type { BenchContext } from './context.ts';
import { identified } from './identified.ts';

const SECONDS = 0.25;

/**
 * Position error at 0.25 s on flights never seen: constant rate and hover thrust over the identified Crazyflie driven by
 * logged PWM, corrected by what lacked in the 0.3 s before. With the trim of a flight's first 10 s instead: beside it.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const { predictor, vehicle, nominal, flights, seconds } = await identified(context);
  const baseline = predictor.constantRate(SECONDS);
  const trim = predictor.predict(vehicle, SECONDS, 'trim');
  const before = predictor.predict(vehicle, SECONDS, 'before');
  const nominalBefore = predictor.predict(nominal, SECONDS, 'before');
  const ratio = baseline.position_m / before.position_m;
  const beside = {
    position_m: {
      constantRate: baseline.position_m,
      trim: trim.position_m,
      before: before.position_m,
      nominalBefore: nominalBefore.position_m,
    },
    verticalExplained: { trim: trim.verticalExplained, before: before.verticalExplained },
    reachBeside: { 'verticalExplained.trim': 0.75, 'verticalExplained.before': 0.9 },
    windows: baseline.windows,
    flights,
    identifySeconds: seconds,
  };
  const figure = atLeast('sysid_translation', ratio, 1.6, 'times', beside);
  return { ...figure, met: figure.met && trim.verticalExplained >= 0.75 && before.verticalExplained >= 0.9 };
}
