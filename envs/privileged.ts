import type { Airframe } from './airframe.ts';
import { rotateInverse } from './quaternion.ts';
import type { Truth } from './sensors.ts';
import type { Simulator } from './simulator.ts';
import { hoverThrust, type Vehicle } from './vehicle.ts';

/**
 * What a critic may know beside the observation, since it never flies: the truth, scaled to order 1, in order.
 *
 * There is no clock among it: a time-out is truncated and bootstrapped, so a value depends on the state alone.
 */
export const PRIVILEGED_FIELDS: readonly { name: string; size: number }[] = [
  { name: 'goal_error_body', size: 3 }, // of length ln(1 + d)
  { name: 'velocity_body', size: 3 },
  { name: 'wind_body', size: 3 },
  { name: 'voltage', size: 1 },
  { name: 'motors', size: 4 },
  { name: 'mass_ratio', size: 1 },
  { name: 'inertia_ratio', size: 1 },
  { name: 'thrust_ratio', size: 1 },
  { name: 'motor_ratio', size: 4 },
  { name: 'torque_ratio', size: 1 },
  { name: 'lag_ratio', size: 1 },
  { name: 'drag_ratio', size: 1 },
  { name: 'latency', size: 1 },
  { name: 'sag_ratio', size: 1 },
  { name: 'bias', size: 13 },
];

/** Numbers in a privileged row. */
export const PRIVILEGED_SIZE = PRIVILEGED_FIELDS.reduce((sum, field) => sum + field.size, 0);

/** Those from `mass_ratio` on, which stay the same for an episode. */
const FIXED_SIZE = 25;
const WIND_SIZE = 3;
const ROW = FIXED_SIZE + WIND_SIZE;

const body = new Float64Array(3);

/** Writes privileged rows for the vehicles of a simulator. */
export class Privileged {
  /** What stays for an episode, then the wind in the world, `[n, 28]`. */
  readonly episodes: Float64Array;
  private readonly simulator: Simulator;
  private readonly hover: number;

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.hover = hoverThrust(simulator.vehicle);
    this.episodes = new Float64Array(simulator.n * ROW);
  }

  /** Notes what stays the same in the episode that begins. */
  load(i: number, airframe: Airframe): void {
    this.episodes.set(fixedFields(airframe, this.simulator.vehicle), i * ROW);
    this.episodes.set(airframe.wind_m_s, i * ROW + FIXED_SIZE);
  }

  /** Writes what is true of vehicle `i` in state `truth`, `[39]`, to `out` at `offset`. */
  write(i: number, truth: Truth, out: Float32Array, offset: number): void {
    const { episodes, hover } = this;
    const { vehicle, dynamics } = this.simulator;
    const row = i * ROW;
    let squares = 0;
    for (let k = 0; k < 3; k++) {
      body[k] = truth.goal[k] - truth.position[k];
      squares += body[k] * body[k];
    }
    const distance = Math.sqrt(squares);
    rotateInverse(truth.quaternion, body, body);
    const shorten = distance > 1e-9 ? Math.log(1 + distance) / distance : 1;
    for (let k = 0; k < 3; k++) out[offset + k] = body[k] * shorten;
    rotateInverse(truth.quaternion, truth.velocity, body);
    for (let k = 0; k < 3; k++) out[offset + 3 + k] = body[k] / 2;
    for (let k = 0; k < 3; k++) body[k] = episodes[row + FIXED_SIZE + k];
    rotateInverse(truth.quaternion, body, body);
    for (let k = 0; k < 3; k++) out[offset + 6 + k] = body[k];
    out[offset + 9] = 5 * (dynamics.voltage[i] / vehicle.battery.nominal_V - 1);
    for (let k = 0; k < 4; k++) out[offset + 10 + k] = 2 * (dynamics.motors[i * 4 + k] - hover);
    for (let k = 0; k < FIXED_SIZE; k++) out[offset + 14 + k] = episodes[row + k];
  }
}

function fixedFields(airframe: Airframe, vehicle: Vehicle): number[] {
  const { rotor, sensors, battery } = vehicle;
  const { bias } = airframe;
  const share = (value: number, halfRange: number) => (halfRange > 0 ? value / halfRange : 0);
  const ratio = (value: number, nominal: number) => (nominal > 0 ? value / nominal : 1);
  return [
    5 * (airframe.mass_kg / vehicle.mass_kg - 1),
    5 * (airframe.inertia_kgm2[0] / vehicle.inertia_kgm2[0] - 1),
    5 * (airframe.thrust_ratio - 1),
    ...airframe.motor_ratio.map((strength) => 10 * (strength - 1)),
    5 * (ratio(airframe.torquePerThrust_m, rotor.torquePerThrust_m) - 1),
    Math.log(ratio(airframe.lag_s, rotor.lag_s)),
    Math.log(ratio(airframe.drag_Ns_per_m[0], vehicle.drag_Ns_per_m[0])),
    100 * (airframe.latency_s - vehicle.latency_s),
    ratio(airframe.sagAtFullThrust_V, battery.sagAtFullThrust_V) - 1,
    ...bias.position_m.map((value) => share(value, sensors.position_m.bias)),
    ...bias.velocity_m_s.map((value) => share(value, sensors.velocity_m_s.bias)),
    ...bias.attitude_rad.map((value) => share(value, sensors.attitude_rad.bias)),
    ...bias.rates_rad_s.map((value) => share(value, sensors.rates_rad_s.bias)),
    share(bias.voltage_V, sensors.voltage_V.bias),
  ];
}
