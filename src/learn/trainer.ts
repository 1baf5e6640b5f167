import { Rng } from '../../envs/rng.ts';
import type { VectorEnvOptions } from '../../envs/vector-env.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import { kernelBytes, sharedKernelBytes } from '../backend/kernels.ts';
import { allNumbered, type Checkpoint, numbered } from './checkpoint.ts';
import { Collector, type SharedRollout } from './collector.ts';
import type { RunConfig } from './config.ts';
import type { Crew } from './crew.ts';
import { KernelPpo } from './kernel-ppo.ts';
import type { Learner, UpdateStats } from './learner.ts';
import { LearningMemory, sharedMemory } from './learning-memory.ts';
import { type Networks, networkSizes, newNetworks } from './networks.ts';
import type { WarmStart } from './warm-start.ts';
import { Rollout, type RolloutShape, rolloutBytes } from './rollout.ts';

/** One line of metrics.jsonl: what one iteration of collecting and learning did. Holds no wall-clock time. */
export interface Metrics extends UpdateStats {
  iteration: number;
  /** Environment steps so far. */
  steps: number;
  /** Episodes that ended in this iteration, the share that succeeded, mean return and mean length [control steps]. */
  episodes: number;
  success: number | null;
  return: number | null;
  episodeLength: number | null;
  learningRate: number;
}

/** What the trainer itself has to remember between iterations. */
export interface TrainerState {
  iteration: number;
  steps: number;
}

const STREAM = { weights: 0x20000000, actorOrder: 0x20000001, criticOrder: 0x20000002 };

/** PPO on one run's environments, an iteration at a time; can be saved and put back bit for bit. */
export class Trainer {
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
  ): Promise<Trainer> {
    const { learn } = config;
    const sizes = networkSizes(shape, learn.hidden);
    const { learner, shared } = await openLearner(config, shape, crew, start);
    const { gamma, gaeLambda } = learn;
    const networks = { actorSizes: sizes.actor, criticSizes: sizes.critic, kernelBytes: kernelBytes() };
    const collector = await Collector.open({ env, normaliser, gamma, gaeLambda, ...networks }, crew, shared);
    return new Trainer(config, collector, learner, shared.rollout);
  }

  /** Collects one rollout and learns from it. */
  async iterate(): Promise<Metrics> {
    const { rollout, learner } = this;
    await this.collector.collect(await learner.networks());
    const learningRate = this.learningRate();
    const warming = this.state.steps < this.config.learn.criticWarmupSteps;
    const stats = await learner.update(learningRate, warming ? 0 : learningRate);
    this.state.iteration++;
    this.state.steps += rollout.T * rollout.N;
    return { ...this.state, ...endedEpisodes(rollout), ...stats, learningRate };
  }

  networks(): Promise<Networks> {
    return this.learner.networks();
  }

  /** Falls linearly with the steps made, down to its end. */
  private learningRate(): number {
    const { learningRate, learningRateEnd, learningRateSteps } = this.config.learn;
    const done = Math.min(1, this.state.steps / learningRateSteps);
    return learningRate + done * (learningRateEnd - learningRate);
  }

  /** Everything that decides how the run goes on. */
  async save(): Promise<Checkpoint<TrainerState>> {
    const shards = await this.collector.snapshot();
    const arrays = {
      ...(await this.learner.save()),
      ...numbered(
        'env',
        shards.map(({ env }) => env),
      ),
      ...numbered(
        'noise',
        shards.map(({ noise }) => noise),
      ),
    };
    return { state: { ...this.state }, arrays };
  }

  /** Goes on from a checkpoint of the same run. */
  async restore({ state, arrays }: Checkpoint<TrainerState>): Promise<void> {
    Object.assign(this.state, state);
    this.learner.restore(arrays);
    const noise = allNumbered<Uint32Array>('noise', arrays);
    await this.collector.restore(allNumbered<Uint8Array>('env', arrays).map((env, k) => ({ env, noise: noise[k] })));
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

/** Episodes that ended during the rollout. */
function endedEpisodes(rollout: Rollout): Pick<Metrics, 'episodes' | 'success' | 'return' | 'episodeLength'> {
  let episodes = 0;
  let success = 0;
  let returns = 0;
  let length = 0;
  for (let i = 0; i < rollout.T * rollout.N; i++) {
    if (!rollout.terminated[i] && !rollout.truncated[i]) continue;
    episodes++;
    success += rollout.success[i];
    returns += rollout.episodeReturns[i];
    length += rollout.episodeLengths[i];
  }
  const mean = (sum: number) => (episodes > 0 ? sum / episodes : null);
  return { episodes, success: mean(success), return: mean(returns), episodeLength: mean(length) };
}
