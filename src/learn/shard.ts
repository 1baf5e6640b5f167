import { RNG_WORDS, Rng } from '../../envs/rng.ts';
import { VectorEnv, type VectorEnvOptions } from '../../envs/vector-env.ts';
import { MlpInference } from '../../policies/inference.ts';
import { type Mlp, mlpFromWeights } from '../../policies/mlp.ts';
import { type Normaliser, normalise } from '../../policies/normaliser.ts';
import type { Rollout } from './rollout.ts';

/** What a shard needs to know of the run; plain data, so that it can be sent to a worker. */
export interface ShardOptions {
  env: VectorEnvOptions;
  /** Index of the shard's first environment among the run's `N`. */
  first: number;
  normaliser: Normaliser;
  actorSizes: number[];
  criticSizes: number[];
  kernelBytes: Uint8Array<ArrayBuffer> | undefined;
}

const NOISE_STREAM = 0x40000000;
const LOG_2PI = Math.log(2 * Math.PI);

/**
 * Some of a run's environments with the networks that fly them: collects its own columns of a rollout.
 *
 * Each environment draws its exploration from a stream of its own, so a rollout is the same bytes
 * however the environments are spread over shards.
 */
export class Shard {
  private readonly options: ShardOptions;
  private readonly env: VectorEnv;
  private readonly actor: MlpInference;
  private readonly critic: MlpInference;
  private readonly noise: Rng[];
  private readonly mean: Float32Array;
  private readonly actions: Float32Array;
  private readonly actorInput: Float32Array;
  private readonly criticInput: Float32Array;
  private readonly value: Float32Array;
  private std = new Float32Array(4);

  constructor(options: ShardOptions) {
    const { env, first, actorSizes, criticSizes, kernelBytes } = options;
    this.options = options;
    this.env = new VectorEnv({ ...env, firstIndex: first });
    const n = this.env.n;
    this.actor = new MlpInference(emptyMlp(actorSizes), n, kernelBytes);
    this.critic = new MlpInference(emptyMlp(criticSizes), n, kernelBytes);
    this.noise = Array.from({ length: n }, (_, i) => new Rng(env.seed, NOISE_STREAM + first + i));
    this.mean = new Float32Array(n * this.env.actionSize);
    this.actions = new Float32Array(n * this.env.actionSize);
    this.actorInput = new Float32Array(n * this.env.obsSize);
    this.criticInput = new Float32Array(n * (this.env.obsSize + this.env.privilegedSize));
    this.value = new Float32Array(n);
    this.env.reset();
  }

  /** Steps the environments `T` times under the given networks and fills their columns of `rollout`. */
  collect(rollout: Rollout, actor: Mlp, critic: Mlp, logStd: Float32Array): void {
    this.actor.load(actor);
    this.critic.load(critic);
    this.std = Float32Array.from(logStd, Math.exp);
    const { env } = this;
    const { T, N } = rollout.shape;
    const n = env.n;
    for (let t = 0; t < T; t++) {
      const row = t * N + this.options.first;
      this.look(env.obs, env.privileged);
      this.store(rollout, row);
      this.critic.run(this.criticInput, n, this.value);
      rollout.values.set(this.value, row);
      if (t > 0) this.bootstrap(rollout, row - N);
      this.act(rollout, row, logStd);
      env.step(this.actions);
      rollout.rewards.set(env.rewards, row);
      rollout.terminated.set(env.terminated, row);
      rollout.truncated.set(env.truncated, row);
      rollout.success.set(env.success, row);
      this.noteEnds(rollout, row);
    }
    this.look(env.obs, env.privileged);
    this.critic.run(this.criticInput, n, this.value);
    this.bootstrap(rollout, (T - 1) * N + this.options.first);
  }

  /** Everything that decides how the shard goes on, one entry an environment's shard. */
  snapshot(): { env: Uint8Array; noise: Uint32Array } {
    const noise = new Uint32Array(this.noise.length * RNG_WORDS);
    this.noise.forEach((rng, i) => {
      noise.set(rng.state, RNG_WORDS * i);
    });
    return { env: this.env.snapshot(), noise };
  }

  restore(saved: { env: Uint8Array; noise: Uint32Array }): void {
    this.env.restore(saved.env);
    this.noise.forEach((rng, i) => {
      rng.state.set(saved.noise.subarray(RNG_WORDS * i, RNG_WORDS * (i + 1)));
    });
  }

  /** Normalises what actor and critic see. */
  private look(obs: Float32Array, privileged: Float32Array): void {
    const { env, actorInput, criticInput } = this;
    const O = env.obsSize;
    const P = env.privilegedSize;
    normalise(this.options.normaliser, obs, env.n, actorInput);
    for (let i = 0; i < env.n; i++) {
      for (let k = 0; k < O; k++) criticInput[i * (O + P) + k] = actorInput[i * O + k];
      for (let k = 0; k < P; k++) criticInput[i * (O + P) + O + k] = privileged[i * P + k];
    }
  }

  private store(rollout: Rollout, row: number): void {
    rollout.obs.set(this.actorInput, row * this.env.obsSize);
    rollout.criticObs.set(this.criticInput, row * (this.env.obsSize + this.env.privilegedSize));
  }

  /** Draws actions around the actor's mean and notes their probability. */
  private act(rollout: Rollout, row: number, logStd: Float32Array): void {
    const { env, mean, actions, std } = this;
    const A = env.actionSize;
    this.actor.run(this.actorInput, env.n, mean);
    for (let i = 0; i < env.n; i++) {
      let logProb = 0;
      for (let a = 0; a < A; a++) {
        const z = this.noise[i].normal();
        actions[i * A + a] = mean[i * A + a] + std[a] * z;
        logProb -= 0.5 * z * z + logStd[a] + LOG_2PI / 2;
      }
      rollout.logProbs[row + i] = logProb;
    }
    rollout.actions.set(actions, row * A);
  }

  /**
   * Values of the states that the step at `row` reached: `this.value` holds those of the states the next step starts
   * in, which are others where an episode was truncated and another began.
   */
  private bootstrap(rollout: Rollout, row: number): void {
    rollout.nextValues.set(this.value, row);
    for (const [i, value] of this.truncatedValues) rollout.nextValues[row + i] = value;
    this.truncatedValues.length = 0;
  }

  private readonly truncatedValues: [number, number][] = [];

  private noteEnds(rollout: Rollout, row: number): void {
    const { env } = this;
    let anyTruncated = false;
    for (let i = 0; i < env.n; i++) {
      const ended = env.terminated[i] || env.truncated[i];
      rollout.episodeReturns[row + i] = ended ? env.episodeReturn[i] : 0;
      rollout.episodeLengths[row + i] = ended ? env.episodeLength[i] : 0;
      if (env.truncated[i]) anyTruncated = true;
    }
    if (!anyTruncated) return;
    const kept = this.value.slice();
    this.look(env.finalObs, env.finalPrivileged);
    this.critic.run(this.criticInput, env.n, this.value);
    for (let i = 0; i < env.n; i++) if (env.truncated[i]) this.truncatedValues.push([i, this.value[i]]);
    this.value.set(kept);
  }
}

function emptyMlp(sizes: number[]): Mlp {
  const weights = sizes.slice(1).flatMap((out, l) => [new Float32Array(sizes[l] * out), new Float32Array(out)]);
  return mlpFromWeights(sizes, weights);
}
