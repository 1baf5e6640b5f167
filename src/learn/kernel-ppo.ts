import type { Anchor } from '../../policies/ewc.ts';
import { allNumbered, numbered, type SavedArrays } from './checkpoint.ts';
import { gaussianEntropy } from './clipped-objective.ts';
import type { LearnConfig } from './config.ts';
import type { Crew } from './crew.ts';
import type { Learner, Orders, UpdateStats } from './learner.ts';
import type { LearningMemory, LearningShape } from './learning-memory.ts';
import type { Networks } from './networks.ts';
import { explainedVariance } from './statistics.ts';

/**
 * Proximal policy optimisation by the compiled kernels: one thread of the crew updates the actor while another updates
 * the critic. The two share nothing but the rollout, so no thread waits for another within an update, and the result
 * is the same bytes however many threads there are.
 *
 * @see Schulman et al. 2017, https://arxiv.org/abs/1707.06347
 */
export class KernelPpo implements Learner {
  private readonly config: LearnConfig;
  private readonly crew: Crew;
  private readonly memory: LearningMemory;

  private constructor(config: LearnConfig, crew: Crew, memory: LearningMemory) {
    this.config = config;
    this.crew = crew;
    this.memory = memory;
  }

  /**
   * @param memory that the crew will share; `shape` is what it was laid out by
   * @param anchors what EWC holds the actor by
   */
  static async open(
    networks: Networks,
    config: LearnConfig,
    crew: Crew,
    memory: LearningMemory,
    shape: LearningShape,
    orders: Orders,
    anchors: Anchor[] = [],
  ): Promise<KernelPpo> {
    memory.actor.load(networks.actor, networks.logStd);
    memory.critic.load(networks.critic);
    memory.shuffles.actor.set(orders.actor.state);
    memory.shuffles.critic.set(orders.critic.state);
    const threads = [0, 1].slice(0, crew.size);
    await Promise.all(threads.map((k) => crew.ask(k, { do: 'openMemory', shape, memory: memory.memory, anchors })));
    return new KernelPpo(config, crew, memory);
  }

  async update(learningRate: number, actorRate = learningRate): Promise<UpdateStats> {
    const { config, crew, memory } = this;
    const { returns, values } = memory.rollout;
    const updating = [
      crew.ask(0, { do: 'updateActor', config, learningRate: actorRate }),
      crew.ask(crew.size > 1 ? 1 : 0, { do: 'updateCritic', config, learningRate }),
    ] as const;
    const explained = explainedVariance(returns, values);
    const [actor, critic] = await Promise.all(updating);
    return { ...actor, ...critic, entropy: gaussianEntropy(this.logStd), explainedVariance: explained };
  }

  async networks(): Promise<Networks> {
    const { actor, critic } = this.memory;
    return { actor: actor.mlp(), critic: critic.mlp(), logStd: this.logStd.slice() };
  }

  async save(): Promise<SavedArrays> {
    const { actor, critic, shuffles } = this.memory;
    return {
      ...numbered('actor', actor.state()),
      ...numbered('critic', critic.state()),
      'order.actor': shuffles.actor.slice(),
      'order.critic': shuffles.critic.slice(),
    };
  }

  restore(saved: SavedArrays): void {
    const { actor, critic, shuffles } = this.memory;
    actor.restore(allNumbered('actor', saved));
    critic.restore(allNumbered('critic', saved));
    shuffles.actor.set(saved['order.actor']);
    shuffles.critic.set(saved['order.critic']);
  }

  dispose(): void {}

  private get logStd(): Float32Array {
    return this.memory.actor.weights.at(-1)!;
  }
}
