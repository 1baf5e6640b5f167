import { InputError } from '../../../envs/input-error.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Flight, Series, TopicName } from '../../telemetry/flight.ts';
import { alignFlight } from '../../telemetry/pipeline/index.ts';
import { withoutJumps } from './capture-jumps.ts';
import { gyroLateness, readLater } from './clocks.ts';

/** Rows `from` to `end - 1`, all of them in the air and without a gap. */
export interface Span {
  from: number;
  end: number;
}

/** A flight on the grid of the physics steps, ready to be flown again. Columns `[T]`, SI, ENU and FLU. */
export interface FlightData {
  name: string;
  source: string;
  /** Rows a second: the vehicle's `physics_Hz`. */
  rateHz: number;
  rows: number;
  spans: Span[];
  /** `worldFromBody`, null where the log has no pose and velocity: then only rotation can be told. */
  quaternion: Float64Array[] | null;
  position: Float64Array[] | null;
  velocity: Float64Array[] | null;
  /**
   * How far the stamps of what comes from on board ran off the pose's, root mean square [s]: it was put on the pose's clock, by
   * which positions and velocities agree. 0 where they kept in step.
   */
  clockSpread_s: number;
  /** Share of rows at which the attitude had jumped off what the gyro says, and was bridged. */
  jumps: number;
  rates: Float64Array[];
  /** Motor commands in [0, 1], each held from its row to the next, in the order of the vehicle file's rotors. */
  commands: Float64Array[];
  /** The row at which the motors start; −1 where the log begins with them on. */
  motorsOn: number;
  /** How much earlier than their stamps commands stand on the grid, so that they fall on its rows [s]. */
  commandsEarly_s: number;
  /** Measured voltage, held; null where the log has none. */
  voltage: Float64Array | null;
  warnings: string[];
}

/** Clear of ground contact [m]. */
const CLEARANCE_M = 0.1;
/** Without a height: so long after the motors start, and before they stop, a vehicle may stand on the ground [s]. */
const ON_GROUND_SECONDS = { first: 1.5, last: 1 };
/** A motor command below this is no flight. */
const IDLE_COMMAND = 0.05;
/** A span that is shorter tells nothing [s]. */
const SHORTEST_SECONDS = 1;

/** Seconds by which what a log says of the state is older than its stamp. */
export interface Lateness {
  rates_s: number;
  velocity_s: number;
  attitude_s: number;
}

/** How late the vehicle's sensors are: delay, half a sampling period in the mean, the estimator's lag. */
export function latenessOf({ sensors, estimator }: Vehicle): Lateness {
  const age = ({ rate_Hz, delay_s }: { rate_Hz?: number; delay_s: number }) => delay_s + (rate_Hz ? 0.5 / rate_Hz : 0);
  return {
    rates_s: age(sensors.rates_rad_s),
    velocity_s: age(sensors.velocity_m_s) + estimator.lag_s,
    attitude_s: age(sensors.attitude_rad) + estimator.lag_s,
  };
}

/** What identification needs of a log. */
const IDENTIFY_NEEDS: TopicName[] = ['rates', 'motors'];

/**
 * Puts a flight on the grid of the physics steps and finds where it is in the air.
 *
 * The grid lies on the samples of the measured topics where these share their stamps, as in most logs, so that nothing is
 * blurred by interpolation; what sensors are late is left to the replay. Where a log has more samples than the grid has rows, they are averaged: taken one by one they would
 * alias the motors' vibration.
 *
 * @throws InputError when the flight has no rates or motor commands
 */
export function flightData(flight: Flight, vehicle: Vehicle): FlightData {
  const { physics_Hz } = vehicle;
  const withPose = has(flight, 'pose') && has(flight, 'velocity');
  const topics: TopicName[] = [...IDENTIFY_NEEDS, ...(withPose ? (['pose', 'velocity'] as const) : [])];
  const voltage = has(flight, 'battery');
  const wanted: TopicName[] = voltage ? [...topics, 'battery'] : topics;
  const { moved, early } = onGrid(flight, physics_Hz, wanted);
  const table = alignFlight<TopicName>(moved, physics_Hz, wanted);
  const rows = table.time.length;
  const usable = Uint8Array.from({ length: rows }, (_, t) => (topics.every((topic) => table.valid[topic][t]) ? 1 : 0));
  const { rates, motors, pose, velocity, battery } = table.columns;
  const height = withPose ? pose[2] : null;
  const late = withPose ? onBoardLate(pose.slice(3), rates, vehicle) : null;
  const onPoseClock = (columns: Float64Array[], held: boolean) =>
    late ? readLater(columns, late, physics_Hz, held) : columns;
  const commands = onPoseClock(motors, true);
  const turned = onPoseClock(rates, false);
  const attitude = withPose ? withoutJumps(pose.slice(3), turned, physics_Hz) : null;
  return {
    name: flight.name,
    source: flight.source,
    rateHz: physics_Hz,
    rows,
    spans: spansInAir(commands, height, usable, physics_Hz),
    quaternion: attitude?.quaternion ?? null,
    position: withPose ? pose.slice(0, 3) : null,
    velocity: withPose ? velocity : null,
    clockSpread_s: late ? spread(late) : 0,
    jumps: attitude?.share ?? 0,
    rates: turned,
    commands,
    motorsOn: startOfMotors(commands, usable),
    commandsEarly_s: early,
    voltage: voltage ? filled(onPoseClock(battery, true)[0]) : null,
    warnings: [...flight.warnings],
  };
}

