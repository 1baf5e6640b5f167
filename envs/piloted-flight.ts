import type { Airframe } from './airframe.ts';
import { Pilot } from './pilot.ts';
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

/** Numbers in a measured row, and in a setpoint row. */
export const MEASURED_SIZE = 14;
export const SETPOINT_SIZE = 7;

/**
 * Lets the pilot, who knows `vehicle`, fly `airframe` along a path, from rest at its start.
 *
 * @param rng draws the sensors' noise
 */
export function flyPiloted(
  vehicle: Vehicle,
  airframe: Airframe,
  trajectory: Trajectory,
  seconds: number,
  rng: Rng,
): PilotedFlight {
  const simulator = new Simulator(vehicle, 'motors', 1, airframe.latency_s, [], airframe.sensorDelay_ratio);
  const truth = stateBuffer();
  const seen = stateBuffer();
  const pilot = new Pilot(vehicle);
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
    const command = pilot.command(seen, setpoint);
    const { position, quaternion, velocity, rates, voltage } = seen;
    measured.set([...position, ...quaternion, ...velocity, ...rates, voltage], t * MEASURED_SIZE);
    commands.set(command, t * 4);
    setpoints.set([...setpoint.position, ...setpoint.velocity, setpoint.yaw], t * SETPOINT_SIZE);
    positions.set(truth.position, t * 3);
    simulator.step(commands.subarray(t * 4, t * 4 + 4));
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
