import type { Airframe } from './airframe.ts';
import type { Dynamics } from './dynamics.ts';
import type { Truth } from './sensors.ts';
import type { Vehicle } from './vehicle.ts';
import { GRAVITY } from './weight.ts';

/** Columns of an airframe's row. */
const MASS = 0; // [kg]
const INERTIA = 1; // 3 [kg·m²]
const STRENGTH = 4; // 4: of each rotor at nominal voltage [N]
const TORQUE = 8; // per thrust [m]
const LAG = 9; // [s]
const LAG_GAIN = 10; // share of the way to the command in one physics step
const DRAG = 11; // 3 [N·s/m]
const MOMENT = 14; // per airspeed [N·s]
const CENTRE = 15; // 3: of mass, from the rotors' centre [m]
const DELAY = 18; // physics steps
const ROW = 19;

/**
 * Where a vehicle will be when a command that is sent now reaches its motors, as far as who knows its airframe, its motors,
 * the wind and the commands on their way can tell; and what moves it there.
 *
 * The equations are those of `dynamics.ts`, integrated by Euler's method over latencies of some 10 ms. Gusts to come are
 * not known.
 */
export class Foresight {
  readonly position = new Float64Array(3);
  readonly velocity = new Float64Array(3);
  /** About body axes. */
  readonly rates = new Float64Array(3);
  /** Rotation `worldFromBody`, row-major, `[9]`. */
  readonly rotation = new Float64Array(9);
  /** Drag in the body frame [N], and in the world. */
  readonly drag = new Float64Array(3);
  readonly dragInWorld = new Float64Array(3);
  /** Torques on the body [N·m] beside that of the rotors about the centre of mass. */
  readonly otherTorque = new Float64Array(3);
  /** Angular acceleration about body axes. */
  readonly turning = new Float64Array(3);
  /** What the rotors push [N]. */
  thrust = 0;
  /** Airframes as rows, `[n, 19]`: what has to be saved. */
  readonly rows: Float64Array;
  /** Thrust of each rotor [N] at a fraction of 1 and the voltage of now. */
  readonly strength = new Float64Array(4);
  private readonly motors = new Float64Array(4);
  private readonly quaternion = new Float64Array(4);
  private readonly wind = new Float64Array(3);
  private readonly vehicle: Vehicle;
  private readonly dynamics: Dynamics;
  private readonly dt: number;
  private row = 0;

  constructor(vehicle: Vehicle, dynamics: Dynamics, n: number) {
    this.vehicle = vehicle;
    this.dynamics = dynamics;
    this.dt = 1 / vehicle.physics_Hz;
    this.rows = new Float64Array(n * ROW);
  }

  get mass(): number {
    return this.rows[this.row + MASS];
  }

  get lag_s(): number {
    return this.rows[this.row + LAG];
  }

  /** From a command to the motors' first reaction. */
  get latency_s(): number {
    return this.rows[this.row + DELAY] * this.dt;
  }

  get torquePerThrust_m(): number {
    return this.rows[this.row + TORQUE];
  }

  inertia(axis: number): number {
    return this.rows[this.row + INERTIA + axis];
  }

  /** Where along `axis` the centre of mass is, seen from the rotors' centre [m]. */
  centre(axis: number): number {
    return this.rows[this.row + CENTRE + axis];
  }

  /** Notes the airframe that vehicle `i` has from now on. */
  load(i: number, airframe: Airframe): void {
    const { lag_s, motor_ratio, thrust_ratio } = airframe;
    const full = this.vehicle.rotor.maxThrust_N * thrust_ratio;
    this.rows.set(
      [
        airframe.mass_kg,
        ...airframe.inertia_kgm2,
        ...motor_ratio.map((ratio) => full * ratio),
        airframe.torquePerThrust_m,
        lag_s,
        lag_s > 0 ? 1 - Math.exp(-this.dt / lag_s) : 1,
        ...airframe.drag_Ns_per_m,
        airframe.velocityMoment_Ns,
        ...airframe.centreOfMass_m,
        Math.round(airframe.latency_s / this.dt),
      ],
      i * ROW,
    );
  }

  /**
   * Looks ahead from where vehicle `i` is.
   *
   * @param wind around it, world frame, `[n, 3]`
   */
  look(i: number, truth: Truth, wind: Float64Array): void {
    const { rows, dynamics, vehicle, strength, motors } = this;
    this.row = i * ROW;
    this.position.set(truth.position);
    this.velocity.set(truth.velocity);
    this.rates.set(truth.rates);
    this.quaternion.set(truth.quaternion);
    for (let k = 0; k < 3; k++) this.wind[k] = wind[i * 3 + k];
    const battery = (dynamics.voltage[i] / vehicle.battery.nominal_V) ** vehicle.battery.thrustExponent;
    for (let k = 0; k < 4; k++) {
      strength[k] = rows[this.row + STRENGTH + k] * battery;
      motors[k] = dynamics.motors[i * 4 + k];
    }
    const steps = rows[this.row + DELAY];
    this.push();
    for (let step = 0; step < steps; step++) this.advance(i, step);
  }

