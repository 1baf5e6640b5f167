import type { ActionMap } from './actions.ts';
import type { Airframe } from './airframe.ts';
import { Detour } from './detour.ts';
import { Foresight } from './foresight.ts';
import { mixer } from './mixer.ts';
import type { Simulator } from './simulator.ts';
import type { Flown, Task } from './tasks/index.ts';
import type { Vehicle } from './vehicle.ts';
import { GRAVITY } from './weight.ts';

/** Of attitude, rate and motors together: their three poles, times all that is late in them; and at most this [1/s]. */
const STIFFNESS = 1.3;
const STIFFEST = 16;
/** The attitude is so many times faster than the position: the position's natural frequency is the pole over it. */
const SEPARATION = 4.5;
const DAMPING = 0.83;
/** Goals farther than this [m] pull no more. */
const REACH = 1;
/** Slow vehicles are led to such goals at this speed [m/s] all the same, with up to so many times the pull of others. */
const CRUISE = 1.3;
const MOST_PULL = 1.5;
/** Accelerations it asks for at most [m/s²]: sideways, downwards and upwards. */
const SIDEWAYS = 8;
const DOWNWARDS = 6;
const UPWARDS = 10;
/** It plans with this share of full thrust, the rest is to turn with; the weakest still get this much up and sideways [m/s²]. */
const MOST_THRUST = 0.9;
const LEAST = 1.5;
/** It turns no faster than this about x and y [rad/s], and damps yaw at this rate [1/s]. */
const TURNING = 10;
const YAW_PER_S = 5;
/**
 * Among pillars, which beams see best ahead, it turns its nose to where it flies at this rate [1/s], up to this [rad/s], above
 * this speed [m/s].
 */
const FACING_PER_S = 3;
const LOOKING = 2.5;
const SLOW = 0.1;
/** Rotors push with at least this share of the weight, so that there is something to turn with. */
const LEAST_THRUST = 0.15;

/**
 * A model-based controller that knows all there is to know in simulation: the true state, the airframe, its motors, the
 * wind and the commands still on their way. No vehicle could fly it; it shows a policy, which sees none of that, what would
 * have been right.
 *
 * Position and velocity ask for an acceleration, that for a direction of thrust; attitude, rates and the lagging motors'
 * torque make a third-order chain whose poles it puts at one frequency. Pillars it flies around, nose ahead. Disturbances
 * that it knows are cancelled rather than trimmed.
 *
 * @see Lee et al. 2010, https://doi.org/10.1109/CDC.2010.5717652, for control on the sphere of thrust directions
 * @see Chen et al. 2019, https://arxiv.org/abs/1912.12294, for teachers that cheat
 */
export class Expert {
  private readonly simulator: Simulator;
  private readonly vehicle: Vehicle;
  private readonly foresight: Foresight;
  private readonly task: Task;
  private readonly detour: Detour | null;
  private readonly mixer: Float64Array;
  private readonly nominalTorque: number;
  /** Force wanted of the rotors [N], in the world and about body axes; angular acceleration wanted [rad/s²]; fractions. */
  private readonly force = new Float64Array(3);
  /** Velocity wanted beside the goal's own [m/s], in the world. */
  private readonly lead = new Float64Array(3);
  private readonly wanted = new Float64Array(3);
  private readonly ahead = new Float64Array(3);
  private readonly turn = new Float64Array(3);
  private readonly fractions = new Float64Array(4);

  constructor(simulator: Simulator, task: Task) {
    const { vehicle, dynamics, n } = simulator;
    this.simulator = simulator;
    this.vehicle = vehicle;
    this.foresight = new Foresight(vehicle, dynamics, n);
    this.task = task;
    this.detour = task.pillars ? new Detour(task.pillars.gap_m) : null;
    this.mixer = mixer(vehicle);
    this.nominalTorque = vehicle.rotor.torquePerThrust_m;
  }

  /** What has to be saved of it. */
  state(): ArrayBufferView[] {
    return [this.foresight.rows];
  }

  /** Vehicle `i` begins an episode with this airframe. */
  load(i: number, airframe: Airframe): void {
    this.foresight.load(i, airframe);
  }

