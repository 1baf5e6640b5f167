import { DEFAULT_RANDOMISATION, type Randomisation } from '../../envs/randomisation.ts';
import type { Vehicle } from '../../envs/vehicle.ts';

/** How far the ranges go on beyond the target, over the way from source to target: else it would lie in a corner. */
const BEYOND = 0.1;

/** What no vehicle file tells is drawn mildly. */
const MILD: Partial<Randomisation> = {
  motor_ratio: [0.95, 1.05],
  centreOfMass_ratio: [-0.01, 0.01],
  noise_ratio: [1, 1],
  windHorizontal_m_s: [-0.3, 0.3],
  windVertical_m_s: [-0.1, 0.1],
  gust_m_s: [0, 0.2],
};

/**
 * Ranges, relative to `target`, that hold every vehicle between `source` and `target`: airframes that the policy can fly
 * already lead it to those that it cannot, and what it could before is flown all along.
 *
 * A policy that is put on a much slower vehicle at once oscillates into the ground in every episode and learns little: see
 * src/transfer/README.md.
 */
export function spanRanges(source: Vehicle, target: Vehicle): Randomisation {
  const ratio = (of: (vehicle: Vehicle) => number) => span(of(target) > 0 ? of(source) / of(target) : 1);
  const latency = [
    source.latency_s,
    target.latency_s,
    target.latency_s + BEYOND * (target.latency_s - source.latency_s),
  ];
  return {
    ...DEFAULT_RANDOMISATION,
    ...MILD,
    mass_ratio: ratio(({ mass_kg }) => mass_kg),
    inertia_ratio: ratio(({ inertia_kgm2 }) => inertia_kgm2[0]),
    thrust_ratio: ratio(({ rotor }) => rotor.maxThrust_N),
    torquePerThrust_ratio: ratio(({ rotor }) => rotor.torquePerThrust_m),
    lag_ratio: ratio(({ rotor }) => rotor.lag_s),
    drag_ratio: ratio(({ drag_Ns_per_m }) => drag_Ns_per_m[0]),
    latency_s: [Math.max(0, Math.min(...latency)), Math.max(...latency)],
    sag_ratio: ratio(({ battery }) => battery.sagAtFullThrust_V),
    drain_ratio: [1, 1],
    sensorDelay_ratio: [1, 1],
    estimatorLag_ratio: [1, 1],
  };
}

/** From the source's ratio to the target's, which is 1, and a little on. */
function span(ratio: number): [number, number] {
  const beyond = 1 + BEYOND * (1 - ratio);
  return [Math.min(ratio, beyond), Math.max(ratio, beyond)];
}
