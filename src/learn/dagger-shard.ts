import type { Rng } from '../../envs/rng.ts';
import { VectorEnv, type VectorEnvOptions } from '../../envs/vector-env.ts';
import { MlpInference } from '../../policies/inference.ts';
import type { Mlp } from '../../policies/mlp.ts';
import { type Normaliser, normalise } from '../../policies/normaliser.ts';
import type { Demonstrations } from './demonstrations.ts';
import { noiseStreams, restoreStreams, savedStreams } from './noise.ts';
import type { ShardSnapshot } from './shard.ts';

/** What a shard needs to know of the run; plain data, so that it can be sent to a worker. */
export interface DaggerShardOptions {
  env: VectorEnvOptions;
  /** Index of the shard's first environment among the run's `N`. */
  first: number;
  normaliser: Normaliser;
  /** Standard deviation of what is added to the actions flown, so that the policy sees how to come back from errors. */
  noise: number;
  kernelBytes: Uint8Array<ArrayBuffer> | undefined;
}

/** Who flies a rollout. */
export interface Flight {
  /** Null where the expert does. */
  actor: Mlp | null;
  /** Which of the remembered rollouts is overwritten. */
  slot: number;
}

const NOISE_STREAM = 0x41000000;

/**
 * Some of a run's environments, flown by the policy while the expert says what it would do.
 *
 * Each environment draws its noise from a stream of its own, so a rollout is the same bytes however the environments are
 * spread over shards.
 */
export class DaggerShard {
  private readonly options: DaggerShardOptions;
  private readonly env: VectorEnv;
  private readonly noise: Rng[];
  private readonly input: Float32Array;
  private readonly actions: Float32Array;
  private inference: MlpInference | null = null;

  constructor(options: DaggerShardOptions) {
    const { env, first } = options;
    this.options = options;
    this.env = new VectorEnv({ ...env, firstIndex: first, privileged: false, expert: true });
    const { n, obsSize, actionSize } = this.env;
    this.noise = noiseStreams(env.seed, NOISE_STREAM, first, n);
    this.input = new Float32Array(n * obsSize);
    this.actions = new Float32Array(n * actionSize);
  }

  /** Steps the environments `T` times and fills their columns of one rollout. */
  collect(into: Demonstrations, { actor, slot }: Flight): void {
    const { env, options, input } = this;
    const { T, N, O, A } = into.shape;
    const network = actor && this.loaded(actor);
    for (let t = 0; t < T; t++) {
      const row = t * N + options.first;
      const at = slot * T * N + row;
      normalise(options.normaliser, env.obs, env.n, input);
      into.obs.set(input, at * O);
      into.actions.set(env.expertActions, at * A);
      this.act(network);
      env.step(this.actions);
      this.noteEnds(into, row);
    }
  }

  /** Everything that decides how the shard goes on. */
  snapshot(): ShardSnapshot {
    return { env: this.env.snapshot(), noise: savedStreams(this.noise) };
  }

  restore(saved: ShardSnapshot): void {
    this.env.restore(saved.env);
    restoreStreams(this.noise, saved.noise);
  }

  private act(network: MlpInference | null): void {
    const { env, input, actions, noise, options } = this;
    if (network) network.run(input, env.n, actions);
    else actions.set(env.expertActions);
    for (let i = 0, at = 0; i < env.n; i++)
      for (let a = 0; a < env.actionSize; a++, at++) actions[at] += options.noise * noise[i].normal();
  }

  private loaded(actor: Mlp): MlpInference {
    this.inference ??= new MlpInference(actor, this.env.n, this.options.kernelBytes);
    this.inference.load(actor);
    return this.inference;
  }

  private noteEnds({ ends }: Demonstrations, row: number): void {
    const { env } = this;
    ends.terminated.set(env.terminated, row);
    ends.truncated.set(env.truncated, row);
    ends.success.set(env.success, row);
    for (let i = 0; i < env.n; i++) {
      const ended = env.terminated[i] | env.truncated[i];
      ends.episodeReturns[row + i] = ended ? env.episodeReturn[i] : 0;
      ends.episodeLengths[row + i] = ended ? env.episodeLength[i] : 0;
    }
  }
}
