import type { Airframe } from './airframe.ts';
import type { Truth } from './sensors.ts';
import type { Simulator } from './simulator.ts';
import type { Vehicle } from './vehicle.ts';
import { armLength, hoverThrust } from './weight.ts';

/**
 * What a critic may know beside the observation, since it never flies: the truth, scaled to order 1, in order.
 *
 * There is no clock among it: a time-out is truncated and bootstrapped, so a value depends on the state alone.
 */
export const PRIVILEGED_FIELDS: readonly { name: string; size: number }[] = [
  { name: 'goal_error_body', size: 3 }, // of length ln(1 + d)
  { name: 'velocity_body', size: 3 },
  { name: 'wind_body', size: 3 }, // gust included
  { name: 'gust_body', size: 3 },
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
  { name: 'drain_ratio', size: 1 },
  { name: 'centre_of_mass', size: 3 },
  { name: 'gust_size', size: 1 },
  { name: 'noise_ratio', size: 1 },
  { name: 'sensor_delay', size: 1 },
  { name: 'estimator_lag', size: 1 },
  { name: 'bias', size: 13 },
];

/** Numbers in a privileged row. */
export const PRIVILEGED_SIZE = PRIVILEGED_FIELDS.reduce((sum, field) => sum + field.size, 0);

/** Those from `mass_ratio` on, which stay the same for an episode, and those before it. */
const FIXED_SIZE = 33;
const MOVING_SIZE = PRIVILEGED_SIZE - FIXED_SIZE;
const WIND_SIZE = 3;
const ROW = FIXED_SIZE + WIND_SIZE;

/** Writes privileged rows for the vehicles of a simulator. */
export class Privileged {
  /** What stays for an episode, then the steady wind in the world, `[n, 36]`. */
  readonly episodes: Float64Array;
  private readonly simulator: Simulator;
  private readonly hover: number;
  private readonly nominal_V: number;

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.hover = hoverThrust(simulator.vehicle);
    this.nominal_V = simulator.vehicle.battery.nominal_V;
    this.episodes = new Float64Array(simulator.n * ROW);
  }

  /** Notes what stays the same in the episode that begins. */
  load(i: number, airframe: Airframe): void {
    this.episodes.set(fixedFields(airframe, this.simulator.vehicle), i * ROW);
    this.episodes.set(airframe.wind_m_s, i * ROW + FIXED_SIZE);
  }

  /** Writes what is true of vehicle `i` in state `truth`, `[50]`, to `out` at `offset`. */
  write(i: number, truth: Truth, out: Float32Array, offset: number): void {
    const { episodes } = this;
    const row = i * ROW;
    for (let k = 0; k < FIXED_SIZE; k++) out[offset + MOVING_SIZE + k] = episodes[row + k];
    this.writeMoving(i, truth, out, offset);
  }

  /** As `write`, but leaves out what stays the same in an episode. */
  writeMoving(i: number, truth: Truth, out: Float32Array, offset: number): void {
    const { episodes, hover, simulator } = this;
    const { position, goal, velocity } = truth;
    const { wind } = simulator.gusts;
    const { motors, voltage } = simulator.dynamics;
    setBodyFromWorld(truth.quaternion);
    const x = goal[0] - position[0];
    const y = goal[1] - position[1];
    const z = goal[2] - position[2];
    const distance = Math.sqrt(x * x + y * y + z * z);
    intoBody(x, y, z, distance > 1e-9 ? Math.log(1 + distance) / distance : 1, out, offset);
    intoBody(velocity[0], velocity[1], velocity[2], 0.5, out, offset + 3);
    const w = i * 3;
    intoBody(wind[w], wind[w + 1], wind[w + 2], 1, out, offset + 6);
    const s = i * ROW + FIXED_SIZE;
    intoBody(wind[w] - episodes[s], wind[w + 1] - episodes[s + 1], wind[w + 2] - episodes[s + 2], 2, out, offset + 9);
    out[offset + 12] = 5 * (voltage[i] / this.nominal_V - 1);
    for (let k = 0; k < 4; k++) out[offset + 13 + k] = 2 * (motors[i * 4 + k] - hover);
  }
}

/** Rows of the rotation that `intoBody` uses, `[9]`. */
const matrix = new Float64Array(9);

function setBodyFromWorld(q: Float64Array): void {
  const x = q[0];
  const y = q[1];
  const z = q[2];
  const w = q[3];
  matrix[0] = 1 - 2 * (y * y + z * z);
  matrix[1] = 2 * (x * y + w * z);
  matrix[2] = 2 * (x * z - w * y);
  matrix[3] = 2 * (x * y - w * z);
  matrix[4] = 1 - 2 * (x * x + z * z);
  matrix[5] = 2 * (y * z + w * x);
  matrix[6] = 2 * (x * z + w * y);
  matrix[7] = 2 * (y * z - w * x);
  matrix[8] = 1 - 2 * (x * x + y * y);
}

function intoBody(x: number, y: number, z: number, scale: number, out: Float32Array, at: number): void {
  out[at] = scale * (matrix[0] * x + matrix[1] * y + matrix[2] * z);
  out[at + 1] = scale * (matrix[3] * x + matrix[4] * y + matrix[5] * z);
  out[at + 2] = scale * (matrix[6] * x + matrix[7] * y + matrix[8] * z);
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
    airframe.drain_ratio - 1,
    ...airframe.centreOfMass_m.map((offset) => (30 * offset) / armLength(vehicle)),
    2 * airframe.gust_m_s,
    Math.log(Math.max(0.1, airframe.noise_ratio)),
    2 * (airframe.sensorDelay_ratio - 1),
    Math.log(ratio(airframe.estimatorLag_s, vehicle.estimator.lag_s)),
    ...bias.position_m.map((value) => share(value, sensors.position_m.bias)),
    ...bias.velocity_m_s.map((value) => share(value, sensors.velocity_m_s.bias)),
    ...bias.attitude_rad.map((value) => share(value, sensors.attitude_rad.bias)),
    ...bias.rates_rad_s.map((value) => share(value, sensors.rates_rad_s.bias)),
    share(bias.voltage_V, sensors.voltage_V.bias),
  ];
}
