import type { Body } from 'cannon-es';
import type { ActionMode } from './actions.ts';
import type { Airframe } from './airframe.ts';
import { RateLoop } from './rate-loop.ts';
import type { Vehicle } from './vehicle.ts';
import { hoverThrust } from './weight.ts';

/** Columns of a parameter row. */
const MAX_THRUST = 0; // 4: of each motor at nominal voltage [N]
const DRAG = 4; // 3 [N·s/m]
const INERTIA = 7; // 3 [kg·m²]
const LAG_GAIN = 10; // share of the way to the command in one physics step
const TORQUE = 11; // per thrust [m]
const DELAY = 12; // physics steps
const SAG = 13; // at full thrust [V]
const DRAIN = 14; // in one physics step at full thrust [V]
const CENTRE_OF_MASS = 15; // 3: from the rotors' centre [m]
const HALF_STEP = 18; // 3: half a physics step over inertia [s/kg/m²]
const MOMENT = 21; // per airspeed [N·s]
const PARAMETERS = 22;

/** Steps of the thrust factor's table in the ratio of voltage to nominal, and the ratio at its end. */
const TABLE_STEPS = 1024;
const TABLE_END = 2;

/**
 * Everything between a command and the force on the body: latency, onboard rate loop, motor lag, battery, rotors,
 * drag and the gyroscopic torque, for `n` vehicles of one type, each with an airframe of its own.
 */
export class Dynamics {
  /** Actual thrust of each rotor over nominal `maxThrust_N` before battery and motor strength, `[n, 4]`. */
  readonly motors: Float64Array;
  /** Rotor thrust fractions that the motors were last told, `[n, 4]`: after latency and rate loop. */
  readonly arrived: Float64Array;
  /** Voltage under load, `[n]`. */
  readonly voltage: Float64Array;
  /** Voltage at rest, `[n]`. */
  readonly restVoltage: Float64Array;
  /** Commands on their way, newest at `clock`, `[n, slots, 4]`. */
  readonly pending: Float64Array;
  /** `[n, PARAMETERS]` */
  readonly parameters: Float64Array;
  /** Which slot the next command goes to. */
  readonly clock = new Int32Array(1);
  private readonly slots: number;
  private readonly dt: number;
  private readonly vehicle: Vehicle;
  /** Thrust over that at nominal voltage, by voltage: lines between 1024 points are within 1e-7 of the power law. */
  private readonly thrustFactor: Float64Array;
  private readonly rotorX: Float64Array;
  private readonly rotorY: Float64Array;
  private readonly spin: Float64Array;
  /** Flies `ctbr` commands; null where commands are rotor thrusts. */
  readonly rateLoop: RateLoop | null;
  private readonly wanted = new Float64Array(4);

  /** @param maxLatency_s the longest latency that an airframe will have */
  constructor(vehicle: Vehicle, mode: ActionMode, n: number, maxLatency_s: number) {
    this.vehicle = vehicle;
    this.dt = 1 / vehicle.physics_Hz;
    this.slots = Math.round(maxLatency_s / this.dt) + 1;
    this.motors = new Float64Array(n * 4);
    this.arrived = new Float64Array(n * 4);
    this.voltage = new Float64Array(n);
    this.restVoltage = new Float64Array(n);
    this.pending = new Float64Array(n * this.slots * 4);
    this.parameters = new Float64Array(n * PARAMETERS);
    const { thrustExponent } = vehicle.battery;
    this.thrustFactor = new Float64Array(TABLE_END * TABLE_STEPS + 2).map(
      (_, k) => (k / TABLE_STEPS) ** thrustExponent,
    );
    this.rotorX = Float64Array.from(vehicle.rotors, (rotor) => rotor.position_m[0]);
    this.rotorY = Float64Array.from(vehicle.rotors, (rotor) => rotor.position_m[1]);
    this.spin = Float64Array.from(vehicle.rotors, (rotor) => (rotor.spin === 'ccw' ? 1 : -1));
    this.rateLoop = mode === 'ctbr' ? new RateLoop(vehicle, n) : null;
  }

