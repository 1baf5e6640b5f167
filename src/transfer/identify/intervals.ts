import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Motion } from './candidate.ts';
import type { FlightTrim } from './trims.ts';
import type { Stated } from './statements.ts';

type Intervals = NonNullable<Vehicle['intervals']>;
type Range = [number, number];

/** The least range of each motor's strength: no two are alike. */
const LEAST_MOTOR = 0.01;

/**
 * What identification leaves open of a vehicle, as ranges of domain randomisation: the stated intervals over the stated
 * values, and how flights differed. What was refused is left out, so that the usual ranges hold.
 */
export function intervalsOf(stated: Stated[], motion: Motion, trims: FlightTrim[], vehicle: Vehicle): Intervals {
  const find = (name: string) => stated.find((each) => each.name === name);
  const ratio = (name: string): Range | undefined => {
    const number = find(name);
    if (!number) return undefined;
    return [Math.max(0.05, number.interval[0] / number.value), number.interval[1] / number.value];
  };
  const inverse = (range: Range): Range => [1 / range[1], 1 / range[0]];
  const turning = [ratio('gainRoll'), ratio('gainPitch')].filter((range) => range !== undefined);
  const delays = find('lagPlusLatency_s');
  const thrust = ratio('specificThrust_m_s2');
  const out: Intervals = {
    mass_ratio: thrust && [1, 1], // only thrust over mass shows, and that is the thrust's
    thrust_ratio: thrust && widened(thrust, trims),
    motor_ratio: motorRange(trims),
    inertia_ratio: turning.length > 0 ? inverse(hull(turning)) : undefined,
    torquePerThrust_ratio: ratio('gainYaw'),
    drag_ratio: ratio('dragHorizontal_per_s'),
    sag_ratio: ratio('sagAtFullThrust_V'),
    lag_ratio: ratio('lag_s') ?? delaysOver(delays, motion),
    latency_s: latencyRange(find('latency_s'), delays, vehicle),
  };
  const known = Object.entries(out).flatMap(([key, range]) => (range ? [[key, range.map(short)]] : []));
  return Object.fromEntries(known) as Intervals;
}

/** By what flights of the same vehicle differ in thrust, two standard deviations. */
function widened([low, high]: Range, trims: FlightTrim[]): Range {
  const spread = 2 * Math.sqrt(trims.reduce((sum, trim) => sum + (trim.thrust_ratio - 1) ** 2, 0) / trims.length);
  return [low - spread, high + spread];
}

function motorRange(trims: FlightTrim[]): Range {
  const all = trims.flatMap(({ motor_ratio, thrust_ratio }) => motor_ratio.map((ratio) => ratio / thrust_ratio - 1));
  const spread = Math.max(LEAST_MOTOR, 2 * Math.sqrt(all.reduce((sum, own) => sum + own * own, 0) / all.length));
  return [Math.max(0.5, 1 - spread), 1 + spread];
}

function hull(ranges: Range[]): Range {
  return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
}

function delaysOver(delays: Stated | undefined, motion: Motion): Range | undefined {
  if (!delays || motion.lag_s <= 0) return undefined;
  const sum = motion.lag_s + motion.latency_s;
  return [Math.max(0.1, delays.interval[0] / sum), delays.interval[1] / sum];
}

function latencyRange(latency: Stated | undefined, delays: Stated | undefined, vehicle: Vehicle): Range | undefined {
  if (latency) return [Math.max(0, latency.interval[0]), Math.min(0.2, latency.interval[1])];
  return delays && [vehicle.latency_s / 2, Math.min(0.2, vehicle.latency_s * 1.5)];
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
