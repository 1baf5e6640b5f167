import type { ActionMode } from './actions.ts';
import { AIRFRAME_SIZE, type Airframe, readAirframe, writeAirframe } from './airframe.ts';
import { Dynamics } from './dynamics.ts';
import { Gusts } from './gusts.ts';
import { rotate } from './quaternion.ts';
import type { Pillars } from './pillars.ts';
import type { Rng } from './rng.ts';
import { type MeasuredBuffer, Sensors, type Truth } from './sensors.ts';
import type { Vehicle } from './vehicle.ts';
import { BODY_STATE, type Obstacle, World } from './world.ts';

/** `n` vehicles of one type in the air: bodies, what drives them, the wind around them, and their sensors. No tasks, no episodes. */
export class Simulator {
  readonly n: number;
  readonly vehicle: Vehicle;
  readonly dynamics: Dynamics;
  readonly sensors: Sensors;
  readonly gusts: Gusts;
  /** The airframes as rows, `[n, 42]`. */
  readonly airframes: Float64Array;
  /** 1 where a vehicle touched something since it was placed, `[n]`. */
  readonly crashed: Uint8Array;
  /** 1 where a vehicle is held in place and costs no time, `[n]`. */
  readonly frozen: Uint8Array;
  private readonly world: World;
  private readonly pillars: Pillars | null;
  private readonly bodyStates: Float64Array;
  private readonly placing = new Float64Array(BODY_STATE);
  private readonly substeps: number;
  private readonly dt: number;

  /**
   * @param maxLatency_s the longest latency that an airframe will have
   * @param maxSensorDelay_ratio its largest `sensorDelay_ratio`
   * @param pillars of each environment its own, beside the obstacles that all share
   */
  constructor(
    vehicle: Vehicle,
    mode: ActionMode,
    n: number,
    maxLatency_s: number,
    obstacles: readonly Obstacle[] = [],
    maxSensorDelay_ratio = 1,
    pillars: Pillars | null = null,
  ) {
    this.n = n;
    this.vehicle = vehicle;
    this.dt = 1 / vehicle.physics_Hz;
    this.substeps = vehicle.physics_Hz / vehicle.control_Hz;
    this.world = new World(n, vehicle.collisionRadius_m, obstacles);
    this.pillars = pillars;
    this.dynamics = new Dynamics(vehicle, mode, n, maxLatency_s);
    this.sensors = new Sensors(vehicle, n, maxSensorDelay_ratio);
    this.gusts = new Gusts(vehicle.control_Hz, n);
    this.airframes = new Float64Array(n * AIRFRAME_SIZE);
    this.crashed = new Uint8Array(n);
    this.frozen = new Uint8Array(n);
    this.bodyStates = new Float64Array(n * BODY_STATE);
  }

  /** Gives vehicle `i` an airframe, a full stop to what it did before, and `idle` as the command so far, `[4]`. */
  load(i: number, airframe: Airframe, idle: ArrayLike<number>): void {
    writeAirframe(airframe, this.airframes, i * AIRFRAME_SIZE);
    this.world.setMass(i, airframe.mass_kg, ...airframe.inertia_kgm2);
    this.dynamics.load(i, airframe, idle);
    this.sensors.load(i, airframe);
    this.gusts.load(i, airframe);
    this.crashed[i] = 0;
    this.freeze(i, false);
  }

  /** Puts vehicle `i` where `truth` says. */
  place(i: number, truth: Truth): void {
    const { placing } = this;
    placing.set(truth.position, 0);
    placing.set(truth.quaternion, 3);
    placing.set(truth.velocity, 7);
    placing.set(rotate(truth.quaternion, truth.rates, [0, 0, 0]), 10);
    this.world.place(i, placing);
  }

  freeze(i: number, frozen: boolean): void {
    this.frozen[i] = frozen ? 1 : 0;
    this.world.freeze(i, frozen);
  }

  /** The airframe under vehicle `i`. */
  airframe(i: number): Airframe {
    return readAirframe(this.airframes, i * AIRFRAME_SIZE);
  }

