import { RNG_WORDS, Rng } from '../../envs/rng.ts';
import type { VectorEnvOptions } from '../../envs/vector-env.ts';
import { createMlp } from '../../policies/mlp.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import { kernelBytes, sharedKernelBytes } from '../backend/kernels.ts';
import { Blocks, largestBlock } from './blocks.ts';
import { allNumbered, type Checkpoint, numbered } from './checkpoint.ts';
import type { RunConfig } from './config.ts';
import type { Crew } from './crew.ts';
import { DaggerShard, type Flight } from './dagger-shard.ts';
import { demonstrationMemory, Demonstrations, sizesOf } from './demonstrations.ts';
import type { ImitationStats } from './imitate.ts';
import type { Networks } from './networks.ts';
import { endedEpisodes, learningRateAt, type Metrics, type Trainer, type TrainerState } from './trainer.ts';
import type { WarmStart } from './warm-start.ts';

const STREAM = { weights: 0x20000000, draws: 0x20000003 };
/** A policy is never taken to be surer of its actions than this: its Fisher information goes by the spread. */
const LEAST_STD = 0.02;

/**
 * Dataset aggregation: the policy flies, an expert that knows the airframe, the wind and the true state says what it would
 * have done, and the policy learns of all it has seen. So it learns in the states that its own errors lead to.
 *
 * The first rollout is flown by the expert. One thread learns, all collect; the result is the same bytes however many there
 * are.
 *
 * @see Ross, Gordon and Bagnell 2011, https://arxiv.org/abs/1011.0686, algorithm 3.1
 */
export class DaggerTrainer implements Trainer {
  readonly state: TrainerState = { iteration: 0, steps: 0 };
  private readonly config: RunConfig;
  private readonly crew: Crew;
  private readonly blocks: Blocks;
  private readonly memory: Demonstrations;

  private constructor(config: RunConfig, crew: Crew, blocks: Blocks, memory: Demonstrations) {
    this.config = config;
    this.crew = crew;
    this.blocks = blocks;
    this.memory = memory;
  }

  static async open(
    config: RunConfig,
    env: VectorEnvOptions,
    { O, A }: { O: number; A: number },
    normaliser: Normaliser,
    crew: Crew,
    start: WarmStart | null = null,
  ): Promise<DaggerTrainer> {
    const { learn, seed } = config;
    const shape = { R: learn.rollouts, T: learn.horizon, N: learn.envs, O, A, hidden: learn.hidden };
    const memory = new Demonstrations(shape, demonstrationMemory(shape), sharedKernelBytes()!);
    const actor = start?.actor ?? createMlp(sizesOf(shape), new Rng(seed, STREAM.weights), 0.01);
    memory.actor.load(actor, start?.logStd ?? new Float32Array(A).fill(Math.log(learn.initialStd)));
    memory.draws.set(new Rng(seed, STREAM.draws).state);
    const options = { env, normaliser, noise: learn.initialStd, kernelBytes: kernelBytes() };
    const { stateBytes } = new DaggerShard(options, largestBlock(shape.N)).envs;
    const blocks = new Blocks({ N: shape.N, stateBytes, threads: crew.size });
    const place = { layout: blocks.layout, states: blocks.memory };
    const shared = { shape, memory: memory.memory, anchors: start?.anchors ?? [] };
    await crew.all((thread) => ({ do: 'openDagger', options, ...place, thread, ...shared }));
    return new DaggerTrainer(config, crew, blocks, memory);
  }

  async iterate(): Promise<Metrics> {
    const { memory, state, config, crew } = this;
    const { R } = memory.shape;
    const { actor } = await this.networks();
    const flight: Flight = { actor: state.iteration === 0 ? null : actor, slot: state.iteration % R };
    this.blocks.begin();
    await crew.all(() => ({ do: 'demonstrate', flight }));
    const learningRate = learningRateAt(state.steps, config.learn);
    const rollouts = Math.min(R, state.iteration + 1);
    const stats = await crew.ask(0, { do: 'imitate', config: config.learn, learningRate, rollouts });
    this.spread(stats);
    state.iteration++;
    state.steps += memory.each;
    return { ...state, ...endedEpisodes(memory.ends), imitationLoss: stats.loss, learningRate };
  }

  async networks(): Promise<Pick<Networks, 'actor' | 'logStd'>> {
    const { actor } = this.memory;
    return { actor: actor.mlp(), logStd: actor.weights.at(-1)!.slice() };
  }

  async save(): Promise<Checkpoint<TrainerState>> {
    const { memory, state } = this;
    const { R, O, A } = memory.shape;
    const samples = Math.min(R, state.iteration) * memory.each;
    const arrays = {
      ...numbered('actor', memory.actor.state()),
      draws: memory.draws.slice(),
      obs: memory.obs.slice(0, samples * O),
      actions: memory.actions.slice(0, samples * A),
      envs: this.blocks.save(),
    };
    return { state: { ...state }, arrays };
  }

  async restore({ state, arrays }: Checkpoint<TrainerState>): Promise<void> {
    const { memory } = this;
    Object.assign(this.state, state);
    memory.actor.restore(allNumbered('actor', arrays));
    memory.draws.set(arrays.draws.subarray(0, RNG_WORDS));
    memory.obs.set(arrays.obs);
    memory.actions.set(arrays.actions);
    this.blocks.restore(arrays.envs as Uint8Array);
  }

  dispose(): void {}

  /** A Gaussian around the policy's action is likeliest to give the expert's with this spread. */
  private spread({ squares }: ImitationStats): void {
    const logStd = this.memory.actor.weights.at(-1)!;
    squares.forEach((square, a) => {
      logStd[a] = Math.log(Math.max(LEAST_STD, Math.sqrt(square)));
    });
  }
}
