import { Rng } from '../../envs/rng.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { CommandMap } from '../../policies/contract.ts';
import type { Flight, Series, TopicName } from '../../src/telemetry/flight.ts';
import { commandOfThrust } from '../../policies/command-map.ts';

export interface GivenFlight {
  name?: string;
  seconds?: number;
  seed?: number;
  /** From thrust to the commands that the log holds. */
  map?: CommandMap;
  /** Added to each motor's command. */
  trim?: number[];
}

/**
 * A logged flight of a point mass that circles at 1 m: two seconds on the ground, the motors idling at the
 * end of them, then in the air.
 * Thrust is what the accelerometer says, command what the map makes of it; the battery sags.
 */
export function givenFlight(vehicle: Vehicle, options: GivenFlight = {}): Flight {
  const { name = 'circle', seconds = 12, seed = 1, map = vehicle.command, trim = [0, 0, 0, 0] } = options;
  const rng = new Rng(seed);
  const phase = rng.uniform(0, 6);
  const T = seconds * 100;
  const time = Float64Array.from({ length: T }, (_, t) => t / 100);
  const hover = (vehicle.mass_kg * 9.81) / (4 * vehicle.rotor.maxThrust_N);
  const inAir = (t: number) => t >= 200;
  const volts = (t: number) => vehicle.battery.nominal_V * (1 - (0.1 * t) / T + 0.02 * Math.sin(t / 113));
  const angle = (t: number) => t / 150 + phase;
  // follows the direction of flight, so that a policy can learn it
  const force = (t: number) => (inAir(t) ? 9.81 * (1 + 0.1 * Math.sin(angle(t))) : 9.81);
  const series = (row: (t: number) => number[]): Series => {
    const rows = Array.from(time, (_, t) => row(t));
    return { time, columns: rows[0].map((_, c) => Float64Array.from(rows, (values) => values[c])) };
  };
  const motors = (t: number) =>
    trim.map((extra) =>
      inAir(t)
        ? commandOfThrust(map, 0, (hover * force(t)) / 9.81, volts(t), vehicle.battery.nominal_V) + extra
        : t >= 150
          ? 0.3
          : 0,
    );
  const topics: Partial<Record<TopicName, Series>> = {
    pose: series((t) => [Math.cos(angle(t)), Math.sin(angle(t)), inAir(t) ? 1 : 0, 0, 0, 0, 1]),
    velocity: series((t) => [-Math.sin(angle(t)) / 1.5, Math.cos(angle(t)) / 1.5, 0]),
    rates: series(() => [0.01 * rng.normal(), 0.01 * rng.normal(), 0]),
    acceleration: series((t) => [0, 0, force(t)]),
    motors: series(motors),
    battery: series((t) => [volts(t)]),
    setpoint: series((t) => [Math.cos(angle(t + 50)), Math.sin(angle(t + 50)), 1]),
  };
  return {
    name,
    source: `${name}.csv`,
    format: 'stream',
    durationSeconds: seconds,
    topics,
    truncated: false,
    droppedRows: 0,
    warnings: [],
  };
}
