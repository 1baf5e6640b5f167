import type { Airframe } from './airframe.ts';
import type { Measured } from './observation.ts';
import type { Rng } from './rng.ts';
import type { Vehicle } from './vehicle.ts';

/** Columns of a bias row: position, velocity, attitude, rates, voltage. */
export const BIAS_SIZE = 13;

/** The sensors, in the order of their rows. */
const SENSORS = ['position_m', 'velocity_m_s', 'attitude_rad', 'rates_rad_s', 'voltage_V'] as const;
const COUNT = SENSORS.length;
/** Columns of a state row: position 3, velocity 3, attitude 4, rates 3, voltage. */
const VELOCITY = 3;
const ATTITUDE = 6;
const RATES = 10;
const VOLTAGE = 13;
const ROW = 14;
/** Those that the estimator makes: position, velocity, attitude. */
const ESTIMATE = 10;
const MOST_NORMALS = 13;

/**
 * Motion capture, gyro, voltmeter and the estimator behind them, for `n` vehicles.
 *
 * Each sensor samples at moments of its own: every `1 / rate_Hz`, from a phase drawn for each episode. A sample is the
 * truth of that moment (between two control steps on the line between their states) with the airframe's bias and white
 * noise; it can be used `delay_s` later and is held until the next one can. A sensor without a rate samples at the
 * control steps.
 *
 * The estimator follows the samples of position, velocity and attitude with a first-order lag. That stands for what
 * filters cost: an onboard Kalman filter or complementary filter weighs new samples against its past, so that its
 * estimate is smoother and later than they are. Its prediction from the accelerometer, which would make up for some of
 * the lag, is not modelled; rates and voltage pass by it.
 */
export class Sensors {
  /** Offsets, `[n, 13]`. */
  readonly bias: Float64Array;
  /** Noise over that of the vehicle file, `[n]`. */
  readonly noiseRatio: Float64Array;
  /** What the gyro read too much in its newest sample, `[n, 3]`. */
  readonly gyroError: Float64Array;
  /** True states of the latest control steps, a ring, `[n, slots, 14]`. */
  readonly history: Float64Array;
  /** Where the newest is, `[n]`. */
  readonly newest: Int32Array;
  /** Control steps until the next sample can be used, `[n, 5]`. */
  readonly wait: Float64Array;
  /** Delay in control steps, `[n, 5]`. */
  readonly delay: Float64Array;
  /** The newest samples that can be used, `[n, 14]`. */
  readonly held: Float64Array;
  /** What the estimator makes of them, `[n, 10]`. */
  readonly estimate: Float64Array;
  /** Share of the way to the sample that the estimator goes in a control step, `[n]`. */
  readonly gain: Float64Array;
  /** 1 where an episode has not been measured yet, `[n]`. */
  readonly fresh: Uint8Array;
  private readonly slots: number;
  private readonly control_Hz: number;
  private readonly noise: Float64Array;
  /** Control steps between samples. */
  private readonly period: Float64Array;
  /** 1 where a sensor's moments are not the control steps. */
  private readonly free: Uint8Array;
  /** 1 where each control step finds a new sample, always of the same age. */
  private readonly steady: Uint8Array;
  private readonly vehicleDelay: Float64Array;
  /** Rows of `history` between which each sensor's new sample lies, and how far from the first. */
  private readonly from = new Int32Array(COUNT);
  private readonly before = new Int32Array(COUNT);
  private readonly share = new Float64Array(COUNT);
  private readonly z = new Float64Array(MOST_NORMALS);

