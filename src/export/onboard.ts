import { ACTION_SIZE, thrustFraction } from '../../envs/actions.ts';
import { type Measured, Observer } from '../../envs/observation.ts';
import { commandOfThrust } from '../../policies/command-map.ts';
import type { Contract } from '../../policies/contract.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';

/** What a policy of mode `motors` asks for in one control step. */
export interface MotorSetpoint {
  mode: 'motors';
  /** Thrust of each rotor as a fraction of its full thrust, `[4]`, 0 to 1, in the contract's `motorOrder`. */
  thrust: number[];
  /** The vehicle's own motor commands that give these thrusts at the voltage measured, `[4]`, 0 to 1. */
  command: number[];
}

/** What a policy of mode `ctbr` asks for: the vehicle's rate controller flies it. */
export interface RateSetpoint {
  mode: 'ctbr';
  /** Mean thrust of the four rotors as a fraction of full thrust, 0 to 1. */
  thrust: number;
  /** The command that gives this thrust when all four motors get it, 0 to 1. */
  command: number;
  /** Body rates about x, y, z (FLU) [rad/s]. */
  rates: number[];
}

export type Setpoint = MotorSetpoint | RateSetpoint;

/**
 * A whole policy as it runs on one vehicle: sensors in, commands out, with its memory. What the exported C code does,
 * and what that code is tested against.
 *
 * Call {@link step} once a control step, at the contract's `rate_Hz`.
 */
export class OnboardPolicy {
  readonly contract: Contract;
  /** The policy's last action, `[4]`, clipped to [-1, 1]. */
  readonly action = new Float32Array(ACTION_SIZE);
  /** The last observation, `[O]`, in its fields' units. */
  readonly obs: Float32Array;
  private readonly observer: Observer;
  private readonly network: MlpInference;
  private readonly input: Float32Array;

  /** @param kernelBytes contents of `dist/kernels/dense.wasm`; without them the same in plain JavaScript */
  constructor({ contract, actor }: Policy, kernelBytes?: BufferSource) {
    this.contract = contract;
    this.observer = new Observer(contract.observation.spec, 1);
    this.network = new MlpInference(actor, 1, kernelBytes);
    this.obs = new Float32Array(this.observer.size);
    this.input = new Float32Array(this.observer.size);
  }

  /** Forgets past actions and averages: when the policy takes over. */
  reset(): void {
    this.observer.reset(0);
  }

  /** One control step. */
  step(measured: Measured): Setpoint {
    const { action, contract, obs, input } = this;
    this.observer.observe(0, measured, obs, 0);
    normalise(contract.observation.normaliser, obs, 1, input);
    this.network.run(input, 1, action);
    for (let k = 0; k < ACTION_SIZE; k++) action[k] = Math.min(1, Math.max(-1, action[k]));
    this.observer.act(0, action);
    return setpointOf(contract, action, measured.voltage);
  }
}

/**
 * What an action `[4]` asks of the vehicle.
 *
 * @param voltage of the battery, now [V]
 */
export function setpointOf(contract: Contract, action: ArrayLike<number>, voltage: number): Setpoint {
  const { action: map, commandMap, observation } = contract;
  const { nominalVoltage_V } = observation.spec;
  if (map.mode === 'motors') {
    const thrust = Array.from(action, (a, i) => thrustFraction(map, i, a));
    const command = thrust.map((u, i) => commandOfThrust(commandMap, i, u, voltage, nominalVoltage_V));
    return { mode: 'motors', thrust, command };
  }
  const thrust = thrustFraction(map, 0, action[0]);
  const level = { ...commandMap, motors: undefined }; // all four get the same
  const rates = [1, 2, 3].map((k) => map.center[k] + map.span[k] * action[k]);
  return { mode: 'ctbr', thrust, command: commandOfThrust(level, 0, thrust, voltage, nominalVoltage_V), rates };
}
