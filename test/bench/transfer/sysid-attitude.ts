import { atLeast, type Figure } from '../figures.ts';
import type { BenchContext } from './context.ts';
import { identified } from './identified.ts';

const SECONDS = 0.1;
const DEGREES = 180 / Math.PI;

/**
 * Tilt error at 0.1 s on flights never seen: constant rate over the identified Crazyflie driven by logged PWM, corrected by
 * what lacked in the 0.3 s before. With the trim of a flight's first 10 s instead: beside it.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const { predictor, vehicle, nominal, flights } = await identified(context);
  const baseline = predictor.constantRate(SECONDS).tilt_rad;
  const trim = predictor.predict(vehicle, SECONDS, 'trim').tilt_rad;
  const before = predictor.predict(vehicle, SECONDS, 'before').tilt_rad;
  const nominalBefore = predictor.predict(nominal, SECONDS, 'before').tilt_rad;
  const beside = {
    tilt_deg: {
      constantRate: baseline * DEGREES,
      trim: trim * DEGREES,
      before: before * DEGREES,
      nominalBefore: nominalBefore * DEGREES,
    },
    nominalOverIdentified: nominalBefore / before,
    reachBeside: { nominalOverIdentified: 1.5 },
    flights,
  };
  const figure = atLeast('sysid_attitude', baseline / before, 1.2, 'times', beside);
  return { ...figure, met: figure.met && nominalBefore / before >= 1.5 };
}
