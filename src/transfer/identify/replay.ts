import { nominalAirframe } from '../../../envs/airframe.ts';
import { Dynamics } from '../../../envs/dynamics.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import { multiply, normalise, rotate, rotateInverse } from '../../../envs/quaternion.ts';
import { BODY_STATE, World } from '../../../envs/world.ts';
import type { FlightData } from './flight-data.ts';

/** A stretch of a flight that is flown again from its measured state at row `from`. */
export interface Window {
  /** Which of the flights. */
  flight: number;
  from: number;
}

/** What is replayed and how. */
export interface ReplayOptions {
  /** Physics steps of each window. */
  steps: number;
  /** Rows between recorded states. */
  stride: number;
  /** The attitude follows the log instead of the model's torques: for what translation alone can tell. */
  followAttitude: boolean;
  /**
   * Gyroscopic torques come of the logged rates, and the model's angular acceleration is summed up beside them. Without it,
   * a torque that the model lacks makes rates run away, and they couple the axes as nothing did in flight: on one NanoBench
   * flight whose trim is 35 rad/s², a tenth of a second already bent the pitch rate by 0.3 rad/s.
   *
   * Airspeeds come of the logged velocity likewise, where there is one, and the model's acceleration is summed up: a wind's
   * pull of 0.3 m/s² would else bend the velocity moment by 2 rad/s² within 0.3 s.
   */
  followRates?: boolean;
  /** How late what the log says of the state is: commands act that much later in the log's own time [s]. */
  late_s: number;
  /** How much later still the attitude is [s]; it is carried on by the body rates. */
  attitudeLater_s: number;
  /** Added to the model: specific force [m/s²] and angular acceleration [rad/s²] in the body frame, `[W, 6]`. */
  bias?: Float64Array;
  /** Each flight's motors over the vehicle's, `[4]`; without it all are 1. */
  motorRatios?: ArrayLike<number>[];
}

/** What the model does in each window, at `S = steps / stride + 1` moments. */
export interface Replayed {
  /** Position since the window's start, `[W, S, 3]`. */
  position: Float64Array;
  velocity: Float64Array;
  /** Of the rotors, `worldFromBody`, `[W, S, 4]`. */
  quaternion: Float64Array;
  /** Body rates, `[W, S, 3]`. */
  rates: Float64Array;
}

/** High above the ground, which the world has at 0 and windows don't. */
const HEIGHT_M = 1000;
/** So many windows are flown side by side: more bodies than fit the processor's cache would be slower. */
const BATCH = 64;

/** What the commands and attitudes of a log come to with one candidate vehicle. */
interface Driven {
  /** Thrust fractions as they arrive at the motors, `[T, 4]`. */
  thrusts: Float64Array;
  /** The motors' state at each row, `[T, 4]`. */
  motors: Float64Array;
  /** Of the rotors, `[T, 4]`. */
  attitude: Float64Array;
  voltage: Float64Array;
  /** As logged, `[3][T]`. */
  rates: Float64Array[];
  velocity: Float64Array[] | null;
}

/**
 * Flies windows of logged flights again, open loop: the cannon-es world and the dynamics of the simulator, from the
 * measured state, driven by the logged motor commands.
 *
 * The motors' state at a window's start is what the commands before it made of them. Voltage is the measured one, not
 * the simulated battery's. Latency is taken to fractions of a physics step, unlike in the simulator, so that a fit
 * has a slope to follow.
 */
export class Replay {
  private readonly flights: FlightData[];
  private readonly voltage: Float64Array[];
  private world: World | null = null;

  /** @param voltage of each flight's rows [V] */
  constructor(flights: FlightData[], voltage: Float64Array[]) {
    this.flights = flights;
    this.voltage = voltage;
  }