  /** @param maxDelay_ratio the largest `sensorDelay_ratio` that an airframe will have */
  constructor(vehicle: Vehicle, n: number, maxDelay_ratio = 1) {
    const sensors = SENSORS.map((name) => vehicle.sensors[name]);
    const { control_Hz } = vehicle;
    this.control_Hz = control_Hz;
    this.noise = Float64Array.from(sensors, ({ noise }) => noise);
    this.period = Float64Array.from(sensors, ({ rate_Hz }) => (rate_Hz ? control_Hz / rate_Hz : 1));
    this.free = Uint8Array.from(sensors, ({ rate_Hz }) => (rate_Hz ? 1 : 0));
    this.steady = Uint8Array.from(this.period, (period) => (Number.isInteger(1 / period) ? 1 : 0));
    this.vehicleDelay = Float64Array.from(sensors, ({ delay_s }) => delay_s * control_Hz);
    // a sample is taken at most one step after it can be used, and lies between two states
    const timed = sensors.some(({ rate_Hz, delay_s }) => rate_Hz || delay_s > 0);
    this.slots = timed ? Math.ceil(Math.max(...this.vehicleDelay) * maxDelay_ratio) + 3 : 1;
    this.bias = new Float64Array(n * BIAS_SIZE);
    this.noiseRatio = new Float64Array(n);
    this.gyroError = new Float64Array(n * 3);
    this.history = new Float64Array(n * this.slots * ROW);
    this.newest = new Int32Array(n);
    this.wait = new Float64Array(n * COUNT);
    this.delay = new Float64Array(n * COUNT);
    this.held = new Float64Array(n * ROW);
    this.estimate = new Float64Array(n * ESTIMATE);
    this.gain = new Float64Array(n);
    this.fresh = new Uint8Array(n);
  }

  /** Begins an episode of vehicle `i`, first measured by the next `measure`. */
  load(i: number, airframe: Airframe): void {
    const { position_m, velocity_m_s, attitude_rad, rates_rad_s, voltage_V } = airframe.bias;
    this.bias.set([...position_m, ...velocity_m_s, ...attitude_rad, ...rates_rad_s, voltage_V], i * BIAS_SIZE);
    this.noiseRatio[i] = airframe.noise_ratio;
    for (let s = 0; s < COUNT; s++) this.delay[i * COUNT + s] = this.vehicleDelay[s] * airframe.sensorDelay_ratio;
    const lag = airframe.estimatorLag_s;
    this.gain[i] = lag > 0 ? 1 - Math.exp(-1 / (lag * this.control_Hz)) : 1;
    this.fresh[i] = 1;
  }

  /**
   * Measures vehicle `i` one control step after the last time: `truth` in, `out` filled; its goal is copied as it is, and how it moves.
   * Before the first measurement of an episode the vehicle counts as having been where it is then.
   */
  measure(i: number, truth: Truth, rng: Rng, out: MeasuredBuffer): void {
    const fresh = this.fresh[i] === 1;
    if (fresh) this.begin(i, truth, rng);
    else this.remember(i, truth);
    this.sample(i, this.due(i, fresh), rng);
    this.follow(i, fresh ? 1 : this.gain[i]);
    this.write(i, truth, out);
  }

  private begin(i: number, truth: Truth, rng: Rng): void {
    this.fresh[i] = 0;
    for (let slot = 0; slot < this.slots; slot++) this.remember(i, truth);
    // in (0, period]; a steady sensor waits as long for every sample
    for (let s = 0; s < COUNT; s++)
      this.wait[i * COUNT + s] = (this.free[s] === 1 ? 1 - rng.uniform() : 1) * this.period[s];
  }

  private remember(i: number, truth: Truth): void {
    const { history, newest, slots } = this;
    const slot = newest[i] + 1 < slots ? newest[i] + 1 : 0;
    newest[i] = slot;
    const row = (i * slots + slot) * ROW;
    // written out, as everywhere in the hot parts of this file: loops over three cost more than what is in them
    history[row] = truth.position[0];
    history[row + 1] = truth.position[1];
    history[row + 2] = truth.position[2];
    history[row + VELOCITY] = truth.velocity[0];
    history[row + VELOCITY + 1] = truth.velocity[1];
    history[row + VELOCITY + 2] = truth.velocity[2];
    history[row + ATTITUDE] = truth.quaternion[0];
    history[row + ATTITUDE + 1] = truth.quaternion[1];
    history[row + ATTITUDE + 2] = truth.quaternion[2];
    history[row + ATTITUDE + 3] = truth.quaternion[3];
    history[row + RATES] = truth.rates[0];
    history[row + RATES + 1] = truth.rates[1];
    history[row + RATES + 2] = truth.rates[2];
    history[row + VOLTAGE] = truth.voltage;
  }

