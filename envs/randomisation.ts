import { z } from 'zod';

const range = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'expected [low, high] in ascending order');
const ratios = range.refine(([low]) => low > 0, 'expected ratios above 0');

/**
 * Ranges `[low, high]` that domain randomisation draws each episode's airframe from.
 * A `ratio` multiplies the vehicle's own number.
 */
export const randomisationSchema = z.strictObject({
  mass_ratio: ratios.default([0.8, 1.2]),
  /** All three moments together. */
  inertia_ratio: ratios.default([0.8, 1.2]),
  /** All four motors together. */
  thrust_ratio: ratios.default([0.8, 1.2]),
  /** Each motor by itself. */
  motor_ratio: ratios.default([0.9, 1.1]),
  torquePerThrust_ratio: ratios.default([0.8, 1.2]),
  /** Evenly spread in its logarithm, as is drag: half and double are equally far. */
  lag_ratio: ratios.default([0.5, 2]),
  drag_ratio: ratios.default([0.5, 2]),
  latency_s: range
    .refine(([low, high]) => low >= 0 && high <= 0.2, 'expected numbers from 0 to 0.2')
    .default([0, 0.02]),
  /** Charge at the start: 0 is the resting voltage `empty_V`, 1 `full_V`. */
  charge: range.refine(([low, high]) => low >= 0 && high <= 1, 'expected numbers from 0 to 1').default([0, 1]),
  sag_ratio: ratios.default([0.5, 1.5]),
  drain_ratio: ratios.default([0.7, 1.5]),
  /** Along each axis by itself, over the rotors' mean distance from their centre. */
  centreOfMass_ratio: range.default([-0.03, 0.03]),
  noise_ratio: range.refine(([low]) => low >= 0, 'expected numbers from 0 up').default([0.5, 2]),
  /** Times the vehicle's `bias`, for each axis of each sensor. */
  bias_ratio: range.default([-1, 1]),
  /** East and north component of the steady wind. */
  windHorizontal_m_s: range.default([-1, 1]),
  windVertical_m_s: range.default([-0.2, 0.2]),
  /** Standard deviation of horizontal gusts; 0.2 times the mean wind at 6 m is usual near the ground. */
  gust_m_s: range.refine(([low]) => low >= 0, 'expected numbers from 0 up').default([0, 0.5]),
  /** All sensors together. */
  sensorDelay_ratio: range
    .refine(([low, high]) => low >= 0 && high <= 10, 'expected numbers from 0 to 10')
    .default([0.5, 1.5]),
  /** Evenly spread in its logarithm. */
  estimatorLag_ratio: ratios.default([0.5, 2]),
  /** Airframes that cannot lift this multiple of their weight with the weakest motor are drawn again. */
  minThrustToWeight: z.number().min(1).default(1.3),
});

/** Ranges of domain randomisation. */
export type Randomisation = z.infer<typeof randomisationSchema>;

/** The ranges that `pretrain` uses unless told otherwise. */
export const DEFAULT_RANDOMISATION: Randomisation = randomisationSchema.parse({});
