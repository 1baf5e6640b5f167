import { AIRFRAME_SIZE } from './airframe.ts';
import { rotateInverse } from './quaternion.ts';
import type { Simulator } from './simulator.ts';
import type { Truth } from './sensors.ts';
import { hoverThrust } from './vehicle.ts';

/** One field of what only simulation knows. */
interface PrivilegedField {
  name: string;
  size: number;
}

/**
 * What a critic may know beside the observation, since it never flies: the truth, scaled to order 1.
 *
 * There is no clock among it: a time-out is truncated and bootstrapped, so a value depends on the state alone.
 */
export const PRIVILEGED_FIELDS: readonly PrivilegedField[] = [
  { name: 'goal_error_body', size: 3 }, // length d becomes ln(1 + d)
  { name: 'velocity_body', size: 3 },
  { name: 'wind_body', size: 3 },
  { name: 'mass_ratio', size: 1 },
  { name: 'inertia_ratio', size: 1 },
  { name: 'thrust_ratio', size: 1 },
  { name: 'torque_ratio', size: 1 },
  { name: 'lag_ratio', size: 1 },
  { name: 'drag_ratio', size: 1 },
  { name: 'latency', size: 1 },
  { name: 'sag_ratio', size: 1 },
  { name: 'voltage', size: 1 },
  { name: 'motor_ratio', size: 4 },
  { name: 'motors', size: 4 },
  { name: 'bias', size: 13 },
];

/** Numbers in a privileged row. */
export const PRIVILEGED_SIZE = PRIVILEGED_FIELDS.reduce((sum, field) => sum + field.size, 0);

const body = new Float64Array(3);

/** Writes privileged rows for the vehicles of a simulator. */
export class Privileged {
  private readonly simulator: Simulator;
  private readonly hover: number;
  private readonly biasScale: number[];

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.hover = hoverThrust(simulator.vehicle);
    const { position_m, velocity_m_s, attitude_rad, rates_rad_s, voltage_V } = simulator.vehicle.sensors;
    const per = (bias: number) => (bias > 0 ? 1 / bias : 0);
    this.biasScale = [position_m, velocity_m_s, attitude_rad, rates_rad_s].flatMap(({ bias }) => Array(3).fill(per(bias)));
    this.biasScale.push(per(voltage_V.bias));
  }

  /** Writes what is true of vehicle `i` in state `truth`, `[37]`, to `out` at `offset`. */
  write(i: number, truth: Truth, out: Float32Array, offset: number): void {
    const { simulator, biasScale, hover } = this;
    const { vehicle, airframes, dynamics, sensors } = simulator;
    const q = truth.quaternion;
    let to = offset;
    let squares = 0;
    for (let k = 0; k < 3; k++) {
      body[k] = truth.goal[k] - truth.position[k];
      squares += body[k] * body[k];
    }
    const distance = Math.sqrt(squares);
    const shorten = distance > 1e-9 ? Math.log1p(distance) / distance : 1;
    rotateInverse(q, body, body);
    for (let k = 0; k < 3; k++) out[to++] = body[k] * shorten;
    rotateInverse(q, truth.velocity, body);
    for (let k = 0; k < 3; k++) out[to++] = body[k] / 2;
    const a = i * AIRFRAME_SIZE;
    for (let k = 0; k < 3; k++) body[k] = airframes[a + 17 + k];
    rotateInverse(q, body, body);
    for (let k = 0; k < 3; k++) out[to++] = body[k];
    out[to++] = 5 * (airframes[a] / vehicle.mass_kg - 1);
    out[to++] = 5 * (airframes[a + 1] / vehicle.inertia_kgm2[0] - 1);
    out[to++] = 5 * (airframes[a + 4] - 1);
    out[to++] = vehicle.rotor.torquePerThrust_m > 0 ? 5 * (airframes[a + 9] / vehicle.rotor.torquePerThrust_m - 1) : 0;
    out[to++] = vehicle.rotor.lag_s > 0 ? Math.log(airframes[a + 10] / vehicle.rotor.lag_s) : 0;
    out[to++] = vehicle.drag_Ns_per_m[0] > 0 ? Math.log(airframes[a + 11] / vehicle.drag_Ns_per_m[0]) : 0;
    out[to++] = 100 * (airframes[a + 14] - vehicle.latency_s);
    out[to++] =
      vehicle.battery.sagAtFullThrust_V > 0 ? airframes[a + 16] / vehicle.battery.sagAtFullThrust_V - 1 : 0;
    out[to++] = 5 * (dynamics.voltage[i] / vehicle.battery.nominal_V - 1);
    for (let k = 0; k < 4; k++) out[to++] = 10 * (airframes[a + 5 + k] - 1);
    for (let k = 0; k < 4; k++) out[to++] = 2 * (dynamics.motors[i * 4 + k] - hover);
    for (let k = 0; k < 13; k++) out[to++] = sensors.bias[i * 13 + k] * biasScale[k];
  }
}
