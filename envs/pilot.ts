import { mixer } from './mixer.ts';
import type { Measured } from './observation.ts';
import { rotateInverse, yawOf } from './quaternion.ts';
import type { Setpoint } from './trajectories.ts';
import type { Vehicle } from './vehicle.ts';
import { GRAVITY } from './weight.ts';

/** What the pilot needs of a measured state. */
export type Seen = Pick<Measured, 'position' | 'quaternion' | 'velocity' | 'rates'>;

/** What acceleration an error in position [1/s²], in velocity [1/s] and the integral of the first [1/s³] ask for. */
export interface Gains {
  proportional: number;
  derivative: number;
  integral: number;
}

/** Sideways a natural frequency of 1.6 rad/s: faster would outrun the attitude of a Crazyflie. */
const SIDEWAYS: Gains = { proportional: 2.6, derivative: 2.8, integral: 0.8 };
/** Upwards only the motors' lag is in the way. */
const UPWARDS: Gains = { proportional: 6, derivative: 5, integral: 4 };
/** The integral carries at most this acceleration [m/s²]: the trim of wind sideways, of thrust and weight upwards. */
const INTEGRAL_LIMITS = [4, 4, 6];
/** Acceleration of the setpoint that is followed at once [m/s²]; where the setpoint's velocity jumps it has more. */
const FORWARD_LIMIT = 4;
const MAX_TILT = 0.6;
/** No rotor is ever stopped, as in real firmware. */
const IDLE = 0.03;
const YAW = { proportional: 4, derivative: 4 };
const TRIM_PER_S = 0.8;
/**
 * The trim carries at most this angular acceleration [rad/s²]: motors that differ by 10 % need 25 on a Crazyflie, a
 * centre of mass that is 1.2 mm off 20 more.
 */
const TRIM_LIMIT = 60;
const STEADY = [0, 0, 0];

/** How a pilot corrects. */
export interface PilotTuning {
  /** How many times slower than usual it corrects position sideways: a vehicle with long delays needs it. */
  caution: number;
  /** The attitude loop's poles, times lag and latency. Who knows the vehicle well may have more. */
  stiffness: number;
  sideways?: Gains;
  upwards?: Gains;
  /** Torque trim: its integral acts so many times a second as strongly as the angle itself. */
  trim_per_s?: number;
}

const USUAL_TUNING: PilotTuning = { caution: 1, stiffness: 0.8 };

/**
 * A classical pilot: position to acceleration to attitude to rotor thrusts, for flying paths as a vehicle's own
 * firmware would. It knows the nominal vehicle alone; an integral trims what differs.
 *
 * Roll and pitch: attitude, rate and the lagging motors' torque make a third-order chain; feeding back all three puts
 * its poles at one frequency, as far as the motor lag lets it.
 */
export class Pilot {
  private readonly vehicle: Vehicle;
  private readonly mixer: Float64Array;
  private readonly thrusts = new Float32Array(4);
  private readonly motors = new Float64Array(4);
  private readonly integral = new Float64Array(3);
  private readonly trim = new Float64Array(3);
  /** The setpoint's velocity one step ago; NaN at first. */
  private readonly before = new Float64Array(3);
  private readonly wanted = new Float64Array(3);
  private readonly dt: number;
  private readonly caution: number;
  /** Along x, y and z. */
  private readonly gains: readonly Gains[];
  private readonly trimGain: number;
  private readonly motorGain: number;
  private readonly attitude: { angle: number; rate: number; torque: number };

  constructor(vehicle: Vehicle, tuning: PilotTuning = USUAL_TUNING) {
    const { caution, stiffness, sideways = SIDEWAYS, upwards = UPWARDS, trim_per_s = TRIM_PER_S } = tuning;
    this.caution = caution;
    this.gains = [sideways, sideways, upwards];
    this.vehicle = vehicle;
    this.mixer = mixer(vehicle);
    this.dt = 1 / vehicle.control_Hz;
    this.trimGain = trim_per_s * this.dt;
    // latency and half a control period of holding the command act much like more lag
    const lag = vehicle.rotor.lag_s + vehicle.latency_s + this.dt / 2;
    this.motorGain = 1 - Math.exp(-this.dt / lag);
    const pole = stiffness / lag;
    this.attitude = { angle: pole ** 3 * lag, rate: 3 * pole ** 2 * lag, torque: 3 * pole * lag - 1 };
    this.reset();
  }

  /** Forgets the flight so far. */
  reset(): void {
    this.integral.fill(0);
    this.trim.fill(0);
    this.before.fill(Number.NaN);
    this.motors.fill((this.vehicle.mass_kg * GRAVITY) / (4 * this.vehicle.rotor.maxThrust_N));
    this.thrusts.set(this.motors);
  }

