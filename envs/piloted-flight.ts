import type { Airframe } from './airframe.ts';
import { Pilot, type PilotTuning } from './pilot.ts';
import type { Rng } from './rng.ts';
import { stateBuffer } from './sensors.ts';
import { Simulator } from './simulator.ts';
import type { Trajectory } from './trajectories.ts';
import type { Vehicle } from './vehicle.ts';
import { hoverThrust } from './weight.ts';

/** One flight of the pilot as its vehicle would log it: measured values, one row a control step. */
export interface PilotedFlight {
  /** Seconds from the start, `[T]`. */
  time: Float64Array;
  /** Rows of position 3, quaternion 4 (`worldFromBody`), velocity 3, body rates 3, voltage 1: `[T, 14]`. */
  measured: Float64Array;
  /** Rotor thrust fractions that the pilot sent on seeing that row, `[T, 4]`. */
  commands: Float64Array;
  /** Rows of position 3, velocity 3, yaw 1: `[T, 7]`. */
  setpoints: Float64Array;
  /** True position, `[T, 3]`. */
  positions: Float64Array;
  /** It touched something, and the flight ends there. */
  crashed: boolean;
}

/** How a flight departs from the pilot quietly flying the vehicle that it knows. */
export interface FlightConditions {
  /** The vehicle that the pilot's gains are tuned for, where it is not the nominal one. */
  pilot?: Vehicle;
  tuning?: PilotTuning;
  /** Writes the body rates [rad/s] to turn with on top of the path's at time `t` to `out`, `[3]`. */
  shake?: (t: number, out: Float64Array) => void;
  /**
   * Standard deviation of each motor's thrust around the command, as a fraction: a first-order random process that no
   * log shows.
   */
  motorNoise?: number;
  /** Time constant of the motors' noise. */
  motorNoise_s?: number;
}

/** Numbers in a measured row, and in a setpoint row. */
export const MEASURED_SIZE = 14;
export const SETPOINT_SIZE = 7;

/**
 * Lets the pilot, who knows `vehicle`, fly `airframe` along a path, from rest at its start.
 *
 * @param rng draws the sensors' noise, gusts and the motors' noise
 */
export function flyPiloted(
  vehicle: Vehicle,
  airframe: Airframe,
  trajectory: Trajectory,
  seconds: number,
  rng: Rng,
  { pilot: known = vehicle, tuning, shake, motorNoise = 0, motorNoise_s = 0.1 }: FlightConditions = {},
): PilotedFlight {
  const simulator = new Simulator(vehicle, 'motors', 1, airframe.latency_s, [], airframe.sensorDelay_ratio);
  const truth = stateBuffer();
  const seen = stateBuffer();
  const pilot = new Pilot(known, tuning);
  const shaking = new Float64Array(3);
  const sent = new Float64Array(4);
  const deviation = new Float64Array(4);
  const keep = Math.exp(-1 / (vehicle.control_Hz * motorNoise_s));
  truth.position.set(trajectory(0).position);
  truth.quaternion.set([0, 0, Math.sin(trajectory(0).yaw / 2), Math.cos(trajectory(0).yaw / 2)]);
  simulator.load(0, airframe, Array(4).fill(hoverThrust(vehicle)));
  simulator.place(0, truth);
  simulator.truth(0, truth);

  const T = Math.round(seconds * vehicle.control_Hz);
  const time = new Float64Array(T);
  const measured = new Float64Array(T * MEASURED_SIZE);
  const commands = new Float64Array(T * 4);
  const setpoints = new Float64Array(T * SETPOINT_SIZE);
  const positions = new Float64Array(T * 3);
  let t = 0;
  for (; t < T && simulator.crashed[0] === 0; t++) {
    time[t] = t / vehicle.control_Hz;
    const setpoint = trajectory(time[t]);
    simulator.measure(0, truth, rng, seen);
    shake?.(time[t], shaking);
    const command = pilot.command(seen, setpoint, shaking);
    const { position, quaternion, velocity, rates, voltage } = seen;
    measured.set([...position, ...quaternion, ...velocity, ...rates, voltage], t * MEASURED_SIZE);
    commands.set(command, t * 4);
    setpoints.set([...setpoint.position, ...setpoint.velocity, setpoint.yaw], t * SETPOINT_SIZE);
    positions.set(truth.position, t * 3);
    for (let k = 0; k < 4; k++) {
      if (motorNoise > 0) deviation[k] = keep * deviation[k] + motorNoise * Math.sqrt(1 - keep * keep) * rng.normal();
      sent[k] = Math.min(1, Math.max(0, command[k] * (1 + deviation[k])));
    }
    simulator.step(sent);
    simulator.truth(0, truth);
  }
  return {
    time: time.subarray(0, t),
    measured: measured.subarray(0, t * MEASURED_SIZE),
    commands: commands.subarray(0, t * 4),
    setpoints: setpoints.subarray(0, t * SETPOINT_SIZE),
    positions: positions.subarray(0, t * 3),
    crashed: simulator.crashed[0] === 1,
  };
}
