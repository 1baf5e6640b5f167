import * as tf from '@tensorflow/tfjs';
import type { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import { denseStack } from '../../policies/dense-stack.ts';
import { type Mlp, mlpFromWeights, mlpWeights } from '../../policies/mlp.ts';
import type { LearnConfig } from './config.ts';
import type { Rollout } from './rollout.ts';
import { type SurrogateBatch, type SurrogateStats, surrogateLoss } from './surrogate.ts';

/** What one update reports; names as the field plots them. */
export interface UpdateStats {
  policyLoss: number;
  valueLoss: number;
  /** Divergence from the policy that collected the rollout, over the last epoch. */
  approxKl: number;
  clipFraction: number;
  /** Of the Gaussian policy, in nats. */
  entropy: number;
  /** 1 − Var(returns − values) / Var(returns), before the update: 1 is a perfect critic, 0 one that knows nothing. */
  explainedVariance: number;
}

/** The networks being learnt, as plain arrays. */
export interface Networks {
  actor: Mlp;
  critic: Mlp;
  /** Logarithm of the policy's standard deviation, `[A]`, the same in every state. */
  logStd: Float32Array;
}

/**
 * Proximal policy optimisation with separate actor and critic, on whichever TF.js backend is set.
 *
 * @see Schulman et al. 2017, https://arxiv.org/abs/1707.06347
 */
export class Ppo {
  private readonly config: LearnConfig;
  private readonly sizes: { actor: number[]; critic: number[] };
  private readonly actor: tf.Variable[];
  private readonly critic: tf.Variable[];
  private readonly logStd: tf.Variable<tf.Rank.R1>;
  private readonly actorAdam: Adam;
  private readonly criticAdam: Adam;

  constructor(networks: Networks, config: LearnConfig) {
    this.config = config;
    this.sizes = { actor: networks.actor.sizes, critic: networks.critic.sizes };
    this.actor = variables(networks.actor);
    this.critic = variables(networks.critic);
    this.logStd = tf.variable(tf.tensor1d(networks.logStd)) as tf.Variable<tf.Rank.R1>;
    this.actorAdam = new Adam([...this.actor, this.logStd]);
    this.criticAdam = new Adam(this.critic);
  }

  /**
   * Improves the networks on one rollout: `epochs` passes in random minibatches.
   *
   * @param advantages `[T, N]`; normalised here over the whole rollout
   * @param rng draws the order of the samples
   * @param learningRate of both networks, for this update
   */
  async update(rollout: Rollout, advantages: Float32Array, rng: Rng, learningRate: number): Promise<UpdateStats> {
    const { epochs, minibatch } = this.config;
    const samples = rollout.T * rollout.N;
    const returns = Float32Array.from(advantages, (advantage, i) => advantage + rollout.values[i]);
    const batches = new Minibatches(rollout, normalised(advantages), returns, Math.min(minibatch, samples));
    const order = Uint32Array.from({ length: samples }, (_, i) => i);
    const policyLosses: tf.Scalar[] = [];
    const valueLosses: tf.Scalar[] = [];
    let kl = 0;
    let clipFraction = 0;
    const batchesAnEpoch = Math.floor(samples / batches.size);
    for (let epoch = 0; epoch < epochs; epoch++) {
      rng.shuffle(order);
      for (let k = 0; k < batchesAnEpoch; k++) {
        batches.gather(order, k * batches.size);
        const stats: SurrogateStats = { approxKl: 0, clipFraction: 0 };
        policyLosses.push(this.stepActor(batches, stats, learningRate));
        valueLosses.push(this.stepCritic(batches, learningRate));
        if (epoch === epochs - 1) kl += stats.approxKl / batchesAnEpoch;
        clipFraction += stats.clipFraction;
      }
    }
    const steps = epochs * batchesAnEpoch;
    return {
      policyLoss: await meanOf(policyLosses),
      valueLoss: await meanOf(valueLosses),
      approxKl: kl,
      clipFraction: clipFraction / steps,
      entropy: gaussianEntropy(await this.logStd.data()),
      explainedVariance: explainedVariance(returns, rollout.values),
    };
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

  /** The optimisers' state, for a checkpoint. */
  async optimiserState(): Promise<Float32Array[]> {
    return [...(await this.actorAdam.stateAsync()), ...(await this.criticAdam.stateAsync())];
  }

  /** Puts back what {@link optimiserState} gave. */
  restoreOptimiser(state: Float32Array[]): void {
    const actorArrays = 1 + 2 * (this.actor.length + 1); // the step count, then both moments of each variable
    this.actorAdam.restore(state.slice(0, actorArrays));
    this.criticAdam.restore(state.slice(actorArrays));
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
  private readonly allAdvantages: Float32Array;
  private readonly allReturns: Float32Array;

  constructor(rollout: Rollout, advantages: Float32Array, returns: Float32Array, size: number) {
    const { O, P, A } = rollout.shape;
    this.rollout = rollout;
    this.allAdvantages = advantages;
    this.allReturns = returns;
    this.size = size;
    this.obs = new Float32Array(size * O);
    this.criticObs = new Float32Array(size * (O + P));
    this.actions = new Float32Array(size * A);
    this.logProbs = new Float32Array(size);
    this.advantages = new Float32Array(size);
    this.returns = new Float32Array(size);
  }

  /** Takes rows `order[first]`, `order[first + 1]`, … */
  gather(order: Uint32Array, first: number): void {
    const { rollout } = this;
    const { O, P, A } = rollout.shape;
    for (let b = 0; b < this.size; b++) {
      const row = order[first + b];
      copyRow(rollout.obs, row, this.obs, b, O);
      copyRow(rollout.criticObs, row, this.criticObs, b, O + P);
      copyRow(rollout.actions, row, this.actions, b, A);
      this.logProbs[b] = rollout.logProbs[row];
      this.advantages[b] = this.allAdvantages[row];
      this.returns[b] = this.allReturns[row];
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

async function meanOf(scalars: tf.Scalar[]): Promise<number> {
  const mean = tf.tidy(() => tf.stack(scalars).mean());
  const [value] = await mean.data();
  tf.dispose([mean, ...scalars]);
  return value;
}

/** To zero mean and unit variance, as is usual for PPO. */
function normalised(values: Float32Array): Float32Array {
  const { mean, variance } = moments(values);
  const scale = 1 / (Math.sqrt(variance) + 1e-8);
  return Float32Array.from(values, (x) => (x - mean) * scale);
}

function moments(values: Float32Array): { mean: number; variance: number } {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i] / values.length;
  let variance = 0;
  for (let i = 0; i < values.length; i++) variance += (values[i] - mean) ** 2 / values.length;
  return { mean, variance };
}

function explainedVariance(returns: Float32Array, values: Float32Array): number {
  const { variance } = moments(returns);
  if (variance === 0) return 0;
  return 1 - moments(returns.map((r, i) => r - values[i])).variance / variance;
}

/** Differential entropy of a diagonal Gaussian [nats]. */
export function gaussianEntropy(logStd: ArrayLike<number>): number {
  let entropy = 0;
  for (let a = 0; a < logStd.length; a++) entropy += logStd[a] + 0.5 * (1 + Math.log(2 * Math.PI));
  return entropy;
}