  /**
   * Flies one control step.
   *
   * @param commands `[n, 4]`: rotor thrust fractions in [0, 1], or mean thrust fraction and body rates for `ctbr`
   */
  step(commands: Float64Array): void {
    const { world, dynamics, frozen, crashed, n, pillars } = this;
    const { gyroError } = this.sensors;
    const { wind } = this.gusts;
    for (let s = 0; s < this.substeps; s++) {
      for (let i = 0; i < n; i++) if (frozen[i] === 0) dynamics.push(i, world.bodies[i], commands, gyroError, wind);
      dynamics.tick();
      world.step(this.dt);
      for (let i = 0; i < n; i++) crashed[i] |= world.touched[i];
      if (pillars) for (let i = 0; i < n; i++) crashed[i] |= pillars.touched(i, world.bodies[i]);
    }
  }

  /** Writes the true state of vehicle `i` to `out`, all but its goal. */
  truth(i: number, out: Truth): void {
    const { position, quaternion, velocity, angularVelocity } = this.world.bodies[i];
    out.position[0] = position.x;
    out.position[1] = position.y;
    out.position[2] = position.z;
    const x = (out.quaternion[0] = quaternion.x);
    const y = (out.quaternion[1] = quaternion.y);
    const z = (out.quaternion[2] = quaternion.z);
    const w = (out.quaternion[3] = quaternion.w);
    out.velocity[0] = velocity.x;
    out.velocity[1] = velocity.y;
    out.velocity[2] = velocity.z;
    const { x: wx, y: wy, z: wz } = angularVelocity;
    out.rates[0] = (1 - 2 * (y * y + z * z)) * wx + 2 * (x * y + w * z) * wy + 2 * (x * z - w * y) * wz;
    out.rates[1] = 2 * (x * y - w * z) * wx + (1 - 2 * (x * x + z * z)) * wy + 2 * (y * z + w * x) * wz;
    out.rates[2] = 2 * (x * z + w * y) * wx + 2 * (y * z - w * x) * wy + (1 - 2 * (x * x + y * y)) * wz;
    out.voltage = this.dynamics.voltage[i];
  }

  /**
   * Measures vehicle `i`, whose true state is `truth`, and draws the gust that it flies in next: to be called once
   * after `load` and once after each step.
   */
  measure(i: number, truth: Truth, rng: Rng, out: MeasuredBuffer): void {
    this.sensors.measure(i, truth, rng, out);
    this.gusts.blow(i, rng);
  }

  /** All that decides the future, to be saved and written back between `save` and `restored`. */
  state(): ArrayBufferView[] {
    const { dynamics, sensors, gusts } = this;
    return [
      this.airframes,
      this.crashed,
      this.frozen,
      this.bodyStates,
      dynamics.motors,
      dynamics.arrived,
      dynamics.voltage,
      dynamics.restVoltage,
      dynamics.pending,
      dynamics.parameters,
      dynamics.clock,
      ...(dynamics.rateLoop ? [dynamics.rateLoop.trims] : []),
      sensors.bias,
      sensors.noiseRatio,
      sensors.gyroError,
      sensors.history,
      sensors.newest,
      sensors.wait,
      sensors.delay,
      sensors.held,
      sensors.estimate,
      sensors.gain,
      sensors.fresh,
      gusts.wind,
      gusts.states,
      gusts.parameters,
      gusts.fresh,
    ];
  }

  /** Brings `state` up to date with the bodies. */
  save(): void {
    for (let i = 0; i < this.n; i++) this.world.read(i, this.bodyStates, i * BODY_STATE);
  }

  /** Takes the bodies from `state`, after it was written. */
  restored(): void {
    for (let i = 0; i < this.n; i++) {
      const { mass_kg, inertia_kgm2 } = this.airframe(i);
      this.world.setMass(i, mass_kg, ...inertia_kgm2);
      this.world.place(i, this.bodyStates, i * BODY_STATE);
      this.world.freeze(i, this.frozen[i] === 1);
    }
  }
}
