import type { Vehicle } from '../../envs/vehicle.ts';

/** Steps from the source to the target. */
const STEPS = 8;
/**
 * The source, the target and vehicles on the way from the one to the other: those that the policy can fly already lead it to
 * those that it cannot, and what it could before is flown all along, which rehearses it on-policy.
 *
 * A policy that is put on a much slower vehicle at once oscillates into the ground in every episode and learns little: see
 * src/transfer/README.md.
 */
export function fleetBetween(source: Vehicle, target: Vehicle): Vehicle[] {
  const way = Array.from({ length: STEPS - 1 }, (_, k) => between(source, target, (k + 1) / STEPS));
  return [source, ...way, target];
}

/** The vehicle at `share` of the way: sizes in proportion, times and angles in even steps; the target's frame and sensors. */
export function between(source: Vehicle, target: Vehicle, share: number): Vehicle {
  const even = (from: number, to: number) => from + share * (to - from);
  const ratio = (from: number, to: number) => (from > 0 && to > 0 ? from * (to / from) ** share : even(from, to));
  const ratios = <T extends readonly number[]>(from: T, to: T) =>
    to.map((value, k) => ratio(from[k], value)) as never as T;
  const latency_s = even(source.latency_s, target.latency_s);
  return {
    ...target,
    mass_kg: ratio(source.mass_kg, target.mass_kg),
    inertia_kgm2: ratios(source.inertia_kgm2, target.inertia_kgm2),
    rotor: {
      maxThrust_N: ratio(source.rotor.maxThrust_N, target.rotor.maxThrust_N),
      torquePerThrust_m: ratio(source.rotor.torquePerThrust_m, target.rotor.torquePerThrust_m),
      lag_s: ratio(source.rotor.lag_s, target.rotor.lag_s),
    },
    drag_Ns_per_m: ratios(source.drag_Ns_per_m, target.drag_Ns_per_m),
    velocityMoment_Ns: even(source.velocityMoment_Ns, target.velocityMoment_Ns),
    misalignment_rad: [0, 1].map((k) => even(source.misalignment_rad[k], target.misalignment_rad[k])) as [
      number,
      number,
    ],
    battery: {
      ...target.battery,
      sagAtFullThrust_V: ratio(source.battery.sagAtFullThrust_V, target.battery.sagAtFullThrust_V),
    },
    latency_s,
    intervals: moved(target.intervals, latency_s - target.latency_s),
  };
}

/** What is open of the target is as open on the way; only its latency is no ratio. */
function moved(intervals: Vehicle['intervals'], by_s: number): Vehicle['intervals'] {
  if (!intervals?.latency_s) return intervals;
  const [low, high] = intervals.latency_s.map((latency) => Math.max(0, latency + by_s));
  return { ...intervals, latency_s: [low, high] };
}
