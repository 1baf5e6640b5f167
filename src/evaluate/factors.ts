import type { Airframe } from '../../envs/airframe.ts';
import type { Randomisation } from '../../envs/randomisation.ts';
import { thrustToWeight } from '../../envs/draw-airframe.ts';
import type { VectorEnv } from '../../envs/vector-env.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { armLength, GRAVITY } from '../../envs/weight.ts';

/** What an episode was up against, as it began. */
export interface EpisodeStart {
  airframe: Airframe;
  /** Angle between the body's z axis and the world's. */
  tilt_rad: number;
}

/** One thing that success may depend on. */
export interface Factor {
  /** As it stands in `--json`, with its unit. */
  name: string;
  /** For people. */
  label: string;
  unit: string;
  value(start: EpisodeStart, vehicle: Vehicle): number;
  /**
   * Ends of the bins, ascending: from the ranges that were drawn from, so that policies can be compared bin by bin.
   * Values outside count into the bin at that end.
   */
  edges(ranges: Randomisation, vehicle: Vehicle): number[];
}

/** What success is broken down by, a line each. */
export const FACTORS: readonly Factor[] = [
  {
    name: 'motorLag_ratio',
    label: 'motor lag',
    unit: '× nominal',
    value: ({ airframe }, vehicle) => airframe.lag_s / vehicle.rotor.lag_s,
    edges: ({ lag_ratio }) => logarithmic(lag_ratio, 5),
  },
  {
    name: 'latency_ms',
    label: 'latency',
    unit: 'ms',
    value: ({ airframe }) => 1000 * airframe.latency_s,
    edges: ({ latency_s: [low, high] }) => even([1000 * low, 1000 * high], 4),
  },
  {
    name: 'startTilt_deg',
    label: 'tilt at the start',
    unit: '°',
    value: ({ tilt_rad }) => (tilt_rad * 180) / Math.PI,
    edges: () => [0, 15, 30, 60, 75, 90],
  },
  {
    name: 'wind_m_s',
    label: 'steady wind',
    unit: 'm/s',
    value: ({ airframe }) => Math.hypot(...airframe.wind_m_s),
    edges: ({ windHorizontal_m_s: across, windVertical_m_s: up }) =>
      even([0, Math.hypot(largest(across), largest(across), largest(up))], 4),
  },
  {
    name: 'gust_m_s',
    label: 'gusts, standard deviation',
    unit: 'm/s',
    value: ({ airframe }) => airframe.gust_m_s,
    edges: ({ gust_m_s }) => even(gust_m_s, 4),
  },
  {
    name: 'thrust_ratio',
    label: 'all motors',
    unit: '× nominal',
    value: ({ airframe }) => airframe.thrust_ratio,
    edges: ({ thrust_ratio }) => even(thrust_ratio, 4),
  },
  {
    name: 'weakestMotor_ratio',
    label: 'weakest motor',
    unit: '× all motors',
    value: ({ airframe }) => Math.min(...airframe.motor_ratio),
    edges: ({ motor_ratio }) => even(motor_ratio, 4),
  },
  {
    name: 'mass_ratio',
    label: 'mass',
    unit: '× nominal',
    value: ({ airframe }, vehicle) => airframe.mass_kg / vehicle.mass_kg,
    edges: ({ mass_ratio }) => even(mass_ratio, 4),
  },
  {
    name: 'thrustToWeight',
    label: 'thrust to weight',
    unit: '× its weight',
    value: ({ airframe }, vehicle) => thrustToWeight(vehicle, airframe),
    edges: (ranges, vehicle) => even([ranges.minThrustToWeight, mostThrustToWeight(ranges, vehicle)], 4),
  },
  {
    name: 'centreOfMass_ratio',
    label: 'centre of mass off the middle',
    unit: '× arm',
    // sideways only: shifted upwards, thrust has no lever
    value: ({ airframe: { centreOfMass_m: shift } }, vehicle) => Math.hypot(shift[0], shift[1]) / armLength(vehicle),
    edges: ({ centreOfMass_ratio }) => even([0, Math.SQRT2 * largest(centreOfMass_ratio)], 4),
  },
  {
    name: 'charge_percent',
    label: 'battery at the start',
    unit: '%',
    value: ({ airframe }, { battery }) =>
      (100 * (airframe.rest_V - battery.empty_V)) / (battery.full_V - battery.empty_V),
    edges: ({ charge: [low, high] }) => even([100 * low, 100 * high], 4),
  },
  {
    name: 'sag_ratio',
    label: 'battery sag',
    unit: '× nominal',
    value: ({ airframe }, { battery }) => airframe.sagAtFullThrust_V / battery.sagAtFullThrust_V,
    edges: ({ sag_ratio }) => even(sag_ratio, 4),
  },
  {
    name: 'drain_ratio',
    label: 'battery drain',
    unit: '× nominal',
    value: ({ airframe }) => airframe.drain_ratio,
    edges: ({ drain_ratio }) => even(drain_ratio, 4),
  },
  {
    name: 'sensorDelay_ratio',
    label: 'sensor delay',
    unit: '× nominal',
    value: ({ airframe }) => airframe.sensorDelay_ratio,
    edges: ({ sensorDelay_ratio }) => even(sensorDelay_ratio, 4),
  },
  {
    name: 'noise_ratio',
    label: 'sensor noise',
    unit: '× nominal',
    value: ({ airframe }) => airframe.noise_ratio,
    edges: ({ noise_ratio }) => even(noise_ratio, 4),
  },
  {
    name: 'estimatorLag_ms',
    label: 'lag of the estimator',
    unit: 'ms',
    value: ({ airframe }) => 1000 * airframe.estimatorLag_s,
    edges: ({ estimatorLag_ratio }, { estimator }) =>
      logarithmic(estimatorLag_ratio, 4).map((ratio) => 1000 * ratio * estimator.lag_s),
  },
];

/** The factors' values for environment `i` of `env`, which has just begun its episode; in the order of {@link FACTORS}. */
export function factorsAtStart(env: VectorEnv, i: number): number[] {
  const [x, y] = env.vehicleState(i).quaternion;
  const upright = Math.max(-1, Math.min(1, 1 - 2 * (x * x + y * y))); // z component of the body's z axis
  const start = { airframe: env.airframe(i), tilt_rad: Math.acos(upright) };
  return FACTORS.map((factor) => factor.value(start, env.vehicle));
}

type Range = readonly [low: number, high: number];

function even([low, high]: Range, bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, k) => low + ((high - low) * k) / bins);
}

/** Evenly in the logarithm, as such a range is drawn from. */
function logarithmic([low, high]: Range, bins: number): number[] {
  return even([Math.log(low), Math.log(high)], bins).map((edge, k) =>
    k === 0 ? low : k === bins ? high : Math.exp(edge),
  );
}

function largest([low, high]: Range): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

/** Of the lightest airframe with the strongest motors and a full battery. */
function mostThrustToWeight(ranges: Randomisation, { rotor, battery, mass_kg }: Vehicle): number {
  const volts = battery.full_V - battery.sagAtFullThrust_V * ranges.sag_ratio[0];
  const strongest = rotor.maxThrust_N * ranges.thrust_ratio[1] * ranges.motor_ratio[1];
  const charged = (volts / battery.nominal_V) ** battery.thrustExponent;
  return (4 * strongest * charged) / (mass_kg * ranges.mass_ratio[0] * GRAVITY);
}
