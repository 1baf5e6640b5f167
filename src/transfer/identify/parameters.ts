import type { Centre, Motion } from './candidate.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import { motionOf } from './candidate.ts';

/** One number that is fitted. */
export interface Parameter {
  name: keyof Motion;
  /** Fitted as its logarithm: it is above 0 and errs by ratios. */
  logarithmic: boolean;
  /** Which windows feel it; `rotation` gains feel one axis each. */
  felt: 'translation' | 'rotation' | 'both';
  /** The axis of a gain. */
  axis?: 0 | 1 | 2;
  /** A small change of it, for slopes. */
  step: number;
  /** How far the vehicle file may be off: standard deviation of the prior around it (of the logarithm, if so fitted). */
  prior: number;
  range: readonly [number, number];
}

/** What windows are fitted with, in the order of the parameter vector. */
export const PARAMETERS: readonly Parameter[] = [
  { name: 'specificThrust_m_s2', logarithmic: true, felt: 'translation', step: 0.01, prior: 1, range: [-1, 5] },
  { name: 'commandExponent', logarithmic: false, felt: 'translation', step: 0.03, prior: 0.2, range: [0.5, 3] },
  { name: 'batteryExponent', logarithmic: false, felt: 'translation', step: 0.05, prior: 0.5, range: [-1, 4] },
  { name: 'coldThrust', logarithmic: false, felt: 'translation', step: 0.01, prior: 0.03, range: [-0.2, 0.2] },
  { name: 'dragHorizontal_per_s', logarithmic: false, felt: 'translation', step: 0.05, prior: 0.5, range: [0, 5] },
  { name: 'dragVertical_per_s', logarithmic: false, felt: 'translation', step: 0.05, prior: 0.3, range: [-1, 5] },
  {
    name: 'misalignmentRoll_rad',
    logarithmic: false,
    felt: 'translation',
    step: 0.005,
    prior: 0.05,
    range: [-0.2, 0.2],
  },
  {
    name: 'misalignmentPitch_rad',
    logarithmic: false,
    felt: 'translation',
    step: 0.005,
    prior: 0.05,
    range: [-0.2, 0.2],
  },
  { name: 'lag_s', logarithmic: true, felt: 'both', step: 0.05, prior: 0.7, range: [-6, -1] },
  { name: 'latency_s', logarithmic: false, felt: 'both', step: 0.002, prior: 0.05, range: [-0.02, 0.2] },
  { name: 'velocityLate_s', logarithmic: false, felt: 'translation', step: 0.002, prior: 0.01, range: [-0.05, 0.1] },
  { name: 'attitudeLater_s', logarithmic: false, felt: 'translation', step: 0.002, prior: 0.01, range: [-0.1, 0.1] },
  { name: 'gainRoll', logarithmic: true, felt: 'rotation', axis: 0, step: 0.03, prior: 1, range: [0, 10] },
  { name: 'gainPitch', logarithmic: true, felt: 'rotation', axis: 1, step: 0.03, prior: 1, range: [0, 10] },
  { name: 'gainYaw', logarithmic: true, felt: 'rotation', axis: 2, step: 0.03, prior: 1, range: [-2, 8] },
];

/** The parameter vector of a vehicle. */
export function vectorOf(motion: Motion): number[] {
  return PARAMETERS.map(({ name, logarithmic }) => (logarithmic ? Math.log(motion[name]) : motion[name]));
}

/** The motion of a parameter vector; what is not fitted is `rest`'s. */
export function motionAt(vector: ArrayLike<number>, rest: Motion): Motion {
  const motion = { ...rest };
  PARAMETERS.forEach(({ name, logarithmic }, p) => {
    motion[name] = logarithmic ? Math.exp(vector[p]) : vector[p];
  });
  return motion;
}

/** Where a fit starts: the vehicle file's numbers, but with the thrust that flying at the centre takes. */
export function startOf(vehicle: Vehicle, centre: Centre, gravity: number): Motion {
  return { ...motionOf(vehicle, centre), specificThrust_m_s2: gravity };
}
