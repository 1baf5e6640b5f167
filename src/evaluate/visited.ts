import { Rng } from '../../envs/rng.ts';
import { VectorEnv } from '../../envs/vector-env.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { kernelBytes } from '../backend/kernels.ts';
import type { FlyOptions } from './fly.ts';

const STREAM = 0x53000000;
const N = 64;
const EVERY = 8; // control steps: neighbours in time tell the same twice

/**
 * Normalised observations of states that the policy visits, `[samples, O]`, spread over whole episodes:
 * the data of its source task as far as EWC and rehearsal need it.
 *
 * @param noise standard deviation of what is added to the actions flown, so that states are among them from which the policy
 *   has to come back
 */
export function visitedObservations(policy: Policy, options: FlyOptions, samples: number, noise = 0): Float32Array {
  const { contract } = policy;
  const env = new VectorEnv({
    ...options,
    n: N,
    actions: contract.action.mode,
    observation: contract.observation.spec,
    autoreset: true,
    privileged: false,
  });
  const O = env.obsSize;
  const actor = new MlpInference(policy.actor, N, kernelBytes());
  const input = new Float32Array(N * O);
  const actions = new Float32Array(N * env.actionSize);
  const visited = new Float32Array(samples * O);
  const rng = new Rng(options.seed, STREAM);
  env.reset();
  for (let step = 0, at = 0; at < visited.length; step++) {
    normalise(contract.observation.normaliser, env.obs, N, input);
    if (step % EVERY === 0) {
      visited.set(input.subarray(0, Math.min(input.length, visited.length - at)), at);
      at += input.length;
    }
    actor.run(input, N, actions);
    if (noise > 0) for (let k = 0; k < actions.length; k++) actions[k] += noise * rng.normal();
    env.step(actions);
  }
  return visited;
}
