import { InputError } from '../../envs/input-error.ts';
import { alignFlight } from '../telemetry/pipeline/index.ts';
import type { Flight, TopicName } from '../telemetry/flight.ts';
import { goalVelocity, HINDSIGHT_SECONDS, hindsightGoals, holdLast } from './goals.ts';
import { type Fingerprint, fingerprintOf } from './repeats.ts';

/** Rows `from` to `end - 1` without a gap. */
export interface Stretch {
  from: number;
  end: number;
}

/** A flight at the policy's rate, ready to be flown along or learnt from. Columns `[T]`, SI, ENU and FLU. */
export interface FlightSamples {
  name: string;
  source: string;
  rateHz: number;
  /** Unbroken stretches from the first to the last airborne row: a policy's memory starts anew in each. */
  stretches: Stretch[];
  /** 1 where the flight counts: every motor on and well above the take-off height. */
  airborne: Uint8Array;
  position: Float64Array[];
  /** `worldFromBody`, `[x, y, z, w]` */
  quaternion: Float64Array[];
  velocity: Float64Array[];
  rates: Float64Array[];
  /** Specific force, null where the log has none. */
  acceleration: Float64Array[] | null;
  voltage: Float64Array;
  goal: Float64Array[];
  /** How fast the goal moves [m/s]. */
  goalVelocity: Float64Array[];
  /** Motor commands in [0, 1], in the order of the vehicle file's rotors. */
  commands: Float64Array[];
  goals: 'setpoint' | 'hindsight';
  /** By which a repeat under another name is found. */
  fingerprint: Fingerprint;
  /** What a reader of the report should know. */
  warnings: string[];
}

/** Clear of ground contact [m]. */
const CLEARANCE = 0.1;
/** Shortest flight in the air to learn from or be judged on [s]. */
const MIN_AIRBORNE_SECONDS = 2;

const NEEDED = ['pose', 'velocity', 'rates', 'motors'] as const;

/**
 * Brings a flight to the policy's rate and finds where it is in the air.
 *
 * Motors are taken in the log's order, which is the firmware's and so that of the vehicle file's rotors.
 *
 * @param nominalVoltage stands in for a log without battery [V]
 * @throws InputError when it lacks pose, velocity, rates or motors, or is never in the air
 */
export function flightSamples(flight: Flight, rateHz: number, nominalVoltage: number): FlightSamples {
  const optional = (['acceleration', 'battery', 'setpoint'] as const).filter(
    (topic) => flight.topics[topic]?.time.length,
  );
  const table = alignFlight<TopicName>(flight, rateHz, [...NEEDED, ...optional]);
  const { pose, velocity, rates, motors } = table.columns;
  const T = table.time.length;
  const usable = Uint8Array.from({ length: T }, (_, t) => (NEEDED.every((topic) => table.valid[topic][t]) ? 1 : 0));
  for (const topic of NEEDED)
    if (!table.valid[topic].includes(1))
      throw new InputError(`${flight.source}: ${topic}: expected numbers, found none in any row`);
  const airborne = findAirborne(motors, pose[2], usable);
  const count = airborne.reduce((sum, x) => sum + x, 0);
  if (count < MIN_AIRBORNE_SECONDS * rateHz)
    throw new InputError(
      `${flight.source}: motors, pose: expected at least ${MIN_AIRBORNE_SECONDS} s with every motor on and more than ` +
        `${CLEARANCE} m above take-off, found ${(count / rateHz).toFixed(1)} s`,
    );
  const warnings = [...flight.warnings];
  const stretches = findStretches(usable, airborne);
  const position = pose.slice(0, 3);
  const goals = optional.includes('setpoint') && hasNumbers(table.columns.setpoint) ? 'setpoint' : 'hindsight';
  const goal = goals === 'setpoint' ? table.columns.setpoint : position.map(() => new Float64Array(T));
  if (goals === 'setpoint') holdLast(goal);
  else
    for (const { from, end } of stretches)
      hindsightGoals(position, from, end, Math.round(HINDSIGHT_SECONDS * rateHz), goal);
  if (goals === 'hindsight') warnings.push(`no setpoint: the position ${HINDSIGHT_SECONDS} s later serves as the goal`);
  const battery = optional.includes('battery') && hasNumbers(table.columns.battery);
  const voltage = battery ? table.columns.battery[0] : new Float64Array(T).fill(nominalVoltage);
  if (battery) holdLast([voltage]);
  else warnings.push(`no battery voltage: ${nominalVoltage} V assumed`);
  return {
    name: flight.name,
    source: flight.source,
    rateHz,
    stretches,
    airborne,
    position,
    quaternion: pose.slice(3),
    velocity,
    rates,
    acceleration: optional.includes('acceleration') ? table.columns.acceleration : null,
    voltage,
    goal,
    goalVelocity: goalVelocity(goal, stretches, rateHz),
    commands: motors,
    goals,
    fingerprint: fingerprintOf(flight),
    warnings,
  };
}

/** Every motor on, and above the height at which they first were; a log that begins with motors on began in the air. */
function findAirborne(motors: Float64Array[], height: Float64Array, usable: Uint8Array): Uint8Array {
  const on = Uint8Array.from(usable, (ok, t) => (ok && motors.every((motor) => motor[t] > 0) ? 1 : 0));
  const first = on.indexOf(1);
  const began = usable.indexOf(1);
  const floor = first === began ? Number.NEGATIVE_INFINITY : (height[first] ?? 0) + CLEARANCE;
  return on.map((motorsOn, t) => (motorsOn && height[t] > floor ? 1 : 0));
}

function findStretches(usable: Uint8Array, airborne: Uint8Array): Stretch[] {
  const stretches: Stretch[] = [];
  const last = airborne.lastIndexOf(1);
  for (let t = airborne.indexOf(1); t <= last; t++) {
    if (!usable[t]) continue;
    let end = t;
    while (end <= last && usable[end]) end++;
    if (airborne.subarray(t, end).includes(1)) stretches.push({ from: t, end });
    t = end;
  }
  return stretches;
}

function hasNumbers(columns: Float64Array[]): boolean {
  return columns.every((column) => column.some(Number.isFinite));
}
