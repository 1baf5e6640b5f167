import type { Measured } from '../../envs/observation.ts';
import { Rng } from '../../envs/rng.ts';
import type { Contract } from '../../policies/contract.ts';
import type { Policy } from '../../policies/policy.ts';
import { OnboardPolicy, type Setpoint } from './onboard.ts';

/** One step of a sequence: what goes into a policy and what comes out. */
export interface RecordedStep {
  measured: Measured;
  action: Float32Array;
  setpoint: Setpoint;
}

/**
 * Sequences of inputs with what the policy makes of them, for a port to be checked by: each begins after a reset, and its
 * steps depend on each other by the policy's memory. Inputs are floats, as a port takes them.
 *
 * They are drawn, not flown: wide enough to meet every branch (far goals, level and tilted, clipped actions), the same
 * for the same policy.
 */
export function recordSequences(policy: Policy, sequences: number, steps: number): RecordedStep[][] {
  const rng = new Rng(1);
  const onboard = new OnboardPolicy(policy);
  return Array.from({ length: sequences }, () => {
    onboard.reset();
    return Array.from({ length: steps }, () => {
      const measured = drawMeasured(policy.contract, rng);
      const setpoint = onboard.step(measured);
      return { measured, action: onboard.action.slice(), setpoint };
    });
  });
}

/** A vehicle anywhere, tilted by up to some 0.8 rad, on its way to a goal up to two metres off. */
function drawMeasured({ observation }: Contract, rng: Rng): Measured {
  const { nominalVoltage_V, beams } = observation.spec;
  const vector = (limit: number, size = 3) => Float32Array.from({ length: size }, () => rng.uniform(-limit, limit));
  const position = vector(3);
  const offset = vector(rng.uniform() < 0.5 ? 0.3 : 1.2);
  return {
    position,
    quaternion: drawQuaternion(rng),
    velocity: vector(1.5),
    rates: vector(3),
    voltage: Math.fround(nominalVoltage_V * rng.uniform(0.9, 1.1)),
    goal: position.map((at, k) => at + offset[k]),
    goalVelocity: vector(1),
    ranges: Float32Array.from({ length: beams }, () => rng.uniform(0.1, 5)),
  };
}

/** A tilt about a level axis after a turn of the heading. */
function drawQuaternion(rng: Rng): Float32Array {
  const [yaw, towards, tilt] = [rng.uniform(-Math.PI, Math.PI), rng.uniform(-Math.PI, Math.PI), rng.uniform(0, 0.8)];
  const [sin, cos] = [Math.sin(tilt / 2), Math.cos(tilt / 2)];
  const [x, y] = [sin * Math.cos(towards), sin * Math.sin(towards)];
  const [s, c] = [Math.sin(yaw / 2), Math.cos(yaw / 2)];
  return Float32Array.from([x * c + y * s, y * c - x * s, cos * s, cos * c]);
}
