import { Rng } from '../../envs/rng.ts';
import type { VectorEnvOptions } from '../../envs/vector-env.ts';
import { createMlp, mlpFromWeights, mlpWeights } from '../../policies/mlp.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import { estimateAdvantages } from './advantages.ts';
import type { Checkpoint } from './checkpoint.ts';
import { Collector } from './collector.ts';
import type { RunConfig } from './config.ts';
import { type Networks, Ppo, type UpdateStats } from './ppo.ts';
import type { Rollout, RolloutShape } from './rollout.ts';

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

const STREAM = { weights: 0x20000000, order: 0x20000001 };

/** PPO on one run's environments, an iteration at a time; can be saved and put back bit for bit. */
export class Trainer {
  readonly state: TrainerState = { iteration: 0, steps: 0 };
  private readonly config: RunConfig;
  private readonly collector: Collector;
  private readonly order: Rng;
  private ppo: Ppo;
  private readonly sizes: { actor: number[]; critic: number[] };

  private constructor(config: RunConfig, collector: Collector, shape: RolloutShape) {
    const { seed, learn } = config;
    this.config = config;
    this.collector = collector;
    this.order = new Rng(seed, STREAM.order);
    this.sizes = networkSizes(shape, learn.hidden);
    this.ppo = new Ppo(initialNetworks(this.sizes, config), learn);
  }

  /** @param shape of one rollout, as the task and observation give it */
  static async open(
    config: RunConfig,
    env: VectorEnvOptions,
    shape: RolloutShape,
    normaliser: Normaliser,
    kernelBytes: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<Trainer> {
    const sizes = networkSizes(shape, config.learn.hidden);
    const options = { env, normaliser, kernelBytes, actorSizes: sizes.actor, criticSizes: sizes.critic };
    return new Trainer(config, await Collector.open(options, shape, config.workers), shape);
  }

  /** Collects one rollout and learns from it. */
  async iterate(): Promise<Metrics> {
    const { learn } = this.config;
    const rollout = await this.collector.collect(await this.ppo.networks());
    const advantages = estimateAdvantages(rollout, learn.gamma, learn.gaeLambda);
    const learningRate = this.learningRate();
    const stats = await this.ppo.update(rollout, advantages, this.order, learningRate);
    this.state.iteration++;
    this.state.steps += rollout.T * rollout.N;
    return { ...this.state, ...endedEpisodes(rollout), ...stats, learningRate };
  }

  networks(): Promise<Networks> {
    return this.ppo.networks();
  }

  /** Falls linearly with the steps made, down to its end. */
  private learningRate(): number {
    const { learningRate, learningRateEnd, learningRateSteps } = this.config.learn;
    const done = Math.min(1, this.state.steps / learningRateSteps);
    return learningRate + done * (learningRateEnd - learningRate);
  }

  /** Everything that decides how the run goes on. */
  async save(): Promise<Checkpoint<TrainerState>> {
    const { actor, critic, logStd } = await this.ppo.networks();
    const arrays: Checkpoint<TrainerState>['arrays'] = { logStd, order: this.order.state };
    mlpWeights(actor).forEach((array, i) => {
      arrays[`actor.${i}`] = array;
    });
    mlpWeights(critic).forEach((array, i) => {
      arrays[`critic.${i}`] = array;
    });
    (await this.ppo.optimiserState()).forEach((array, i) => {
      arrays[`adam.${i}`] = array;
    });
    (await this.collector.snapshot()).forEach((shard, k) => {
      arrays[`env.${k}`] = shard.env;
      arrays[`noise.${k}`] = shard.noise;
    });
    return { state: { ...this.state }, arrays };
  }

  /** Goes on from a checkpoint of the same run. */
  async restore({ state, arrays }: Checkpoint<TrainerState>): Promise<void> {
    const all = <T>(prefix: string) =>
      Object.keys(arrays)
        .filter((name) => name.startsWith(`${prefix}.`))
        .map((_, i) => arrays[`${prefix}.${i}`] as T);
    Object.assign(this.state, state);
    this.order.state.set(arrays.order);
    this.ppo.dispose();
    this.ppo = new Ppo(
      {
        actor: mlpFromWeights(this.sizes.actor, all('actor')),
        critic: mlpFromWeights(this.sizes.critic, all('critic')),
        logStd: arrays.logStd as Float32Array,
      },
      this.config.learn,
    );
    this.ppo.restoreOptimiser(all('adam'));
    const noise = all<Uint32Array>('noise');
    await this.collector.restore(all<Uint8Array>('env').map((env, k) => ({ env, noise: noise[k] })));
  }

  async close(): Promise<void> {
    await this.collector.close();
    this.ppo.dispose();
  }
}

function networkSizes({ O, P, A }: RolloutShape, hidden: number[]) {
  return { actor: [O, ...hidden, A], critic: [O + P, ...hidden, 1] };
}

function initialNetworks(sizes: { actor: number[]; critic: number[] }, { seed, learn }: RunConfig): Networks {
  const rng = new Rng(seed, STREAM.weights);
  return {
    actor: createMlp(sizes.actor, rng, 0.01),
    critic: createMlp(sizes.critic, rng),
    logStd: new Float32Array(sizes.actor.at(-1)!).fill(Math.log(learn.initialStd)),
  };
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