  run(vehicle: Vehicle, windows: Window[], options: ReplayOptions): Replayed {
    const n = windows.length;
    const S = Math.floor(options.steps / options.stride) + 1;
    const out: Replayed = {
      position: new Float64Array(n * S * 3),
      velocity: new Float64Array(n * S * 3),
      quaternion: new Float64Array(n * S * 4),
      rates: new Float64Array(n * S * 3),
    };
    this.world ??= new World(BATCH, vehicle.collisionRadius_m, []);
    const driven = this.flights.map((flight, f) => drive(flight, this.voltage[f], vehicle, options));
    const dynamics = new Dynamics(vehicle, 'motors', BATCH, 0);
    const batch: Batch = { world: this.world, dynamics, driven, windows, from: 0, count: 0 };
    for (let from = 0; from < n; from += BATCH) {
      batch.from = from;
      batch.count = Math.min(BATCH, n - from);
      this.begin(vehicle, batch, options);
      fly(batch, 1 / vehicle.physics_Hz, options, S, out);
    }
    return out;
  }

  /** Places every body of a batch in its measured state, its motors as the commands before left them. */
  private begin(vehicle: Vehicle, batch: Batch, { motorRatios }: ReplayOptions): void {
    const { world, dynamics, driven, windows } = batch;
    const airframe = { ...nominalAirframe(vehicle), latency_s: 0, sagAtFullThrust_V: 0, drain_ratio: 0 };
    const [ix, iy, iz] = vehicle.inertia_kgm2;
    for (let i = 0; i < batch.count; i++) {
      const { flight, from } = windows[batch.from + i];
      const own = motorRatios?.[flight];
      if (own) airframe.motor_ratio = [own[0], own[1], own[2], own[3]];
      dynamics.load(i, airframe, IDLE);
      const { motors, attitude } = driven[flight];
      for (let k = 0; k < 4; k++) dynamics.motors[i * 4 + k] = motors[from * 4 + k];
      startState(this.flights[flight], from, attitude);
      world.setMass(i, vehicle.mass_kg, ix, iy, iz);
      world.place(i, state);
      world.freeze(i, false);
    }
    for (let i = batch.count; i < BATCH; i++) world.freeze(i, true);
  }
}

interface Batch {
  world: World;
  dynamics: Dynamics;
  driven: Driven[];
  windows: Window[];
  /** The batch's windows are `from` to `from + count - 1`. */
  from: number;
  count: number;
}

function fly(batch: Batch, dt: number, options: ReplayOptions, S: number, out: Replayed): void {
  const { world, dynamics, driven, windows, from: first, count } = batch;
  const { steps, stride, followAttitude, followRates, bias } = options;
  for (let i = 0; i < count; i++) {
    record(world.bodies[i], (first + i) * S, out);
    if (!followRates) continue;
    for (let k = 0; k < 3; k++) {
      summed[i * 6 + k] = out.rates[(first + i) * S * 3 + k];
      summed[i * 6 + 3 + k] = out.velocity[(first + i) * S * 3 + k];
    }
  }
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < count; i++) {
      const window = windows[first + i];
      const { thrusts, attitude, voltage, rates, velocity } = driven[window.flight];
      const row = window.from + step;
      const body = world.bodies[i];
      if (followAttitude)
        body.quaternion.set(attitude[row * 4], attitude[row * 4 + 1], attitude[row * 4 + 2], attitude[row * 4 + 3]);
      if (followRates) setMotion(body, rates, velocity, row);
      for (let k = 0; k < 4; k++) command[i * 4 + k] = thrusts[row * 4 + k];
      dynamics.restVoltage[i] = voltage[row];
      dynamics.push(i, body, command, STILL, STILL);
      if (bias) pushBias(body, bias, (first + i) * 6);
    }
    dynamics.tick();
    if (followRates) for (let i = 0; i < count; i++) keepMotion(world.bodies[i], i);
    world.step(dt);
    if (followRates) for (let i = 0; i < count; i++) addChange(world.bodies[i], i);
    if ((step + 1) % stride !== 0) continue;
    const s = (step + 1) / stride;
    for (let i = 0; i < count; i++) {
      const at = (first + i) * S + s;
      record(world.bodies[i], at, out);
      if (!followRates) continue;
      for (let k = 0; k < 3; k++) {
        out.rates[at * 3 + k] = summed[i * 6 + k];
        out.velocity[at * 3 + k] = summed[i * 6 + 3 + k];
      }
    }
  }
}

