import { z } from 'zod';
import { USUAL_RANGES } from './usual-ranges.ts';

const range = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'expected [low, high] in ascending order');
const ratios = range.refine(([low]) => low > 0, 'expected ratios above 0');

/**
 * Ranges `[low, high]` that domain randomisation draws each episode's airframe from.
 * A `ratio` multiplies the vehicle's own number.
 */
export const randomisationSchema = z.strictObject({
  mass_ratio: ratios.default(USUAL_RANGES.mass_ratio),
  /** All three moments together. */
  inertia_ratio: ratios.default(USUAL_RANGES.inertia_ratio),
  /** All four motors together. */
  thrust_ratio: ratios.default(USUAL_RANGES.thrust_ratio),
  /** Each motor by itself. */
  motor_ratio: ratios.default(USUAL_RANGES.motor_ratio),
  torquePerThrust_ratio: ratios.default(USUAL_RANGES.torquePerThrust_ratio),
  /** Evenly spread in its logarithm, as is drag: half and double are equally far. */
  lag_ratio: ratios.default(USUAL_RANGES.lag_ratio),
  drag_ratio: ratios.default(USUAL_RANGES.drag_ratio),
  latency_s: range
    .refine(([low, high]) => low >= 0 && high <= 0.2, 'expected numbers from 0 to 0.2')
    .default(USUAL_RANGES.latency_s),
  /** Charge at the start: 0 is the resting voltage `empty_V`, 1 `full_V`. */
  charge: range
    .refine(([low, high]) => low >= 0 && high <= 1, 'expected numbers from 0 to 1')
    .default(USUAL_RANGES.charge),
  sag_ratio: ratios.default(USUAL_RANGES.sag_ratio),
  drain_ratio: ratios.default(USUAL_RANGES.drain_ratio),
  /** Along each axis by itself, over the rotors' mean distance from their centre. */
  centreOfMass_ratio: range.default(USUAL_RANGES.centreOfMass_ratio),
  noise_ratio: range.refine(([low]) => low >= 0, 'expected numbers from 0 up').default(USUAL_RANGES.noise_ratio),
  /** Times the vehicle's `bias`, for each axis of each sensor. */
  bias_ratio: range.default(USUAL_RANGES.bias_ratio),
  /** East and north component of the steady wind. */
  windHorizontal_m_s: range.default(USUAL_RANGES.windHorizontal_m_s),
  windVertical_m_s: range.default(USUAL_RANGES.windVertical_m_s),
  /** Standard deviation of horizontal gusts; 0.2 times the mean wind at 6 m is usual near the ground. */
  gust_m_s: range.refine(([low]) => low >= 0, 'expected numbers from 0 up').default(USUAL_RANGES.gust_m_s),
  /** All sensors together. */
  sensorDelay_ratio: range
    .refine(([low, high]) => low >= 0 && high <= 10, 'expected numbers from 0 to 10')
    .default(USUAL_RANGES.sensorDelay_ratio),
  /** Evenly spread in its logarithm. */
  estimatorLag_ratio: ratios.default(USUAL_RANGES.estimatorLag_ratio),
  /** Airframes that cannot lift this multiple of their weight with the weakest motor are drawn again. */
  minThrustToWeight: z.number().min(1).default(USUAL_RANGES.minThrustToWeight),
});

/** Ranges of domain randomisation. */
export type Randomisation = z.infer<typeof randomisationSchema>;

/** The ranges that `pretrain` uses unless told otherwise. */
export const DEFAULT_RANDOMISATION: Randomisation = USUAL_RANGES;
