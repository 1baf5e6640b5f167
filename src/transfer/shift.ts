import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Policy } from '../../policies/policy.ts';
import { visitedObservations } from '../evaluate/visited.ts';
import type { FlightSamples } from './samples.ts';
import { flyAlong } from './self-fed.ts';

/** How one number of the observation differs between flights and simulation. */
export interface FieldShift {
  /** Such as `velocity x`. */
  name: string;
  unit: string;
  /** Wasserstein-1 distance, in standard deviations of what the policy saw. */
  distance: number;
  /** Share of the flights' samples within the range of the policy's. */
  coverage: number;
  /** The middle 99 % of what the policy saw, in `unit`. */
  seen: [low: number, high: number];
  /** The middle 99 % of the flights. */
  flown: [low: number, high: number];
}

/** The domain shift before training, the most shifted field first. */
export interface DomainShift {
  fields: FieldShift[];
  warnings: string[];
}

const SAMPLES = 4096;
const SEED = 0x51000000;
/** Ranges leave out half a percent at each end. */
const END = 0.005;
/** A field of which fewer samples lie in the policy's range is out of it. */
const LEAST_COVERAGE = 0.9;
const AXES = ['x', 'y', 'z'];

/**
 * Compares what the policy observes along flights with what it saw in simulation, on randomised airframes, field by
 * field. Its own past actions are left out: they are the policy's, not the vehicle's.
 *
 * @see Redko et al. 2019, Advances in Domain Adaptation Theory, on why a distance between the inputs' distributions
 *   bounds what transfer can lose
 */
export function domainShift(policy: Policy, vehicle: Vehicle, flights: FlightSamples[], seed: number): DomainShift {
  const { contract, actor } = policy;
  const { fields, size: O, normaliser } = contract.observation;
  const fly = { task: contract.task, vehicle, randomisation: DEFAULT_RANDOMISATION, seed: (seed + SEED) >>> 0 };
  const seen = visitedObservations(policy, fly, SAMPLES);
  const flown = flyAlong(contract, actor, flights).obs;
  const shifts: FieldShift[] = [];
  let k = 0;
  for (const { name, size, unit } of fields)
    for (let axis = 0; axis < size; axis++, k++) {
      if (name.startsWith('action')) continue;
      const physical = (x: number) => x * normaliser.std[k] + normaliser.mean[k];
      const label = size > 1 ? `${name} ${AXES[axis]}` : name;
      shifts.push(shiftOf(label, unit, sortedColumn(seen, O, k, physical), sortedColumn(flown, O, k, physical)));
    }
  shifts.sort((a, b) => b.distance - a.distance);
  return { fields: shifts, warnings: shifts.filter(({ coverage }) => coverage < LEAST_COVERAGE).map(warning) };
}

function sortedColumn(obs: Float32Array, O: number, k: number, physical: (x: number) => number): Float64Array {
  return Float64Array.from({ length: obs.length / O }, (_, i) => physical(obs[i * O + k])).sort();
}

/** @param seen ascending; @param flown ascending */
export function shiftOf(name: string, unit: string, seen: Float64Array, flown: Float64Array): FieldShift {
  const range = middle(seen);
  const within = flown.reduce((count, x) => count + (x >= range[0] && x <= range[1] ? 1 : 0), 0);
  return {
    name,
    unit,
    distance: wasserstein(seen, flown) / (spread(seen) || 1),
    coverage: within / flown.length,
    seen: range,
    flown: middle(flown),
  };
}

const QUANTILES = 400;

/** Mean distance between equal quantiles: the Wasserstein-1 distance of two samples on a line. */
function wasserstein(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let q = 0; q < QUANTILES; q++)
    sum += Math.abs(quantile(a, (q + 0.5) / QUANTILES) - quantile(b, (q + 0.5) / QUANTILES));
  return sum / QUANTILES;
}

function quantile(sorted: Float64Array, share: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, share * sorted.length - 0.5));
  const from = Math.floor(at);
  const next = sorted[Math.min(sorted.length - 1, from + 1)];
  return sorted[from] + (at - from) * (next - sorted[from]);
}

function middle(sorted: Float64Array): [number, number] {
  return [quantile(sorted, END), quantile(sorted, 1 - END)];
}

function spread(values: Float64Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

function warning({ name, unit, coverage, seen, flown }: FieldShift): string {
  const range = ([low, high]: [number, number]) => `${low.toPrecision(2)} to ${high.toPrecision(2)}`;
  const suffix = unit === '1' ? '' : ` ${unit}`;
  return (
    `${name}: ${Math.round(100 * coverage)} % of the flights' samples are in the range that the policy saw in simulation ` +
    `(${range(seen)}${suffix}; the flights ${range(flown)}${suffix})`
  );
}