  /** Puts an airframe under vehicle `i`, with `idle` as the command so far, `[4]`, whose first is the thrust that its motors have. */
  load(i: number, airframe: Airframe, idle: ArrayLike<number>): void {
    const { parameters, vehicle, dt } = this;
    const p = i * PARAMETERS;
    const hover = hoverThrust(vehicle);
    for (let k = 0; k < 4; k++)
      parameters[p + MAX_THRUST + k] = vehicle.rotor.maxThrust_N * airframe.thrust_ratio * airframe.motor_ratio[k];
    for (let k = 0; k < 3; k++) {
      parameters[p + DRAG + k] = airframe.drag_Ns_per_m[k];
      parameters[p + CENTRE_OF_MASS + k] = airframe.centreOfMass_m[k];
      parameters[p + INERTIA + k] = airframe.inertia_kgm2[k];
      parameters[p + HALF_STEP + k] = dt / 2 / airframe.inertia_kgm2[k];
    }
    parameters[p + MOMENT] = airframe.velocityMoment_Ns;
    parameters[p + LAG_GAIN] = airframe.lag_s > 0 ? 1 - Math.exp(-dt / airframe.lag_s) : 1;
    parameters[p + TORQUE] = airframe.torquePerThrust_m;
    parameters[p + DELAY] = Math.round(airframe.latency_s / dt);
    parameters[p + SAG] = airframe.sagAtFullThrust_V;
    parameters[p + DRAIN] = (vehicle.battery.drainAtHover_V_per_s * airframe.drain_ratio * dt) / hover;
    this.restVoltage[i] = airframe.rest_V;
    this.voltage[i] = airframe.rest_V - airframe.sagAtFullThrust_V * hover;
    this.motors.fill(idle[0], i * 4, i * 4 + 4);
    this.arrived.fill(idle[0], i * 4, i * 4 + 4);
    this.rateLoop?.reset(i);
    for (let slot = 0; slot < this.slots; slot++)
      for (let k = 0; k < 4; k++) this.pending[(i * this.slots + slot) * 4 + k] = idle[k];
  }

  /**
   * Sets force and torque on `body` for the coming physics step of vehicle `i`.
   *
   * @param command `[n, 4]` as sent now: rotor thrust fractions, or thrust fraction and body rates for `ctbr`
   * @param gyroError what the gyro reads too much, `[n, 3]`
   * @param wind in the world, `[n, 3]`
   */
  push(i: number, body: Body, command: Float64Array, gyroError: Float64Array, wind: Float64Array): void {
    const { x: qx, y: qy, z: qz, w: qw } = body.quaternion;
    // rows of worldFromBody
    const xx = 1 - 2 * (qy * qy + qz * qz);
    const xy = 2 * (qx * qy - qw * qz);
    const xz = 2 * (qx * qz + qw * qy);
    const yx = 2 * (qx * qy + qw * qz);
    const yy = 1 - 2 * (qx * qx + qz * qz);
    const yz = 2 * (qy * qz - qw * qx);
    const zx = 2 * (qx * qz - qw * qy);
    const zy = 2 * (qy * qz + qw * qx);
    const zz = 1 - 2 * (qx * qx + qy * qy);
    const w = body.angularVelocity;
    const wx = xx * w.x + yx * w.y + zx * w.z;
    const wy = xy * w.x + yy * w.y + zy * w.z;
    const wz = xz * w.x + yz * w.y + zz * w.z;

    const wanted = this.delayed(i, command);
    const g = i * 3;
    if (this.rateLoop) this.rateLoop.mix(i, wanted, wx + gyroError[g], wy + gyroError[g + 1], wz + gyroError[g + 2]);
    const { parameters, motors, arrived, rotorX, rotorY, spin } = this;
    const p = i * PARAMETERS;
    const m = i * 4;
    // the four rotors are written out: loops over them cost more than what is in them
    const u0 = (arrived[m] = wanted[0]);
    const u1 = (arrived[m + 1] = wanted[1]);
    const u2 = (arrived[m + 2] = wanted[2]);
    const u3 = (arrived[m + 3] = wanted[3]);
    const gain = parameters[p + LAG_GAIN];
    const m0 = (motors[m] += gain * (u0 - motors[m]));
    const m1 = (motors[m + 1] += gain * (u1 - motors[m + 1]));
    const m2 = (motors[m + 2] += gain * (u2 - motors[m + 2]));
    const m3 = (motors[m + 3] += gain * (u3 - motors[m + 3]));
    const battery = this.discharge(i, m0 / 4 + m1 / 4 + m2 / 4 + m3 / 4);
    const f0 = parameters[p + MAX_THRUST] * m0 * battery;
    const f1 = parameters[p + MAX_THRUST + 1] * m1 * battery;
    const f2 = parameters[p + MAX_THRUST + 2] * m2 * battery;
    const f3 = parameters[p + MAX_THRUST + 3] * m3 * battery;
    const thrust = f0 + f1 + f2 + f3;
    let tx = rotorY[0] * f0 + rotorY[1] * f1 + rotorY[2] * f2 + rotorY[3] * f3;
    let ty = -rotorX[0] * f0 - rotorX[1] * f1 - rotorX[2] * f2 - rotorX[3] * f3;
    const torque = parameters[p + TORQUE];
    let tz = -spin[0] * torque * f0 - spin[1] * torque * f1 - spin[2] * torque * f2 - spin[3] * torque * f3;

    const v = body.velocity;
    const ax = v.x - wind[g];
    const ay = v.y - wind[g + 1];
    const az = v.z - wind[g + 2];
    const airX = xx * ax + yx * ay + zx * az;
    const airY = xy * ax + yy * ay + zy * az;
    const fx = -parameters[p + DRAG] * airX;
    const fy = -parameters[p + DRAG + 1] * airY;
    tx += parameters[p + MOMENT] * airY;
    ty -= parameters[p + MOMENT] * airX;
    const fz = thrust - parameters[p + DRAG + 2] * (xz * ax + yz * ay + zz * az);
    body.force.set(xx * fx + xy * fy + xz * fz, yx * fx + yy * fy + yz * fz, zx * fx + zy * fy + zz * fz);

    // rotors and drag act at the rotors' centre, from where the centre of mass, and with it the body, is off
    const px = parameters[p + CENTRE_OF_MASS];
    const py = parameters[p + CENTRE_OF_MASS + 1];
    const pz = parameters[p + CENTRE_OF_MASS + 2];
    tx -= py * fz - pz * fy;
    ty -= pz * fx - px * fz;
    tz -= px * fy - py * fx;

    // Euler's equations I·dω/dt = τ − ω×(I·ω), of which cannon-es leaves out the last term. cannon-es steps like a
    // leapfrog: its rates stand half a step behind its attitude, so the term is taken half a step on. Taken at the
    // rates as they are, it would feed energy into a spinning body.
    const ix = parameters[p + INERTIA];
    const iy = parameters[p + INERTIA + 1];
    const iz = parameters[p + INERTIA + 2];
    const mx = wx + parameters[p + HALF_STEP] * (tx - (iz - iy) * wy * wz);
    const my = wy + parameters[p + HALF_STEP + 1] * (ty - (ix - iz) * wz * wx);
    const mz = wz + parameters[p + HALF_STEP + 2] * (tz - (iy - ix) * wx * wy);
    const cx = tx - (iz - iy) * my * mz;
    const cy = ty - (ix - iz) * mz * mx;
    const cz = tz - (iy - ix) * mx * my;
    body.torque.set(xx * cx + xy * cy + xz * cz, yx * cx + yy * cy + yz * cz, zx * cx + zy * cy + zz * cz);
  }