  /** One physics step on. */
  private advance(i: number, step: number): void {
    const { position, velocity, rates, motors, rotation: R, drag, turning, rows, row, dynamics, dt } = this;
    // with a rate loop in between, what arrives are rates: its motors are taken to stay as they are
    if (!dynamics.rateLoop) {
      const from = dynamics.arriving(i, step);
      const gain = rows[row + LAG_GAIN];
      for (let k = 0; k < 4; k++) motors[k] += gain * (dynamics.pending[from + k] - motors[k]);
    }
    const mass = rows[row + MASS];
    const up = drag[2] + this.thrust;
    for (let k = 0; k < 3; k++) {
      rates[k] += turning[k] * dt;
      const force = R[3 * k] * drag[0] + R[3 * k + 1] * drag[1] + R[3 * k + 2] * up;
      velocity[k] += (force / mass - (k === 2 ? GRAVITY : 0)) * dt;
      position[k] += velocity[k] * dt;
    }
    this.turn();
    this.push();
  }

  private turn(): void {
    const { quaternion: q, rates, dt } = this;
    const x = (rates[0] * dt) / 2;
    const y = (rates[1] * dt) / 2;
    const z = (rates[2] * dt) / 2;
    const [qx, qy, qz, qw] = q;
    q[0] = qx + qw * x + qy * z - qz * y;
    q[1] = qy + qw * y + qz * x - qx * z;
    q[2] = qz + qw * z + qx * y - qy * x;
    q[3] = qw - qx * x - qy * y - qz * z;
    const size = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    for (let k = 0; k < 4; k++) q[k] /= size;
  }

  /** Forces and torques in the state as it is. */
  private push(): void {
    this.rotate();
    const { velocity, wind, rotation: R, drag, dragInWorld, rows, row, rates: w, otherTorque: other } = this;
    const ax = velocity[0] - wind[0];
    const ay = velocity[1] - wind[1];
    const az = velocity[2] - wind[2];
    const x = R[0] * ax + R[3] * ay + R[6] * az;
    const y = R[1] * ax + R[4] * ay + R[7] * az;
    drag[0] = -rows[row + DRAG] * x;
    drag[1] = -rows[row + DRAG + 1] * y;
    drag[2] = -rows[row + DRAG + 2] * (R[2] * ax + R[5] * ay + R[8] * az);
    for (let k = 0; k < 3; k++) dragInWorld[k] = R[3 * k] * drag[0] + R[3 * k + 1] * drag[1] + R[3 * k + 2] * drag[2];
    const px = rows[row + CENTRE];
    const py = rows[row + CENTRE + 1];
    const pz = rows[row + CENTRE + 2];
    const ix = rows[row + INERTIA];
    const iy = rows[row + INERTIA + 1];
    const iz = rows[row + INERTIA + 2];
    const moment = rows[row + MOMENT];
    other[0] = moment * y + pz * drag[1] - py * drag[2] - (iz - iy) * w[1] * w[2];
    other[1] = -moment * x + px * drag[2] - pz * drag[0] - (ix - iz) * w[2] * w[0];
    other[2] = py * drag[0] - px * drag[1] - (iy - ix) * w[0] * w[1];
    this.spin(px, py);
  }

  /** What the rotors do, with the centre of mass at `px`, `py`. */
  private spin(px: number, py: number): void {
    const { vehicle, strength, motors, rows, row, turning, otherTorque: other } = this;
    let tx = other[0];
    let ty = other[1];
    let tz = other[2];
    this.thrust = 0;
    for (let k = 0; k < 4; k++) {
      const { position_m, spin } = vehicle.rotors[k];
      const lift = strength[k] * motors[k];
      this.thrust += lift;
      tx += (position_m[1] - py) * lift;
      ty -= (position_m[0] - px) * lift;
      tz -= (spin === 'ccw' ? 1 : -1) * rows[row + TORQUE] * lift;
    }
    turning[0] = tx / rows[row + INERTIA];
    turning[1] = ty / rows[row + INERTIA + 1];
    turning[2] = tz / rows[row + INERTIA + 2];
  }

  private rotate(): void {
    const { rotation: R } = this;
    const [x, y, z, w] = this.quaternion;
    R[0] = 1 - 2 * (y * y + z * z);
    R[1] = 2 * (x * y - w * z);
    R[2] = 2 * (x * z + w * y);
    R[3] = 2 * (x * y + w * z);
    R[4] = 1 - 2 * (x * x + z * z);
    R[5] = 2 * (y * z - w * x);
    R[6] = 2 * (x * z - w * y);
    R[7] = 2 * (y * z + w * x);
    R[8] = 1 - 2 * (x * x + y * y);
  }
}