  /** Tells it what thrust the motors have by now, `motors[at]` and the three after it, where others than its own commands flew. */
  told(motors: ArrayLike<number>, at: number): void {
    for (let k = 0; k < 4; k++) this.motors[k] = this.thrusts[k] = motors[at + k];
  }

  /**
   * The next command.
   *
   * @param shake body rates [rad/s] to turn with on top of what the path asks for: excitation for identification
   * @returns `[4]`, rotor thrust fractions in [0, 1]; overwritten by the next call
   */
  command(seen: Seen, setpoint: Setpoint, shake: ArrayLike<number> = STEADY): Float32Array {
    const { vehicle, motors, thrusts, wanted } = this;
    for (let k = 0; k < 4; k++) motors[k] += this.motorGain * (thrusts[k] - motors[k]);
    this.accelerate(seen, setpoint);
    const size = Math.hypot(wanted[0], wanted[1], wanted[2]);
    const up = rotateInverse(seen.quaternion, wanted, [0, 0, 0]);
    const thrust = vehicle.mass_kg * Math.max(0.2 * GRAVITY, up[2]);
    const { angle, rate, torque } = this.attitude;
    const [ix, iy, iz] = vehicle.inertia_kgm2;
    // body z × wanted direction: the turn still to make
    const roll = -up[1] / size;
    const pitch = up[0] / size;
    const yaw = limit(wrap(setpoint.yaw - yawOf(seen.quaternion)), 0.5);
    const trim = this.learnTrim(angle * roll, angle * pitch, YAW.proportional * yaw);
    const tx =
      ix * (angle * roll - rate * (seen.rates[0] - shake[0]) + (1 + torque) * trim[0]) - torque * this.motorTorque(0);
    const ty =
      iy * (angle * pitch - rate * (seen.rates[1] - shake[1]) + (1 + torque) * trim[1]) - torque * this.motorTorque(1);
    const tz = iz * (YAW.proportional * yaw - YAW.derivative * (seen.rates[2] - shake[2]) + trim[2]);
    for (let k = 0; k < 4; k++) {
      const r = k * 4;
      const lift = this.mixer[r] * thrust + this.mixer[r + 1] * tx + this.mixer[r + 2] * ty + this.mixer[r + 3] * tz;
      thrusts[k] = Math.min(1, Math.max(IDLE, lift / vehicle.rotor.maxThrust_N));
    }
    return thrusts;
  }

  /** Angular accelerations that make up for motors unlike each other, learnt from the errors that stay. */
  private learnTrim(roll: number, pitch: number, yaw: number): Float64Array {
    const { trim, trimGain: gain } = this;
    trim[0] = limit(trim[0] + gain * roll, TRIM_LIMIT);
    trim[1] = limit(trim[1] + gain * pitch, TRIM_LIMIT);
    trim[2] = limit(trim[2] + gain * yaw, TRIM_LIMIT);
    return trim;
  }

  /** Sets `wanted`: the specific force that leads to the setpoint, in the world. */
  private accelerate({ position, velocity }: Seen, setpoint: Setpoint): void {
    const { wanted, integral, before, dt, caution } = this;
    for (let k = 0; k < 3; k++) {
      const gains = this.gains[k];
      const slower = k < 2 ? caution : 1;
      const error = limit(setpoint.position[k] - position[k], 1);
      integral[k] = limit(integral[k] + (gains.integral / slower ** 3) * error * dt, INTEGRAL_LIMITS[k]);
      const damping = (gains.derivative / slower) * (setpoint.velocity[k] - velocity[k]);
      const forward = Number.isNaN(before[k]) ? 0 : limit((setpoint.velocity[k] - before[k]) / dt, FORWARD_LIMIT);
      before[k] = setpoint.velocity[k];
      wanted[k] = (gains.proportional / slower ** 2) * error + damping + integral[k] + forward;
    }
    wanted[2] = Math.max(0.3 * GRAVITY, wanted[2] + GRAVITY);
    const sideways = Math.hypot(wanted[0], wanted[1]);
    const most = wanted[2] * Math.tan(MAX_TILT);
    if (sideways > most) for (let k = 0; k < 2; k++) wanted[k] *= most / sideways;
  }

  /** Torque [N·m] about body x (0) or y (1) that the motors make by now, as far as the nominal vehicle tells. */
  private motorTorque(axis: 0 | 1): number {
    const { rotors, rotor } = this.vehicle;
    let torque = 0;
    for (let k = 0; k < 4; k++) {
      const arm = axis === 0 ? rotors[k].position_m[1] : -rotors[k].position_m[0];
      torque += arm * this.motors[k] * rotor.maxThrust_N;
    }
    return torque;
  }
}

function limit(value: number, size: number): number {
  return value < -size ? -size : value > size ? size : value;
}

function wrap(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}
