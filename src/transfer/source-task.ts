import { ACTION_SIZE } from '../../envs/actions.ts';
import { MlpInference } from '../../policies/inference.ts';
import type { Mlp } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import { kernelBytes } from '../backend/kernels.ts';
import { flyEpisodes } from '../evaluate/fly.ts';
import { visitedObservations } from '../evaluate/visited.ts';
import type { SimulatedTask } from './chain.ts';
import type { SourceStates } from './minibatches.ts';

const REHEARSAL_STATES = 8192;
/** On the actions with which the states to rehearse are come by: see {@link sourceStates}. */
const NOISE = 0.2;
/** Added to the run's seed, so that states to rehearse are not those that success is judged by. */
const REHEARSAL_SEED = 0x50000000;

/**
 * States that the policy visits in the tasks that it has learnt, each on its nominal vehicle, with what it does there:
 * as many of each task, shuffled by whoever draws them.
 *
 * Flown undisturbed, a calm policy never shows how it comes back from an error, and a network that agrees with it on all that
 * it showed may fly into the ground. So the flights to rehearse are disturbed.
 *
 * @see Laskey et al. 2017, DART: Noise Injection for Robust Imitation Learning, https://arxiv.org/abs/1703.09327
 */
export function sourceStates(policy: Policy, tasks: SimulatedTask[], seed: number): SourceStates {
  const each = Math.ceil(REHEARSAL_STATES / tasks.length);
  const O = policy.contract.observation.size;
  const n = each * tasks.length;
  const obs = new Float32Array(n * O);
  tasks.forEach(({ task, vehicle }, k) => {
    const fly = { task, vehicle, randomisation: null, seed: (seed + REHEARSAL_SEED + k) >>> 0 };
    obs.set(visitedObservations(policy, fly, each, NOISE), k * each * O);
  });
  const actions = new Float32Array(n * ACTION_SIZE);
  new MlpInference(policy.actor, n, kernelBytes()).run(obs, n, actions);
  return { obs, actions, n };
}

const TRIAL_EPISODES = 100;
/** Trials fly other episodes than those that the report counts. */
const TRIAL_SEED = 0x52000000;

/** How much less than the policy a network succeeds in these tasks, the worst of them, by a few episodes. */
export function successLost(policy: Policy, tasks: SimulatedTask[], seed: number): (actor: Mlp) => number {
  const rate = (actor: Mlp, { task, vehicle }: SimulatedTask) => {
    const fly = { task, vehicle, randomisation: null, seed: (seed + TRIAL_SEED) >>> 0 };
    const flown = flyEpisodes({ ...policy, actor }, fly, 0, TRIAL_EPISODES, kernelBytes());
    return flown.filter(({ success }) => success).length / TRIAL_EPISODES;
  };
  const before = tasks.map((task) => rate(policy.actor, task));
  return (actor) => Math.max(...tasks.map((task, k) => before[k] - rate(actor, task)));
}