  /**
   * The action that is right for vehicle `i` now.
   *
   * @param flown its state and goal
   * @param map from actions to what its firmware takes
   * @param out where the action `[4]` goes, in [-1, 1], at `offset`
   */
  act(i: number, flown: Flown, map: ActionMap, out: Float32Array, offset: number): void {
    this.foresight.look(i, flown, this.simulator.gusts.wind);
    const pole = this.pole();
    this.pull(flown, pole);
    this.steer(pole);
    this.mix();
    if (map.mode === 'ctbr') this.ask(i);
    const { fractions } = this;
    for (let k = 0; k < 4; k++) {
      const action = (fractions[k] - map.center[k]) / map.span[k];
      out[offset + k] = action < -1 ? -1 : action > 1 ? 1 : action;
    }
  }

  private pole(): number {
    const { lag_s, latency_s } = this.foresight;
    return Math.min(STIFFEST, STIFFNESS / (lag_s + latency_s + 0.5 / this.vehicle.control_Hz));
  }

  /** Sets the force that the rotors should push with, of weight, drag and an acceleration towards the goal. */
  private pull(flown: Flown, pole: number): void {
    const { foresight, force, lead, ahead, task } = this;
    const { goal, goalVelocity } = flown;
    const { position, velocity, mass, dragInWorld, latency_s } = foresight;
    const frequency = pole / SEPARATION;
    // thrust comes by as much later as three poles delay it
    ahead.fill(0);
    task.goalAcceleration?.(flown, latency_s + 3 / pole, this.vehicle.control_Hz, ahead);
    for (let k = 0; k < 3; k++) lead[k] = goal[k] + goalVelocity[k] * latency_s - position[k];
    const distance = Math.sqrt(lead[0] * lead[0] + lead[1] * lead[1] + lead[2] * lead[2]);
    const damping = 2 * DAMPING * frequency;
    const usual = frequency / (2 * DAMPING);
    const speed = clamp(CRUISE / REACH, usual, MOST_PULL * usual) * (distance > REACH ? REACH / distance : 1);
    for (let k = 0; k < 3; k++) lead[k] *= speed;
    this.detour?.around(flown, position, velocity, this.vehicle.collisionRadius_m, lead);
    for (let k = 0; k < 3; k++) force[k] = damping * (lead[k] + goalVelocity[k] - velocity[k]) + ahead[k];
    const sideways = Math.sqrt(force[0] * force[0] + force[1] * force[1]);
    const able = this.able();
    const up = clamp(force[2], -DOWNWARDS, Math.min(UPWARDS, Math.max(LEAST, able - GRAVITY))) + GRAVITY;
    const most = Math.min(SIDEWAYS, Math.sqrt(Math.max(LEAST * LEAST, able * able - up * up)));
    const less = sideways > most ? most / sideways : 1;
    force[0] = mass * less * force[0] - dragInWorld[0];
    force[1] = mass * less * force[1] - dragInWorld[1];
    force[2] = mass * up - dragInWorld[2];
  }

  /** Acceleration that it may plan with for the rotors [m/s²]. */
  private able(): number {
    const { strength, mass } = this.foresight;
    return (MOST_THRUST * (strength[0] + strength[1] + strength[2] + strength[3])) / mass;
  }

  /** Sets the angular acceleration that turns thrust to where it is wanted. */
  private steer(pole: number): void {
    const { foresight, force, wanted, turn } = this;
    const { rotation: R, rates, turning } = foresight;
    for (let k = 0; k < 3; k++) wanted[k] = R[k] * force[0] + R[3 + k] * force[1] + R[6 + k] * force[2];
    // body z × wanted direction, as long as the angle between them
    const sine = Math.sqrt(wanted[0] * wanted[0] + wanted[1] * wanted[1]);
    const angle = sine > 1e-9 ? Math.atan2(sine, wanted[2]) / sine : 0;
    const lag = foresight.lag_s + 0.5 / this.vehicle.control_Hz;
    const rate = 3 * pole * pole * lag;
    const motors = 3 * pole * lag - 1;
    const towards = (pole / 3) * angle;
    turn[0] = rate * (clamp(-towards * wanted[1], -TURNING, TURNING) - rates[0]) - motors * turning[0];
    turn[1] = rate * (clamp(towards * wanted[0], -TURNING, TURNING) - rates[1]) - motors * turning[1];
    turn[2] = YAW_PER_S * ((this.detour ? this.towards() : 0) - rates[2]);
  }