  /**
   * Finds where in `history` the newest sample of each sensor lies: sets `from`, `before` and `share`, or `from` −1
   * where there is no new one.
   *
   * @returns how many normal deviates the new samples need
   */
  private due(i: number, fresh: boolean): number {
    const { wait, period, delay, steady, from } = this;
    let normals = 0;
    for (let s = 0; s < COUNT; s++) {
      const at = i * COUNT + s;
      if (steady[s] === 0 && !fresh) {
        const left = wait[at] - 1;
        if (left > 0) {
          wait[at] = left;
          from[s] = -1;
          continue;
        }
        wait[at] = left + (Math.floor(-left / period[s]) + 1) * period[s];
      }
      this.locate(i, s, delay[at] + period[s] - wait[at]);
      normals += s < 4 ? 3 : 1;
    }
    return this.noiseRatio[i] === 0 ? 0 : normals;
  }

  /** Where the state of `age` control steps ago lies, for sensor `s`. */
  private locate(i: number, s: number, age: number): void {
    const { from, before, share, newest, slots } = this;
    const whole = Math.floor(age);
    const back = whole < slots - 1 ? whole : slots - 1;
    let slot = newest[i] - back;
    if (slot < 0) slot += slots;
    // farther back than the ring: the vehicle has been there since before the episode
    const part = back === slots - 1 ? 0 : age - whole;
    share[s] = part;
    from[s] = (i * slots + slot) * ROW;
    before[s] = part === 0 ? from[s] : (i * slots + (slot > 0 ? slot - 1 : slots - 1)) * ROW;
  }

  /** Takes the samples that are due. */
  private sample(i: number, normals: number, rng: Rng): void {
    const { from, before, share, history, noise, bias, held, gyroError, z } = this;
    if (normals > 0) rng.normals(z, normals);
    const ratio = normals > 0 ? this.noiseRatio[i] : 0;
    const h = i * ROW;
    const b = i * BIAS_SIZE;
    let next = 0;
    for (let s = 0; s < 2; s++) {
      if (from[s] < 0) continue;
      const column = 3 * s; // of position or velocity, in states and biases
      const size = ratio * noise[s];
      const at = from[s] + column;
      const old = before[s] + column;
      const part = share[s];
      held[h + column] = between(history, at, old, part) + (bias[b + column] + size * z[next]);
      held[h + column + 1] = between(history, at + 1, old + 1, part) + (bias[b + column + 1] + size * z[next + 1]);
      held[h + column + 2] = between(history, at + 2, old + 2, part) + (bias[b + column + 2] + size * z[next + 2]);
      next += 3;
    }
    if (from[2] >= 0) {
      const size = ratio * noise[2];
      const at = from[2] + ATTITUDE;
      const old = before[2] + ATTITUDE;
      const part = share[2];
      held[h + ATTITUDE] = between(history, at, old, part);
      held[h + ATTITUDE + 1] = between(history, at + 1, old + 1, part);
      held[h + ATTITUDE + 2] = between(history, at + 2, old + 2, part);
      held[h + ATTITUDE + 3] = between(history, at + 3, old + 3, part);
      const ex = bias[b + 6] + size * z[next];
      const ey = bias[b + 7] + size * z[next + 1];
      const ez = bias[b + 8] + size * z[next + 2];
      turn(held, h + ATTITUDE, ex / 2, ey / 2, ez / 2);
      next += 3;
    }
    if (from[3] >= 0) {
      const size = ratio * noise[3];
      const at = from[3] + RATES;
      const old = before[3] + RATES;
      const part = share[3];
      const g = i * 3;
      gyroError[g] = bias[b + 9] + size * z[next];
      gyroError[g + 1] = bias[b + 10] + size * z[next + 1];
      gyroError[g + 2] = bias[b + 11] + size * z[next + 2];
      held[h + RATES] = between(history, at, old, part) + gyroError[g];
      held[h + RATES + 1] = between(history, at + 1, old + 1, part) + gyroError[g + 1];
      held[h + RATES + 2] = between(history, at + 2, old + 2, part) + gyroError[g + 2];
      next += 3;
    }
    if (from[4] < 0) return;
    const voltage = between(history, from[4] + VOLTAGE, before[4] + VOLTAGE, share[4]);
    held[h + VOLTAGE] = voltage + (bias[b + 12] + ratio * noise[4] * z[next]);
  }