/** Body rates and velocity as the model's accelerations sum up to, and the world's before a step, `[BATCH, 6]`. */
const summed = new Float64Array(BATCH * 6);
const kept = new Float64Array(BATCH * 6);

function setMotion(body: Body, rates: Float64Array[], velocity: Float64Array[] | null, row: number): void {
  const { quaternion, angularVelocity } = body;
  turned[0] = quaternion.x;
  turned[1] = quaternion.y;
  turned[2] = quaternion.z;
  turned[3] = quaternion.w;
  for (let k = 0; k < 3; k++) vector[k] = rates[k][row];
  rotate(turned, vector, vector);
  angularVelocity.set(vector[0], vector[1], vector[2]);
  if (velocity) body.velocity.set(velocity[0][row], velocity[1][row], velocity[2][row]);
}

function keepMotion({ angularVelocity: w, velocity: v }: Body, i: number): void {
  kept[i * 6] = w.x;
  kept[i * 6 + 1] = w.y;
  kept[i * 6 + 2] = w.z;
  kept[i * 6 + 3] = v.x;
  kept[i * 6 + 4] = v.y;
  kept[i * 6 + 5] = v.z;
}

/** Adds what a step changed: of the rates in the body's frame, of the velocity in the world's. */
function addChange({ angularVelocity: w, velocity: v, quaternion: q }: Body, i: number): void {
  turned[0] = q.x;
  turned[1] = q.y;
  turned[2] = q.z;
  turned[3] = q.w;
  vector[0] = w.x - kept[i * 6];
  vector[1] = w.y - kept[i * 6 + 1];
  vector[2] = w.z - kept[i * 6 + 2];
  rotateInverse(turned, vector, vector);
  for (let k = 0; k < 3; k++) summed[i * 6 + k] += vector[k];
  summed[i * 6 + 3] += v.x - kept[i * 6 + 3];
  summed[i * 6 + 4] += v.y - kept[i * 6 + 4];
  summed[i * 6 + 5] += v.z - kept[i * 6 + 5];
}

const IDLE = [0, 0, 0, 0];
const STILL = new Float64Array(BATCH * 3);
const command = new Float64Array(BATCH * 4);
const state = new Float64Array(BODY_STATE);

function drive(flight: FlightData, voltage: Float64Array, vehicle: Vehicle, options: ReplayOptions): Driven {
  const thrusts = arrivedThrusts(flight, vehicle, options.late_s);
  return {
    thrusts,
    motors: laggedMotors(thrusts, flight.rateHz, vehicle.rotor.lag_s),
    attitude: rotorAttitude(flight, vehicle.misalignment_rad, options.attitudeLater_s),
    voltage,
    rates: flight.rates,
    velocity: flight.velocity,
  };
}

/** Thrust fractions as they arrive at the motors during each step, `[T, 4]`: the mean over the step, by the latency. */
function arrivedThrusts(flight: FlightData, vehicle: Vehicle, late_s: number): Float64Array {
  const { rows, commands, rateHz, commandsEarly_s } = flight;
  const { level, exponent } = vehicle.command;
  const late = (vehicle.latency_s + commandsEarly_s + late_s) * rateHz;
  const whole = Math.floor(late);
  const part = late - whole;
  const warmth = coldness(flight, vehicle);
  const thrust = commands.map((column) => column.map((c, t) => warmth(t) * level * Math.max(0, c) ** exponent));
  const out = new Float64Array(rows * 4);
  for (let k = 0; k < 4; k++) {
    const column = thrust[k];
    let last = 0;
    for (let t = 0; t < rows; t++) {
      const u = (1 - part) * column[Math.max(0, t - whole)] + part * column[Math.max(0, t - whole - 1)];
      if (Number.isFinite(u)) last = u;
      out[t * 4 + k] = last;
    }
  }
  return out;
}

/** Thrust over that of warm motors, row by row. */
function coldness({ motorsOn, rateHz }: FlightData, { rotor: { cold } }: Vehicle): (row: number) => number {
  if (!cold || motorsOn < 0) return () => 1;
  const { more, seconds } = cold;
  return (row) => 1 + more * Math.exp(-Math.max(0, row - motorsOn) / (seconds * rateHz));
}

