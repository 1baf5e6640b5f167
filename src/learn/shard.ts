import type { VectorEnv, VectorEnvOptions } from '../../envs/vector-env.ts';
import { MlpInference } from '../../policies/inference.ts';
import { type Mlp, mlpFromWeights } from '../../policies/mlp.ts';
import { type Normaliser, normalise } from '../../policies/normaliser.ts';
import { estimateAdvantages } from './advantages.ts';
import { BlockEnvs } from './block-envs.ts';
import type { Networks } from './networks.ts';
import type { Rollout } from './rollout.ts';

/** What a shard needs to know of the run; plain data, so that it can be sent to a worker. */
export interface ShardOptions {
  /** All but the number of environments. */
  env: Omit<VectorEnvOptions, 'n'>;
  normaliser: Normaliser;
  actorSizes: number[];
  criticSizes: number[];
  gamma: number;
  gaeLambda: number;
  kernelBytes: Uint8Array<ArrayBuffer> | undefined;
}

const NOISE_STREAM = 0x40000000;
const LOG_2PI = Math.log(2 * Math.PI);

/**
 * A block of a run's environments with the networks that fly them: collects the block's columns of a rollout.
 *
 * Each environment draws its exploration from a stream of its own, so a rollout is the same bytes
 * however the environments are spread over blocks and threads.
 */
export class Shard {
  readonly envs: BlockEnvs;
  private readonly options: ShardOptions;
  private readonly env: VectorEnv;
  private readonly actor: MlpInference;
  private readonly critic: MlpInference;
  private readonly actions: Float32Array;
  /** Environments whose episode the last step cut short. */
  private readonly cutShort: Int32Array;

  /** @param n environments of a block */
  constructor(options: ShardOptions, n: number) {
    const { env, actorSizes, criticSizes, kernelBytes } = options;
    this.options = options;
    this.envs = new BlockEnvs({ ...env, n }, NOISE_STREAM);
    this.env = this.envs.env;
    this.actor = new MlpInference(emptyMlp(actorSizes), n, kernelBytes);
    this.critic = new MlpInference(emptyMlp(criticSizes), n, kernelBytes);
    this.actions = new Float32Array(n * this.env.actionSize);
    this.cutShort = new Int32Array(n);
  }

  /** Steps the environments `T` times under the given networks and fills their columns of `rollout`. */
  collect(rollout: Rollout, { actor, critic, logStd }: Networks): void {
    this.actor.load(actor);
    this.critic.load(critic);
    const std = logStd.map(Math.exp);
    const { gamma, gaeLambda } = this.options;
    const { T, N } = rollout.shape;
    const { env } = this;
    const { first } = this.envs;
    for (let t = 0; t < T; t++) {
      const row = t * N + first;
      this.look(rollout, row);
      this.judge(env.n);
      rollout.values.set(this.critic.output, row);
      if (t > 0) this.bootstrap(rollout, row - N);
      this.act(rollout, row, std, logStd);
      env.step(this.actions);
      rollout.rewards.set(env.rewards, row);
      rollout.terminated.set(env.terminated, row);
      rollout.truncated.set(env.truncated, row);
      rollout.success.set(env.success, row);
      this.noteEnds(rollout, row);
    }
    this.look(null, 0);
    this.judge(env.n);
    this.bootstrap(rollout, (T - 1) * N + first);
    estimateAdvantages(rollout, gamma, gaeLambda, rollout.advantages, first, first + env.n);
    addColumns(rollout, first, first + env.n);
  }

  /** Gives both networks what there is to see now, and the rollout too. */
  private look(rollout: Rollout | null, row: number): void {
    const { env, actor, critic } = this;
    const { n, obsSize: O, privilegedSize: P } = env;
    normalise(this.options.normaliser, env.obs, n, actor.input);
    this.criticRows(n, actor.input, env.privileged);
    if (!rollout) return;
    rollout.obs.set(actor.input, row * O);
    rollout.criticObs.set(critic.input, row * (O + P));
  }