  /** Moves the estimate of vehicle `i` towards what is held. */
  private follow(i: number, gain: number): void {
    const { held, estimate } = this;
    const h = i * ROW;
    const e = i * ESTIMATE;
    if (gain === 1) {
      for (let k = 0; k < ESTIMATE; k++) estimate[e + k] = held[h + k];
      return;
    }
    for (let k = 0; k < ESTIMATE; k++) estimate[e + k] += gain * (held[h + k] - estimate[e + k]);
    const x = estimate[e + ATTITUDE];
    const y = estimate[e + ATTITUDE + 1];
    const z = estimate[e + ATTITUDE + 2];
    const w = estimate[e + ATTITUDE + 3];
    const scale = 1 / Math.sqrt(x * x + y * y + z * z + w * w);
    estimate[e + ATTITUDE] = x * scale;
    estimate[e + ATTITUDE + 1] = y * scale;
    estimate[e + ATTITUDE + 2] = z * scale;
    estimate[e + ATTITUDE + 3] = w * scale;
  }

  private write(i: number, truth: Truth, out: MeasuredBuffer): void {
    const { held, estimate } = this;
    const h = i * ROW;
    const e = i * ESTIMATE;
    out.position[0] = estimate[e];
    out.position[1] = estimate[e + 1];
    out.position[2] = estimate[e + 2];
    out.velocity[0] = estimate[e + VELOCITY];
    out.velocity[1] = estimate[e + VELOCITY + 1];
    out.velocity[2] = estimate[e + VELOCITY + 2];
    out.quaternion[0] = estimate[e + ATTITUDE];
    out.quaternion[1] = estimate[e + ATTITUDE + 1];
    out.quaternion[2] = estimate[e + ATTITUDE + 2];
    out.quaternion[3] = estimate[e + ATTITUDE + 3];
    out.rates[0] = held[h + RATES];
    out.rates[1] = held[h + RATES + 1];
    out.rates[2] = held[h + RATES + 2];
    out.voltage = held[h + VOLTAGE];
    out.goal[0] = truth.goal[0];
    out.goal[1] = truth.goal[1];
    out.goal[2] = truth.goal[2];
    out.goalVelocity[0] = truth.goalVelocity[0];
    out.goalVelocity[1] = truth.goalVelocity[1];
    out.goalVelocity[2] = truth.goalVelocity[2];
  }
}

/** On the line from `states[at]` to `states[old]`, so far along. */
function between(states: Float64Array, at: number, old: number, share: number): number {
  const value = states[at];
  return value + share * (states[old] - value);
}

/** Turns the quaternion at `at` by small angles of half `(x, y, z)` about body axes: q ⊗ [x, y, z, 1], normalised. */
function turn(q: Float64Array, at: number, x: number, y: number, z: number): void {
  const qx = q[at];
  const qy = q[at + 1];
  const qz = q[at + 2];
  const qw = q[at + 3];
  const scale = 1 / Math.sqrt((1 + x * x + y * y + z * z) * (qx * qx + qy * qy + qz * qz + qw * qw));
  q[at] = (qx + qw * x + qy * z - qz * y) * scale;
  q[at + 1] = (qy + qw * y + qz * x - qx * z) * scale;
  q[at + 2] = (qz + qw * z + qx * y - qy * x) * scale;
  q[at + 3] = (qw - qx * x - qy * y - qz * z) * scale;
}

/** True state of one vehicle: world frame, but `rates` about body axes. */
export interface Truth {
  position: Float64Array;
  /** `worldFromBody`, `[x, y, z, w]` */
  quaternion: Float64Array;
  velocity: Float64Array;
  rates: Float64Array;
  goal: Float64Array;
  /** Zero where the goal stands still. */
  goalVelocity: Float64Array;
  voltage: number;
}

/** A {@link Measured} that can be written. */
export interface MeasuredBuffer extends Measured {
  position: Float64Array;
  quaternion: Float64Array;
  velocity: Float64Array;
  rates: Float64Array;
  goal: Float64Array;
  goalVelocity: Float64Array;
  ranges: Float64Array;
}

/** Room for a state. */
export function stateBuffer(): Truth & MeasuredBuffer {
  return {
    position: new Float64Array(3),
    quaternion: new Float64Array([0, 0, 0, 1]),
    velocity: new Float64Array(3),
    rates: new Float64Array(3),
    goal: new Float64Array(3),
    goalVelocity: new Float64Array(3),
    ranges: new Float64Array(0),
    voltage: 0,
  };
}