  /** Yaw rate [rad/s] that turns the nose to where the vehicle is to fly. */
  private towards(): number {
    const { lead, foresight } = this;
    const { rotation: R } = foresight;
    const speed = Math.sqrt(lead[0] * lead[0] + lead[1] * lead[1]);
    if (speed < SLOW) return 0;
    // where to fly, along the nose's level part and aside of it
    const along = R[0] * lead[0] + R[3] * lead[1];
    const aside = R[0] * lead[1] - R[3] * lead[0];
    return clamp(FACING_PER_S * Math.atan2(aside, along), -LOOKING, LOOKING);
  }

  /** Sets `fractions` to those of the rotors; where they cannot do all, yaw gives way first, then thrust. */
  private mix(): void {
    if (this.allocate(this.turn[2])) return;
    this.allocate(0);
    const { fractions } = this;
    const highest = Math.max(fractions[0], fractions[1], fractions[2], fractions[3]);
    const lowest = Math.min(fractions[0], fractions[1], fractions[2], fractions[3]);
    // what is beyond both ends is shared
    const shift =
      highest - lowest > 1 ? (1 - highest - lowest) / 2 : highest > 1 ? 1 - highest : lowest < 0 ? -lowest : 0;
    for (let k = 0; k < 4; k++) fractions[k] += shift;
  }

  /** Rotor thrusts for thrust and torques as they are wanted; false where a rotor cannot give its own. */
  private allocate(yaw: number): boolean {
    const { foresight, mixer: M, turn, fractions, nominalTorque } = this;
    const { otherTorque: other, strength } = foresight;
    const thrust = this.thrust();
    // about the rotors' centre
    const tx = foresight.inertia(0) * turn[0] - other[0] + foresight.centre(1) * thrust;
    const ty = foresight.inertia(1) * turn[1] - other[1] - foresight.centre(0) * thrust;
    const tz = ((foresight.inertia(2) * yaw - other[2]) * nominalTorque) / foresight.torquePerThrust_m;
    let able = true;
    for (let k = 0; k < 4; k++) {
      const r = k * 4;
      fractions[k] = (M[r] * thrust + M[r + 1] * tx + M[r + 2] * ty + M[r + 3] * tz) / strength[k];
      able &&= fractions[k] >= 0 && fractions[k] <= 1;
    }
    return able;
  }

  /**
   * Turns the rotors' fractions into the mean thrust fraction and body rates of which the rate loop, which takes the vehicle for
   * the nominal one, would make them.
   */
  private ask(i: number): void {
    const { fractions, vehicle, foresight } = this;
    const { bodyRates, rotor, rotors, inertia_kgm2 } = vehicle;
    const { trims } = this.simulator.dynamics.rateLoop!;
    const torque = [0, 0, 0];
    let sum = 0;
    for (let k = 0; k < 4; k++) {
      const { position_m, spin } = rotors[k];
      const lift = fractions[k] * rotor.maxThrust_N;
      sum += fractions[k];
      torque[0] += position_m[1] * lift;
      torque[1] -= position_m[0] * lift;
      torque[2] -= (spin === 'ccw' ? 1 : -1) * rotor.torquePerThrust_m * lift;
    }
    fractions[0] = sum / 4;
    for (let k = 0; k < 3; k++)
      fractions[1 + k] =
        foresight.rates[k] + (torque[k] / inertia_kgm2[k] - trims[i * 3 + k]) / bodyRates.gain_per_s[k];
  }

  private thrust(): number {
    return Math.max(LEAST_THRUST * this.foresight.mass * GRAVITY, this.wanted[2]);
  }
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