  /** All rows of the critic's input, as {@link criticRow} writes one: in a loop of its own it takes half the time. */
  private criticRows(n: number, obs: Float32Array, privileged: Float32Array): void {
    const { obsSize: O, privilegedSize: P } = this.env;
    const { input } = this.critic;
    for (let i = 0, at = 0, from = 0, p = 0; i < n; i++) {
      for (const end = from + O; from < end; ) input[at++] = obs[from++];
      for (const end = p + P; p < end; ) input[at++] = privileged[p++];
    }
  }

  /** Row `to` of the critic's input: a normalised observation and a privileged row. */
  private criticRow(to: number, obs: Float32Array, i: number, privileged: Float32Array, p: number): void {
    const { obsSize: O, privilegedSize: P } = this.env;
    const { input } = this.critic;
    const at = to * (O + P);
    for (let k = 0; k < O; k++) input[at + k] = obs[i * O + k];
    for (let k = 0; k < P; k++) input[at + O + k] = privileged[p * P + k];
  }

  private judge(rows: number): void {
    this.critic.run(this.critic.input, rows, this.critic.output);
  }

  /** Draws actions around the actor's mean and notes their probability. */
  private act(rollout: Rollout, row: number, std: Float32Array, logStd: Float32Array): void {
    const { env, actor, actions } = this;
    const { rngs } = this.envs;
    const A = env.actionSize;
    actor.run(actor.input, env.n, actor.output);
    const mean = actor.output;
    let constant = 0;
    for (let a = 0; a < A; a++) constant -= logStd[a] + LOG_2PI / 2;
    for (let i = 0; i < env.n; i++) {
      const rng = rngs[i];
      let logProb = constant;
      for (let a = 0; a < A; a++) {
        const z = rng.normal();
        actions[i * A + a] = mean[i * A + a] + std[a] * z;
        logProb -= 0.5 * z * z;
      }
      rollout.logProbs[row + i] = logProb;
    }
    rollout.actions.set(actions, row * A);
  }

  /**
   * Values of the states that the step at `row` reached. The critic has just judged the states that the next step
   * starts in, which are others where an episode was cut short and another began: those are there already.
   */
  private bootstrap({ nextValues, truncated }: Rollout, row: number): void {
    const { output } = this.critic;
    for (let i = 0; i < this.env.n; i++) if (truncated[row + i] === 0) nextValues[row + i] = output[i];
  }

  /** Notes the episodes that the step at `row` ended, and the values of those that go on unseen. */
  private noteEnds(rollout: Rollout, row: number): void {
    const { env, actor, cutShort, critic } = this;
    let cut = 0;
    for (let i = 0; i < env.n; i++) {
      const ended = env.terminated[i] | env.truncated[i];
      rollout.episodeReturns[row + i] = ended ? env.episodeReturn[i] : 0;
      rollout.episodeLengths[row + i] = ended ? env.episodeLength[i] : 0;
      if (env.truncated[i]) cutShort[cut++] = i;
    }
    if (cut === 0) return;
    for (let k = 0; k < cut; k++) {
      normaliseRow(this.options.normaliser, env.finalObs, cutShort[k], actor.input, k);
      this.criticRow(k, actor.input, k, env.finalPrivileged, cutShort[k]);
    }
    this.judge(cut);
    for (let k = 0; k < cut; k++) rollout.nextValues[row + cutShort[k]] = critic.output[k];
  }
}

/** Row `i` of `obs` normalised into row `to` of `out`. */
function normaliseRow(normaliser: Normaliser, obs: Float32Array, i: number, out: Float32Array, to: number): void {
  const O = normaliser.mean.length;
  normalise(normaliser, obs, 1, out.subarray(to * O, (to + 1) * O), i * O);
}

/** Returns of columns `first` to `end − 1`: what the critic said and how much better it went. */
function addColumns({ T, N, advantages, values, returns }: Rollout, first: number, end: number): void {
  for (let t = 0; t < T; t++) for (let i = t * N + first; i < t * N + end; i++) returns[i] = advantages[i] + values[i];
}

function emptyMlp(sizes: number[]): Mlp {
  const weights = sizes.slice(1).flatMap((out, l) => [new Float32Array(sizes[l] * out), new Float32Array(out)]);
  return mlpFromWeights(sizes, weights);
}