  /** To be called once after all vehicles were pushed. */
  tick(): void {
    this.clock[0] = (this.clock[0] + 1) % this.slots;
  }

  /** Where in `pending` the command begins that reaches vehicle `i`'s motors in `steps` physics steps, fewer than it takes. */
  arriving(i: number, steps: number): number {
    const sent = this.clock[0] + steps - this.parameters[i * PARAMETERS + DELAY];
    return (i * this.slots + (((sent % this.slots) + this.slots) % this.slots)) * 4;
  }

  /** Sends the command off and gives the one that arrives now. */
  private delayed(i: number, command: Float64Array): Float64Array {
    const { pending, slots, wanted } = this;
    const now = this.clock[0];
    const base = i * slots;
    const to = (base + now) * 4;
    const c = i * 4;
    pending[to] = command[c];
    pending[to + 1] = command[c + 1];
    pending[to + 2] = command[c + 2];
    pending[to + 3] = command[c + 3];
    const sent = now - this.parameters[i * PARAMETERS + DELAY];
    const from = (base + (sent < 0 ? sent + slots : sent)) * 4;
    wanted[0] = pending[from];
    wanted[1] = pending[from + 1];
    wanted[2] = pending[from + 2];
    wanted[3] = pending[from + 3];
    return wanted;
  }

  /** Takes the charge of one step and gives the thrust factor at the voltage under this load. */
  private discharge(i: number, load: number): number {
    const p = i * PARAMETERS;
    this.restVoltage[i] -= this.parameters[p + DRAIN] * load;
    const voltage = this.restVoltage[i] - this.parameters[p + SAG] * load;
    this.voltage[i] = voltage > 0 ? voltage : 0;
    const at = Math.min(this.voltage[i] / this.vehicle.battery.nominal_V, TABLE_END) * TABLE_STEPS;
    const below = Math.floor(at);
    const { thrustFactor } = this;
    return thrustFactor[below] + (at - below) * (thrustFactor[below + 1] - thrustFactor[below]);
  }
}
