import { Rng } from '../../envs/rng.ts';
import type { VectorEnvOptions } from '../../envs/vector-env.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import { kernelBytes, sharedKernelBytes } from '../backend/kernels.ts';
import type { Checkpoint } from './checkpoint.ts';
import { Collector, type SharedRollout } from './collector.ts';
import type { RunConfig } from './config.ts';
import type { Crew } from './crew.ts';
import { KernelPpo } from './kernel-ppo.ts';
import type { Learner } from './learner.ts';
import { LearningMemory, sharedMemory } from './learning-memory.ts';
import { type Networks, networkSizes, newNetworks } from './networks.ts';
import type { WarmStart } from './warm-start.ts';
import { Rollout, type RolloutShape, rolloutBytes } from './rollout.ts';
import { endedEpisodes, learningRateAt, type Metrics, type Trainer, type TrainerState } from './trainer.ts';

const STREAM = { weights: 0x20000000, actorOrder: 0x20000001, criticOrder: 0x20000002 };

/** PPO on one run's environments. */
export class PpoTrainer implements Trainer {
  readonly state: TrainerState = { iteration: 0, steps: 0 };
  private readonly config: RunConfig;
  private readonly collector: Collector;
  private readonly learner: Learner;
  private readonly rollout: Rollout;

  private constructor(config: RunConfig, collector: Collector, learner: Learner, rollout: Rollout) {
    this.config = config;
    this.collector = collector;
    this.learner = learner;
    this.rollout = rollout;
  }

  /**
   * @param shape of one rollout, as the task and observation give it
   * @param start what the actor begins from; random weights without
   * @param crew whose threads collect, and learn where our kernels do
   */
  static async open(
    config: RunConfig,
    env: VectorEnvOptions,
    shape: RolloutShape,
    normaliser: Normaliser,
    crew: Crew,
    start: WarmStart | null = null,
  ): Promise<PpoTrainer> {
    const { learn } = config;
    const sizes = networkSizes(shape, learn.hidden);
    const { learner, shared } = await openLearner(config, shape, crew, start);
    const { gamma, gaeLambda } = learn;
    const networks = { actorSizes: sizes.actor, criticSizes: sizes.critic, kernelBytes: kernelBytes() };
    const collector = await Collector.open({ env, normaliser, gamma, gaeLambda, ...networks }, crew, shared);
    return new PpoTrainer(config, collector, learner, shared.rollout);
  }

  async iterate(): Promise<Metrics> {
    const { rollout, learner } = this;
    await this.collector.collect(await learner.networks());
    const learningRate = learningRateAt(this.state.steps, this.config.learn);
    const warming = this.state.steps < this.config.learn.criticWarmupSteps;
    const stats = await learner.update(learningRate, warming ? 0 : learningRate);
    this.state.iteration++;
    this.state.steps += rollout.T * rollout.N;
    return { ...this.state, ...endedEpisodes(rollout), ...stats, learningRate };
  }

  networks(): Promise<Networks> {
    return this.learner.networks();
  }

  async save(): Promise<Checkpoint<TrainerState>> {
    const arrays = { ...(await this.learner.save()), envs: this.collector.blocks.save() };
    return { state: { ...this.state }, arrays };
  }

  async restore({ state, arrays }: Checkpoint<TrainerState>): Promise<void> {
    Object.assign(this.state, state);
    this.learner.restore(arrays);
    this.collector.blocks.restore(arrays.envs as Uint8Array);
  }

  dispose(): void {
    this.learner.dispose();
  }
}

/** Our kernels learn where the run is on wasm and they are built; TF.js, loaded only then, learns elsewhere. */
async function openLearner(
  { seed, backend, learn }: RunConfig,
  shape: RolloutShape,
  crew: Crew,
  start: WarmStart | null,
): Promise<{ learner: Learner; shared: SharedRollout }> {
  const blank = newNetworks(shape, learn.hidden, learn.initialStd, new Rng(seed, STREAM.weights));
  const networks = start ? { ...blank, actor: start.actor, logStd: start.logStd } : blank;
  const orders = { actor: new Rng(seed, STREAM.actorOrder), critic: new Rng(seed, STREAM.criticOrder) };
  const kernels = sharedKernelBytes();
  if (backend === 'wasm' && kernels) {
    const layout = { rollout: shape, hidden: learn.hidden };
    const memory = new LearningMemory(layout, sharedMemory(layout), kernels);
    const learner = await KernelPpo.open(networks, learn, crew, memory, layout, orders, start?.anchors);
    const buffer = memory.memory.buffer as unknown as SharedArrayBuffer;
    return { learner, shared: { rollout: memory.rollout, buffer, offset: memory.rolloutOffset } };
  }
  const buffer = new SharedArrayBuffer(rolloutBytes(shape));
  const rollout = new Rollout(shape, buffer);
  const { TensorPpo } = await import('./tensor-ppo.ts');
  return { learner: new TensorPpo(networks, learn, rollout, orders), shared: { rollout, buffer, offset: 0 } };
}