/** The motors at the start of each step, `[T, 4]`, by the dynamics' own recursion. */
function laggedMotors(thrusts: Float64Array, rateHz: number, lag_s: number): Float64Array {
  const gain = lag_s > 0 ? 1 - Math.exp(-1 / (rateHz * lag_s)) : 1;
  const out = new Float64Array(thrusts.length);
  for (let k = 0; k < 4; k++) out[k] = thrusts[k];
  for (let at = 4; at < out.length; at++) out[at] = out[at - 4] + gain * (thrusts[at - 4] - out[at - 4]);
  return out;
}

/**
 * The attitude of the rotors, `[T, 4]`: what the log reads with the misalignment taken out, turned on by the body rates
 * for as long as it is late; level without a pose.
 */
function rotorAttitude(flight: FlightData, [x, y]: readonly number[], later_s: number): Float64Array {
  const { quaternion, rows, rates } = flight;
  const out = new Float64Array(rows * 4);
  const size = Math.sqrt(1 + (x * x + y * y) / 4);
  const level = [-x / 2 / size, -y / 2 / size, 0, 1 / size];
  const read = new Float64Array([0, 0, 0, 1]);
  for (let t = 0; t < rows; t++) {
    if (quaternion) for (let k = 0; k < 4; k++) read[k] = quaternion[k][t];
    multiply(read, level, product);
    if (later_s !== 0) {
      for (let k = 0; k < 3; k++) turned[k] = (rates[k][t] * later_s) / 2;
      turned[3] = 1;
      normalise(multiply(product, turned, product));
    }
    out.set(product, t * 4);
  }
  return out;
}

/** Position high above the ground; velocity and rates as measured, at rest where they are not. */
function startState({ velocity, rates }: FlightData, row: number, attitude: Float64Array): void {
  state[2] = HEIGHT_M;
  for (let k = 0; k < 4; k++) state[3 + k] = turned[k] = attitude[row * 4 + k];
  for (let k = 0; k < 3; k++) {
    state[7 + k] = velocity ? velocity[k][row] : 0;
    vector[k] = rates[k][row];
  }
  rotate(turned, vector, vector);
  for (let k = 0; k < 3; k++) state[10 + k] = vector[k];
}

type Body = World['bodies'][number];
const product = new Float64Array(4);
const vector = new Float64Array(3);
const turned = new Float64Array(4);

function pushBias({ quaternion, force, torque, mass, inertia }: Body, bias: Float64Array, at: number): void {
  turned[0] = quaternion.x;
  turned[1] = quaternion.y;
  turned[2] = quaternion.z;
  turned[3] = quaternion.w;
  for (let k = 0; k < 3; k++) vector[k] = bias[at + k] * mass;
  rotate(turned, vector, vector);
  force.set(force.x + vector[0], force.y + vector[1], force.z + vector[2]);
  vector[0] = bias[at + 3] * inertia.x;
  vector[1] = bias[at + 4] * inertia.y;
  vector[2] = bias[at + 5] * inertia.z;
  rotate(turned, vector, vector);
  torque.set(torque.x + vector[0], torque.y + vector[1], torque.z + vector[2]);
}

function record(body: Body, at: number, out: Replayed): void {
  const { position: p, velocity: v, quaternion: q, angularVelocity: w } = body;
  const three = at * 3;
  out.position[three] = p.x;
  out.position[three + 1] = p.y;
  out.position[three + 2] = p.z - HEIGHT_M;
  out.velocity[three] = v.x;
  out.velocity[three + 1] = v.y;
  out.velocity[three + 2] = v.z;
  out.quaternion[at * 4] = turned[0] = q.x;
  out.quaternion[at * 4 + 1] = turned[1] = q.y;
  out.quaternion[at * 4 + 2] = turned[2] = q.z;
  out.quaternion[at * 4 + 3] = turned[3] = q.w;
  vector[0] = w.x;
  vector[1] = w.y;
  vector[2] = w.z;
  rotateInverse(turned, vector, vector);
  for (let k = 0; k < 3; k++) out.rates[three + k] = vector[k];
}