/** How late rates, commands and voltage are by their stamps beyond what the vehicle file says; null where they keep in step. */
function onBoardLate(quaternion: Float64Array[], rates: Float64Array[], vehicle: Vehicle): Float64Array | null {
  const { rates_s, attitude_s } = latenessOf(vehicle);
  return gyroLateness(quaternion, rates, vehicle.physics_Hz)?.map((late) => late - rates_s + attitude_s) ?? null;
}

function spread(late: Float64Array): number {
  return Math.sqrt(late.reduce((sum, seconds) => sum + seconds * seconds, 0) / late.length);
}

function has(flight: Flight, topic: TopicName): boolean {
  return (flight.topics[topic]?.time.length ?? 0) > 1;
}

function needed(flight: Flight, topic: TopicName): Series {
  if (has(flight, topic)) return flight.topics[topic]!;
  if (flight.otherAirframe)
    throw new InputError(`${flight.source}: expected a quadrotor's flight, but ${flight.otherAirframe}`);
  const found = Object.keys(flight.topics).join(', ') || 'none';
  throw new InputError(`${flight.source}: ${topic}: expected samples of this topic, found only: ${found}`);
}

/** Commands moved onto the rows that the grid will have, and dense topics thinned to it. */
function onGrid(flight: Flight, rateHz: number, wanted: TopicName[]): { moved: Flight; early: number } {
  const topics: Flight['topics'] = {};
  for (const name of wanted) topics[name] = averaged(needed(flight, name), rateHz, name);
  const begin = Math.min(...wanted.map((topic) => topics[topic]!.time[0]));
  const early = (topics.motors!.time[0] - begin) % (1 / rateHz);
  topics.motors = earlier(topics.motors!, early);
  return { moved: { ...flight, topics }, early };
}

function earlier({ time, columns }: Series, seconds: number): Series {
  return { time: time.map((t) => t - seconds), columns };
}

/**
 * Means over the cells of the grid, where a log has at least two samples in each: measured values at the cell's middle,
 * commands from its start on. Rotations are left as they are.
 */
function averaged(series: Series, rateHz: number, topic: TopicName): Series {
  const { time, columns } = series;
  const span = time[time.length - 1] - time[0];
  if (topic === 'pose' || time.length < 2 * span * rateHz) return series;
  const at: number[] = [];
  const means: number[][] = columns.map(() => []);
  for (let row = 0; row < time.length; ) {
    const cell = Math.floor((time[row] - time[0]) * rateHz + 1e-6);
    const from = row;
    while (row < time.length && Math.floor((time[row] - time[0]) * rateHz + 1e-6) === cell) row++;
    const middle = topic === 'motors' ? 0 : 0.5;
    at.push(time[0] + (cell + middle) / rateHz);
    columns.forEach((column, c) => {
      let sum = 0;
      for (let r = from; r < row; r++) sum += column[r];
      means[c].push(sum / (row - from));
    });
  }
  return { time: Float64Array.from(at), columns: means.map((column) => Float64Array.from(column)) };
}

function startOfMotors(motors: Float64Array[], usable: Uint8Array): number {
  const on = usable.findIndex((ok, t) => ok === 1 && motors.every((motor) => motor[t] > IDLE_COMMAND));
  return on === usable.indexOf(1) ? -1 : on;
}

/** Where every motor is on and, as far as the log has heights, the vehicle is above the height at which they started. */
function spansInAir(motors: Float64Array[], height: Float64Array | null, usable: Uint8Array, rateHz: number): Span[] {
  const on = usable.map((ok, t) => (ok && motors.every((motor) => motor[t] > IDLE_COMMAND) ? 1 : 0));
  const first = on.indexOf(1);
  if (first < 0) return [];
  const beganInAir = first === usable.indexOf(1);
  const floor = height && !beganInAir ? height[first] + CLEARANCE_M : Number.NEGATIVE_INFINITY;
  const inAir = height ? on.map((flag, t) => (flag && height[t] > floor ? 1 : 0)) : on;
  const spans: Span[] = [];
  for (let t = first; t < inAir.length; t++) {
    if (!inAir[t]) continue;
    const from = t;
    while (t < inAir.length && inAir[t]) t++;
    spans.push({ from, end: t });
  }
  const { first: after, last: before } = ON_GROUND_SECONDS;
  const clear = height
    ? spans
    : spans.map(({ from, end }) => ({ from: from + after * rateHz, end: end - before * rateHz }));
  return clear.filter(({ from, end }) => end - from >= SHORTEST_SECONDS * rateHz);
}

/** Holds the last number, and the first one before it. */
function filled(column: Float64Array): Float64Array {
  const out = column.slice();
  let last = column.find(Number.isFinite) ?? Number.NaN;
  for (let t = 0; t < out.length; t++) last = out[t] = Number.isFinite(out[t]) ? out[t] : last;
  return out;
}
