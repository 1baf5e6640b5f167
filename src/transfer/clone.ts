import * as tf from '@tensorflow/tfjs';
import { ACTION_SIZE } from '../../envs/actions.ts';
import { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import type { CommandMap, Contract } from '../../policies/contract.ts';
import { denseStack } from '../../policies/dense-stack.ts';
import { type Mlp, mlpFromWeights, mlpWeights } from '../../policies/mlp.ts';
import { flightErrors, loggedActions } from './errors.ts';
import { type Anchor, type AnchorTensors, anchorTensors, disposeAnchor, ewcPenalty, ewcPenaltyOf } from './ewc.ts';
import type { FlightSamples } from './samples.ts';
import { flyAlong } from './self-fed.ts';
import { stepScales } from './step-scales.ts';

/** How fine-tuning learns. */
export interface CloneSettings {
  epochs: number;
  batch: number;
  /** With more samples than twice this an epoch takes only every second, third, … one: neighbours at 100 Hz tell the same. */
  samplesPerEpoch: number;
  /** Falls linearly to a tenth of it. */
  learningRate: number;
  /** Weight of EWC's penalty; 0 is plain behaviour cloning. */
  ewcLambda: number;
  /** States of the source task in each batch, with the source policy's actions, per logged sample. */
  rehearsal: number;
  seed: number;
}

/** States of the source task and what the source policy does there. */
export interface SourceStates {
  /** Normalised, `[n, O]`. */
  obs: Float32Array;
  /** `[n, 4]` */
  actions: Float32Array;
  n: number;
}

/** What one epoch did. */
export interface EpochMetrics {
  epoch: number;
  /** Mean loss of cloning [nats per sample, less a constant]. */
  cloneLoss: number;
  /** EWC's penalty with its λ. */
  ewcPenalty: number;
  /**
   * Action error on the validation flights (the training flights where there are none), self-fed: the geometric mean
   * over flights, so that one flight unlike all others does not decide.
   */
  validationMse: number;
  learningRate: number;
}

/** A policy that learnt from flights. */
export interface Cloned {
  actor: Mlp;
  /** The epoch whose weights these are, see `stopEpoch`; 0 is before the first. */
  bestEpoch: number;
  metrics: EpochMetrics[];
}

export interface CloneTask {
  contract: Contract;
  /** Map that the logged commands are understood with. */
  map: CommandMap;
  train: FlightSamples[];
  /** Choose the epoch; empty: the last one is taken. */
  validation: FlightSamples[];
  anchor: Anchor | null;
  source: SourceStates | null;
  /** End after this epoch; the learning rate still falls as it would over all of them. */
  stopAfter?: number;
}

const STREAM = 0x41000000;
/** Weights are averaged over about so many epochs: it takes out the noise of the last batches. */
const AVERAGED_EPOCHS = 5;
/** A few validation flights tell when learning goes wrong, not the best epoch: longer was better on held-out flights. */
const TOLERANCE = 0.15;

/**
 * Behaviour cloning with elastic weight consolidation, self-fed.
 *
 * Each epoch the policy first flies along the training flights, so that the past actions it learns to build on are its
 * own. The loss is the negative log-likelihood of the logged actions under the policy's own spread, so that it adds up
 * with a penalty made of Fisher information; the spread itself stays.
 *
 * @param onEpoch told after each epoch; may throw to stop
 */
export async function cloneFlights(
  start: Mlp,
  task: CloneTask,
  settings: CloneSettings,
  onEpoch: (metrics: EpochMetrics) => void | Promise<void> = () => {},
): Promise<Cloned> {
  const learner = new Learner(start, task, settings);
  try {
    return await learner.run(onEpoch);
  } finally {
    learner.dispose();
  }
}

class Learner {
  private readonly task: CloneTask;
  private readonly settings: CloneSettings;
  private readonly sizes: number[];
  /** How far each weight is from where it started, in units of its scale. */
  private readonly variables: tf.Variable[];
  private readonly start: tf.Tensor[];
  private readonly scales: tf.Tensor[];
  private readonly adam: Adam;
  private readonly anchor: AnchorTensors | null;
  private readonly precision: tf.Tensor1D;
  private readonly targets: Float32Array;
  private readonly rng: Rng;
  private epochs = 0;
  /** The average of recent weights: what is judged and kept. */
  private actor: Mlp;
  /** The weights that learning is at. */
  private latest: Mlp;

  constructor(start: Mlp, task: CloneTask, settings: CloneSettings) {
    this.task = task;
    this.settings = settings;
    this.sizes = start.sizes;
    this.actor = start;
    this.latest = start;
    const shapes = start.sizes.slice(1).flatMap((out, l) => [[start.sizes[l], out], [out]]);
    this.targets = loggedActions(task.contract, task.map, task.train);
    const { obs } = flyAlong(task.contract, start, task.train, this.targets);
    const anchored = settings.ewcLambda + (task.source ? settings.rehearsal : 0);
    const scales = stepScales(
      start,
      task.contract.action.std,
      obs,
      task.anchor && { fisher: task.anchor.fisher, weight: anchored },
    );
    this.start = mlpWeights(start).map((array, i) => tf.tensor(array.slice(), shapes[i]));
    this.scales = scales.map((array, i) => tf.tensor(array, shapes[i]));
    this.variables = shapes.map((shape) => tf.tidy(() => tf.variable(tf.zeros(shape))));
    this.adam = new Adam(this.variables);
    this.anchor = task.anchor && settings.ewcLambda > 0 ? anchorTensors(task.anchor, shapes) : null;
    this.precision = tf.tensor1d(task.contract.action.std.map((std) => 1 / (2 * std * std)));
    this.rng = new Rng(settings.seed, STREAM);
  }

  async run(onEpoch: (metrics: EpochMetrics) => void | Promise<void>): Promise<Cloned> {
    const { epochs } = this.settings;
    const end = Math.min(epochs, this.task.stopAfter ?? epochs);
    const chooses = this.task.validation.length > 0;
    const errors = [chooses ? this.validate() : Number.POSITIVE_INFINITY];
    const actors = [this.actor];
    const metrics: EpochMetrics[] = [];
    for (let epoch = 1; epoch <= end; epoch++) {
      const learningRate = this.settings.learningRate * (1 - (0.9 * (epoch - 1)) / epochs);
      const cloneLoss = await this.epoch(learningRate);
      errors.push(this.validate());
      actors.push(this.actor);
      metrics.push({ epoch, cloneLoss, ewcPenalty: this.penalty(), validationMse: errors[epoch], learningRate });
      await onEpoch(metrics[metrics.length - 1]);
    }
    const chosen = chooses ? stopEpoch(errors) : end;
    return { actor: actors[chosen], bestEpoch: chosen, metrics };
  }

  private validate(): number {
    const { contract, map, train, validation } = this.task;
    const flights = validation.length > 0 ? validation : train;
    const logs = flightErrors(contract, this.actor, map, flights).map(Math.log);
    return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
  }

  private penalty(): number {
    const { anchor } = this.task;
    return anchor ? ewcPenaltyOf(mlpWeights(this.actor), anchor, this.settings.ewcLambda) : 0;
  }

  private async epoch(learningRate: number): Promise<number> {
    const { obs } = flyAlong(this.task.contract, this.latest, this.task.train);
    const stride = Math.max(1, Math.floor(this.targets.length / ACTION_SIZE / this.settings.samplesPerEpoch));
    const first = this.rng.below(stride);
    const n = Math.max(1, Math.floor((this.targets.length / ACTION_SIZE - first) / stride));
    const batch = Math.min(this.settings.batch, n);
    const order = Uint32Array.from({ length: n }, (_, i) => first + i * stride);
    this.rng.shuffle(order);
    const losses: tf.Scalar[] = [];
    for (let at = 0; at + batch <= n; at += batch)
      losses.push(this.step(obs, order.subarray(at, at + batch), learningRate));
    const mean = tf.tidy(() => tf.addN(losses).div(losses.length));
    const [loss] = await mean.data();
    tf.dispose([mean, ...losses]);
    const weights = tf.tidy(() => this.weights());
    const arrays = await Promise.all(weights.map((weight) => weight.data()));
    tf.dispose(weights);
    this.latest = mlpFromWeights(
      this.sizes,
      arrays.map((array) => Float32Array.from(array as Float32Array)),
    );
    this.epochs++;
    this.actor = averaged(this.actor, this.latest, Math.max(1 / AVERAGED_EPOCHS, 1 / this.epochs));
    return loss;
  }

  /** One step of Adam down cloning loss, rehearsal and penalty; returns the cloning loss. */
  private step(obs: Float32Array, rows: Uint32Array, learningRate: number): tf.Scalar {
    const { source } = this.task;
    const { rehearsal, ewcLambda } = this.settings;
    const logged = tensors(obs, this.targets, rows, this.sizes[0]);
    const share = source ? Math.round(rehearsal * rows.length) : 0;
    const drawn = Uint32Array.from({ length: share }, () => this.rng.below(source!.n));
    const rehearsed = share > 0 ? tensors(source!.obs, source!.actions, drawn, this.sizes[0]) : null;
    let cloneLoss: tf.Scalar | null = null;
    const { value, grads } = tf.variableGrads(() => {
      const weights = this.weights();
      const loss = this.nll(logged, weights);
      cloneLoss = tf.keep(loss.clone());
      const terms: tf.Scalar[] = [loss];
      if (rehearsed) terms.push(this.nll(rehearsed, weights).mul(rehearsal) as tf.Scalar);
      if (this.anchor) terms.push(ewcPenalty(weights, this.anchor, ewcLambda));
      return tf.addN(terms) as tf.Scalar;
    }, this.variables);
    this.adam.step(
      this.variables.map((variable) => grads[variable.name]),
      learningRate,
    );
    tf.dispose([value, ...Object.values(grads), ...logged, ...(rehearsed ?? [])]);
    return cloneLoss!;
  }

  /** The weights as the policy has them, differentiable. */
  private weights(): tf.Tensor[] {
    return this.variables.map((variable, i) => variable.mul(this.scales[i]).add(this.start[i]));
  }

  /** Negative log-likelihood of actions under the policy's Gaussian, less its constant, a mean over samples. */
  private nll([x, actions]: [tf.Tensor2D, tf.Tensor2D], weights: tf.Tensor[]): tf.Scalar {
    return denseStack(x, weights).sub(actions).square().mul(this.precision).sum(1).mean() as tf.Scalar;
  }

  dispose(): void {
    this.adam.dispose();
    tf.dispose([...this.variables, ...this.start, ...this.scales, this.precision]);
    if (this.anchor) disposeAnchor(this.anchor);
  }
}

/** The last epoch whose error is not clearly worse than the best one's. */
export function stopEpoch(errors: number[]): number {
  const bound = Math.min(...errors) * (1 + TOLERANCE);
  return errors.findLastIndex((error) => error <= bound);
}

function averaged(old: Mlp, latest: Mlp, share: number): Mlp {
  const [a, b] = [mlpWeights(old), mlpWeights(latest)];
  return mlpFromWeights(
    old.sizes,
    a.map((array, i) => array.map((x, k) => x + share * (b[i][k] - x))),
  );
}

/** The chosen rows of observations and actions. */
function tensors(obs: Float32Array, actions: Float32Array, rows: Uint32Array, O: number): [tf.Tensor2D, tf.Tensor2D] {
  const x = new Float32Array(rows.length * O);
  const y = new Float32Array(rows.length * ACTION_SIZE);
  rows.forEach((row, i) => {
    x.set(obs.subarray(row * O, (row + 1) * O), i * O);
    y.set(actions.subarray(row * ACTION_SIZE, (row + 1) * ACTION_SIZE), i * ACTION_SIZE);
  });
  return [tf.tensor2d(x, [rows.length, O]), tf.tensor2d(y, [rows.length, ACTION_SIZE])];
}
