import type { Airframe } from './airframe.ts';
import type { Measured } from './observation.ts';
import type { Rng } from './rng.ts';
import type { Vehicle } from './vehicle.ts';

/** Columns of a bias row: position, velocity, attitude, rates, voltage. */
export const BIAS_SIZE = 13;

/** Motion capture, gyro and voltmeter: the truth with each airframe's own offsets and white noise. */
export class Sensors {
  /** Offsets, `[n, 13]`. */
  readonly bias: Float64Array;
  /** Noise over that of the vehicle file, `[n]`. */
  readonly noiseRatio: Float64Array;
  /** What the gyro read too much when last asked, `[n, 3]`. */
  readonly gyroError: Float64Array;
  private readonly vehicle: Vehicle;

  constructor(vehicle: Vehicle, n: number) {
    this.vehicle = vehicle;
    this.bias = new Float64Array(n * BIAS_SIZE);
    this.noiseRatio = new Float64Array(n);
    this.gyroError = new Float64Array(n * 3);
  }

  load(i: number, airframe: Airframe): void {
    const { position_m, velocity_m_s, attitude_rad, rates_rad_s, voltage_V } = airframe.bias;
    this.bias.set([...position_m, ...velocity_m_s, ...attitude_rad, ...rates_rad_s, voltage_V], i * BIAS_SIZE);
    this.noiseRatio[i] = airframe.noise_ratio;
  }

  /** Measures vehicle `i`: `truth` in, `out` filled; its goal is copied as it is. */
  measure(i: number, truth: Truth, rng: Rng, out: MeasuredBuffer): void {
    const { bias, gyroError } = this;
    const { sensors } = this.vehicle;
    const b = i * BIAS_SIZE;
    const ratio = this.noiseRatio[i];
    const positionNoise = sensors.position_m.noise * ratio;
    const velocityNoise = sensors.velocity_m_s.noise * ratio;
    const attitudeNoise = sensors.attitude_rad.noise * ratio;
    const ratesNoise = sensors.rates_rad_s.noise * ratio;
    for (let k = 0; k < 3; k++) {
      out.position[k] = truth.position[k] + bias[b + k] + positionNoise * rng.normal();
      out.velocity[k] = truth.velocity[k] + bias[b + 3 + k] + velocityNoise * rng.normal();
      gyroError[i * 3 + k] = bias[b + 9 + k] + ratesNoise * rng.normal();
      out.rates[k] = truth.rates[k] + gyroError[i * 3 + k];
      out.goal[k] = truth.goal[k];
    }
    // a small rotation about body axes, q ⊗ [error / 2, 1], normalised
    const ex = (bias[b + 6] + attitudeNoise * rng.normal()) / 2;
    const ey = (bias[b + 7] + attitudeNoise * rng.normal()) / 2;
    const ez = (bias[b + 8] + attitudeNoise * rng.normal()) / 2;
    const q = truth.quaternion;
    const qx = q[0];
    const qy = q[1];
    const qz = q[2];
    const qw = q[3];
    const scale = 1 / Math.sqrt(1 + ex * ex + ey * ey + ez * ez);
    out.quaternion[0] = (qx + qw * ex + qy * ez - qz * ey) * scale;
    out.quaternion[1] = (qy + qw * ey + qz * ex - qx * ez) * scale;
    out.quaternion[2] = (qz + qw * ez + qx * ey - qy * ex) * scale;
    out.quaternion[3] = (qw - qx * ex - qy * ey - qz * ez) * scale;
    out.voltage = truth.voltage + bias[b + 12] + sensors.voltage_V.noise * ratio * rng.normal();
  }
}

/** True state of one vehicle: world frame, but `rates` about body axes. */
export interface Truth {
  position: Float64Array;
  /** `worldFromBody`, `[x, y, z, w]` */
  quaternion: Float64Array;
  velocity: Float64Array;
  rates: Float64Array;
  goal: Float64Array;
  voltage: number;
}

/** A {@link Measured} that can be written. */
export interface MeasuredBuffer extends Measured {
  position: Float64Array;
  quaternion: Float64Array;
  velocity: Float64Array;
  rates: Float64Array;
  goal: Float64Array;
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
    ranges: new Float64Array(0),
    voltage: 0,
  };
}
