import * as tf from '@tensorflow/tfjs';
import type { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import { denseStack } from '../../policies/dense-stack.ts';
import { type Mlp, mlpFromWeights, mlpWeights } from '../../policies/mlp.ts';
import { allNumbered, numbered, type SavedArrays } from './checkpoint.ts';
import { gaussianEntropy, type SurrogateBatch } from './clipped-objective.ts';
import type { LearnConfig } from './config.ts';
import type { Learner, Orders, UpdateStats } from './learner.ts';
import type { Networks } from './networks.ts';
import type { Rollout } from './rollout.ts';
import { explainedVariance, toUnitVariance } from './statistics.ts';
import { type SurrogateStats, surrogateLoss } from './surrogate.ts';

/**
 * Proximal policy optimisation with separate actor and critic, on whichever TF.js backend is set.
 *
 * @see Schulman et al. 2017, https://arxiv.org/abs/1707.06347
 */
export class TensorPpo implements Learner {
  private readonly config: LearnConfig;
  private readonly rollout: Rollout;
  private readonly orders: Orders;
  private readonly sizes: { actor: number[]; critic: number[] };
  private readonly actor: tf.Variable[];
  private readonly critic: tf.Variable[];
  private readonly logStd: tf.Variable<tf.Rank.R1>;
  private readonly actorAdam: Adam;
  private readonly criticAdam: Adam;

  constructor(networks: Networks, config: LearnConfig, rollout: Rollout, orders: Orders) {
    this.config = config;
    this.rollout = rollout;
    this.orders = orders;
    this.sizes = { actor: networks.actor.sizes, critic: networks.critic.sizes };
    this.actor = variables(networks.actor);
    this.critic = variables(networks.critic);
    this.logStd = tf.variable(tf.tensor1d(networks.logStd)) as tf.Variable<tf.Rank.R1>;
    this.actorAdam = new Adam([...this.actor, this.logStd]);
    this.criticAdam = new Adam(this.critic);
  }

  async update(learningRate: number, actorRate = learningRate): Promise<UpdateStats> {
    const { rollout, orders, config } = this;
    const batches = new Minibatches(rollout, Math.min(config.minibatch, rollout.T * rollout.N));
    const policyLosses: tf.Scalar[] = [];
    const valueLosses: tf.Scalar[] = [];
    const stats: SurrogateStats = { approxKl: [], clipFraction: [] };
    const steps = this.inMinibatches(batches.size, orders.actor, (order, first) => {
      batches.gatherActor(order, first);
      policyLosses.push(this.stepActor(batches, stats, actorRate));
    });
    this.inMinibatches(batches.size, orders.critic, (order, first) => {
      batches.gatherCritic(order, first);
      valueLosses.push(this.stepCritic(batches, learningRate));
    });
    return {
      policyLoss: await meanOf(policyLosses),
      valueLoss: await meanOf(valueLosses),
      approxKl: await meanOf(stats.approxKl, steps / config.epochs),
      clipFraction: await meanOf(stats.clipFraction),
      entropy: gaussianEntropy(await this.logStd.data()),
      explainedVariance: explainedVariance(rollout.returns, rollout.values),
    };
  }

  private inMinibatches(size: number, rng: Rng, learn: (order: Uint32Array, first: number) => void): number {
    const { T, N } = this.rollout;
    const order = Uint32Array.from({ length: T * N }, (_, i) => i);
    const each = Math.floor(order.length / size);
    for (let epoch = 0; epoch < this.config.epochs; epoch++) {
      rng.shuffle(order);
      for (let k = 0; k < each; k++) learn(order, k * size);
    }
    return this.config.epochs * each;
  }

  private stepActor(batch: Minibatches, stats: SurrogateStats, learningRate: number): tf.Scalar {
    const { clip, entropyCoef, maxGradNorm } = this.config;
    return tf.tidy(() => {
      const obs = tf.tensor2d(batch.obs, [batch.size, this.sizes.actor[0]]);
      const { value, grads } = tf.variableGrads(
        () => surrogateLoss(denseStack(obs, this.actor), this.logStd, batch, clip, entropyCoef, stats),
        [...this.actor, this.logStd],
      );
      this.actorAdam.step(
        [...this.actor, this.logStd].map((v) => grads[v.name]),
        learningRate,
        maxGradNorm,
      );
      return value;
    });
  }

  private stepCritic(batch: Minibatches, learningRate: number): tf.Scalar {
    return tf.tidy(() => {
      const obs = tf.tensor2d(batch.criticObs, [batch.size, this.sizes.critic[0]]);
      const returns = tf.tensor2d(batch.returns, [batch.size, 1]);
      const { value, grads } = tf.variableGrads(
        () => denseStack(obs, this.critic).sub(returns).square().mean().mul(0.5).asScalar(),
        this.critic,
      );
      this.criticAdam.step(
        this.critic.map((v) => grads[v.name]),
        learningRate,
        this.config.maxGradNorm,
      );
      return value;
    });
  }

  /** A copy of the networks as they are now. */
  async networks(): Promise<Networks> {
    return {
      actor: mlpFromWeights(this.sizes.actor, await Promise.all(this.actor.map(floats))),
      critic: mlpFromWeights(this.sizes.critic, await Promise.all(this.critic.map(floats))),
      logStd: await floats(this.logStd),
    };
  }

  /** Frees the tensors; the object is of no use afterwards. */
  dispose(): void {
    tf.dispose([...this.actor, ...this.critic, this.logStd]);
    this.actorAdam.dispose();
    this.criticAdam.dispose();
  }

  async save(): Promise<SavedArrays> {
    const { actor, critic, logStd } = await this.networks();
    return {
      ...numbered('actor', [...mlpWeights(actor), logStd]),
      ...numbered('critic', mlpWeights(critic)),
      ...numbered('actorAdam', await this.actorAdam.stateAsync()),
      ...numbered('criticAdam', await this.criticAdam.stateAsync()),
      'order.actor': this.orders.actor.state.slice(),
      'order.critic': this.orders.critic.state.slice(),
    };
  }

  restore(saved: SavedArrays): void {
    const assign = (variables: tf.Variable[], prefix: string) =>
      allNumbered<Float32Array>(prefix, saved).forEach((array, i) => {
        tf.tidy(() => variables[i].assign(tf.tensor(array, variables[i].shape)));
      });
    assign([...this.actor, this.logStd], 'actor');
    assign(this.critic, 'critic');
    this.actorAdam.restore(allNumbered('actorAdam', saved));
    this.criticAdam.restore(allNumbered('criticAdam', saved));
    this.orders.actor.state.set(saved['order.actor']);
    this.orders.critic.state.set(saved['order.critic']);
  }
}

/** One minibatch at a time, gathered into arrays that are used again. */
class Minibatches implements SurrogateBatch {
  readonly size: number;
  readonly obs: Float32Array;
  readonly criticObs: Float32Array;
  readonly actions: Float32Array;
  readonly logProbs: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
  private readonly rollout: Rollout;
  private readonly unitAdvantages: Float32Array;

  constructor(rollout: Rollout, size: number) {
    const { O, P, A } = rollout.shape;
    this.rollout = rollout;
    this.unitAdvantages = toUnitVariance(rollout.advantages);
    this.size = size;
    this.obs = new Float32Array(size * O);
    this.criticObs = new Float32Array(size * (O + P));
    this.actions = new Float32Array(size * A);
    this.logProbs = new Float32Array(size);
    this.advantages = new Float32Array(size);
    this.returns = new Float32Array(size);
  }

  /** Takes rows `order[first]`, `order[first + 1]`, … of what the actor learns from. */
  gatherActor(order: Uint32Array, first: number): void {
    const { rollout } = this;
    const { O, A } = rollout.shape;
    for (let b = 0; b < this.size; b++) {
      const row = order[first + b];
      copyRow(rollout.obs, row, this.obs, b, O);
      copyRow(rollout.actions, row, this.actions, b, A);
      this.logProbs[b] = rollout.logProbs[row];
      this.advantages[b] = this.unitAdvantages[row];
    }
  }

  /** The same of what the critic learns from. */
  gatherCritic(order: Uint32Array, first: number): void {
    const { rollout } = this;
    const { O, P } = rollout.shape;
    for (let b = 0; b < this.size; b++) {
      const row = order[first + b];
      copyRow(rollout.criticObs, row, this.criticObs, b, O + P);
      this.returns[b] = rollout.returns[row];
    }
  }
}

function copyRow(from: Float32Array, row: number, to: Float32Array, at: number, width: number): void {
  const start = row * width;
  const target = at * width;
  for (let k = 0; k < width; k++) to[target + k] = from[start + k];
}

function variables(mlp: Mlp): tf.Variable[] {
  return mlpWeights(mlp).map((array, i) => {
    const l = i >> 1;
    const shape = i % 2 ? [mlp.sizes[l + 1]] : [mlp.sizes[l], mlp.sizes[l + 1]];
    return tf.variable(tf.tensor(array, shape));
  });
}

/** Values are read without blocking: some backends, WebGPU among them, have no other way. */
async function floats(variable: tf.Variable): Promise<Float32Array> {
  return Float32Array.from(await variable.data());
}

/** Mean of the last `count` scalars, or of all; disposes all. */
async function meanOf(scalars: tf.Scalar[], count = scalars.length): Promise<number> {
  const mean = tf.tidy(() => tf.stack(scalars.slice(-count)).mean());
  const [value] = await mean.data();
  tf.dispose([mean, ...scalars]);
  return value;
}
