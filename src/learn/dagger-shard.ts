import type { VectorEnv, VectorEnvOptions } from '../../envs/vector-env.ts';
import { MlpInference } from '../../policies/inference.ts';
import type { Mlp } from '../../policies/mlp.ts';
import { type Normaliser, normalise } from '../../policies/normaliser.ts';
import { BlockEnvs } from './block-envs.ts';
import type { Demonstrations } from './demonstrations.ts';

/** What a shard needs to know of the run; plain data, so that it can be sent to a worker. */
export interface DaggerShardOptions {
  /** All but the number of environments. */
  env: Omit<VectorEnvOptions, 'n'>;
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
 * A block of a run's environments, flown by the policy while the expert says what it would do.
 *
 * Each environment draws its noise from a stream of its own, so a rollout is the same bytes however the environments are
 * spread over blocks and threads.
 */
export class DaggerShard {
  readonly envs: BlockEnvs;
  private readonly options: DaggerShardOptions;
  private readonly env: VectorEnv;
  private readonly input: Float32Array;
  private readonly actions: Float32Array;
  private inference: MlpInference | null = null;

  /** @param n environments of a block */
  constructor(options: DaggerShardOptions, n: number) {
    const { env } = options;
    this.options = options;
    this.envs = new BlockEnvs({ ...env, n, privileged: false, expert: true }, NOISE_STREAM);
    this.env = this.envs.env;
    const { obsSize, actionSize } = this.env;
    this.input = new Float32Array(n * obsSize);
    this.actions = new Float32Array(n * actionSize);
  }

  /** Steps the environments `T` times and fills their columns of one rollout. */
  collect(into: Demonstrations, { actor, slot }: Flight): void {
    const { env, options, input } = this;
    const { first } = this.envs;
    const { T, N, O, A } = into.shape;
    const network = actor && this.loaded(actor);
    for (let t = 0; t < T; t++) {
      const row = t * N + first;
      const at = slot * T * N + row;
      normalise(options.normaliser, env.obs, env.n, input);
      into.obs.set(input, at * O);
      into.actions.set(env.expertActions, at * A);
      this.act(network);
      env.step(this.actions);
      this.noteEnds(into, row);
    }
  }

  private act(network: MlpInference | null): void {
    const { env, input, actions, options } = this;
    const { rngs } = this.envs;
    if (network) network.run(input, env.n, actions);
    else actions.set(env.expertActions);
    for (let i = 0, at = 0; i < env.n; i++)
      for (let a = 0; a < env.actionSize; a++, at++) actions[at] += options.noise * rngs[i].normal();
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
