import type { Randomisation } from '../../envs/randomisation.ts';
import type { Airframe } from '../../envs/airframe.ts';
import type { LoggedPath } from '../../envs/tasks/index.ts';
import { observationSize } from '../../envs/observation.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { type MotorResponse, VectorEnv } from '../../envs/vector-env.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { factorsAtStart } from './factors.ts';

/** Where and how a policy is flown; plain data, so that it can be sent to a worker. */
export interface FlyOptions {
  task: string;
  vehicle: Vehicle;
  /** Ranges that each episode's airframe is drawn from, or null for the nominal vehicle. */
  randomisation: Randomisation | null;
  /** The airframe to fly in every episode instead, where one is known. */
  airframe?: Airframe;
  /** What its motors make of a thrust fraction, where that is not what the vehicle file says. */
  response?: MotorResponse;
  /** Paths that the task `track` follows instead of drawing its own. */
  paths?: readonly LoggedPath[];
  /** Episode `i` of a seed is the same whoever flies it and in whatever company. */
  seed: number;
  /** Whether to note what each episode was up against, for a breakdown. */
  factors?: boolean;
}

/** How one episode went. */
export interface EpisodeResult {
  success: boolean;
  crash: boolean;
  /** Control steps flown. */
  steps: number;
  /** Sum over the steps of the squared distance to the goal [m²]. */
  squaredErrorSum: number;
  /** What it was up against, in the order of `FACTORS`; only where that was asked for. */
  factors?: number[];
}

const BATCH = 256;

/**
 * Flies episodes `first` to `first + count - 1` with the policy's mean action.
 *
 * @param kernelBytes the compiled kernels; without them the same is computed in plain JavaScript, more slowly
 */
export function flyEpisodes(
  policy: Policy,
  options: FlyOptions,
  first: number,
  count: number,
  kernelBytes?: Uint8Array<ArrayBuffer>,
): EpisodeResult[] {
  const results: EpisodeResult[] = [];
  for (let at = 0; at < count; at += BATCH)
    results.push(...flyBatch(policy, options, first + at, Math.min(BATCH, count - at), kernelBytes));
  return results;
}

function flyBatch(
  policy: Policy,
  options: FlyOptions,
  firstIndex: number,
  n: number,
  kernelBytes?: Uint8Array<ArrayBuffer>,
): EpisodeResult[] {
  const { contract } = policy;
  const env = new VectorEnv({
    ...options,
    n,
    firstIndex,
    actions: contract.action.mode,
    observation: contract.observation.spec,
    autoreset: false,
    privileged: false,
  });
  const actor = new MlpInference(policy.actor, n, kernelBytes);
  const input = new Float32Array(n * observationSize(contract.observation.spec));
  const actions = new Float32Array(n * env.actionSize);
  const results: EpisodeResult[] = Array.from({ length: n }, () => ({
    success: false,
    crash: false,
    steps: 0,
    squaredErrorSum: 0,
  }));
  const ended = new Uint8Array(n);
  let flying = n;
  env.reset();
  const factors = options.factors ? results.map((_, i) => factorsAtStart(env, i)) : null;
  while (flying > 0) {
    normalise(contract.observation.normaliser, env.obs, n, input);
    actor.run(input, n, actions);
    env.step(actions);
    for (let i = 0; i < n; i++) {
      if (ended[i] || !(env.terminated[i] || env.truncated[i])) continue;
      ended[i] = 1;
      flying--;
      results[i] = {
        success: env.success[i] === 1,
        crash: env.terminated[i] === 1,
        steps: env.episodeLength[i],
        squaredErrorSum: env.episodeErrorSq[i],
      };
      if (factors) results[i].factors = factors[i];
    }
  }
  return results;
}
