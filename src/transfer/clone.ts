import { Rng } from '../../envs/rng.ts';
import type { CommandMap, Contract } from '../../policies/contract.ts';
import { type Mlp, mlpFromWeights, mlpWeights } from '../../policies/mlp.ts';
import { augmented, type Gap } from './augment.ts';
import type { CloneBatch, CloneNetwork } from './clone-network.ts';
import { dropoutMasks } from './dropout.ts';
import { type Anchor, addEwcGradient, ewcPenaltyOf, startingPoint } from '../../policies/ewc.ts';
import { flightErrors, geometricMean, loggedActions } from './errors.ts';
import { jitterScales } from './jitter.ts';
import { layerRates, parseMethod, startOf } from './method.ts';
import { Minibatches, type SourceStates } from './minibatches.ts';
import { openCloneNetwork } from './open-network.ts';
import type { FlightSamples } from './samples.ts';
import { ScaledAdam } from './scaled-adam.ts';
import { flyAlong } from './self-fed.ts';
import { stepScales } from './step-scales.ts';
import { withoutTrims } from './trims.ts';

/** How fine-tuning learns. */
export interface CloneSettings {
  /** `full`, `head` or `freeze:K`: see `parseMethod`. */
  method: string;
  /** Factor of the learning rate from each layer to the one below it, in (0, 1]. */
  layerDecay: number;
  epochs: number;
  batch: number;
  /** Samples an epoch learns from: of more only every second, third, … (neighbours at 100 Hz tell the same), fewer several times. */
  samplesPerEpoch: number;
  /** Falls linearly to a tenth of it. */
  learningRate: number;
  /** Weight of EWC's penalty; 0 is plain behaviour cloning. */
  ewcLambda: number;
  /** Weight of the plain pull to the weights it starts from, EWC's baseline. */
  l2spLambda: number;
  /** States of the earlier tasks in each batch, with the source policy's actions, per logged sample. */
  rehearsal: number;
  /** Share of hidden units left out of each sample, in [0, 1). */
  dropout: number;
  /** Noise on each observed field along flights, in spreads of the field, over the root of their number: see `jitterScales`. */
  jitter: number;
  /** Each flight's own trim is learnt by half from so many flights, less from fewer: see `withoutTrims`; 0: all of it. */
  trims: number;
  /** Share of each kernel's weights lost a step at learning rate 1. */
  weightDecay: number;
  /** Half of the flights of each epoch are disturbed by what sets real flights apart: see `measureGap`. */
  augment: boolean;
  seed: number;
}

/** What one epoch did. */
export interface EpochMetrics {
  epoch: number;
  /** Mean loss of cloning [nats per sample, less a constant]. */
  cloneLoss: number;
  /** EWC's penalty with its λ. */
  ewcPenalty: number;
  /**
   * Action error on the validation flights (a few training flights where there are none), self-fed: the geometric
   * mean over flights, so that one flight unlike all others does not decide.
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
  /** Of the earlier tasks; none where there is nothing to keep. */
  anchors: Anchor[];
  source: SourceStates | null;
  /** What augmentation draws from; null without. */
  gap: Gap | null;
  /** End after this epoch; the learning rate still falls as it would over all of them. */
  stopAfter?: number;
}

const STREAM = { learn: 0x41000000, head: 0x41000001 };
/** Without validation flights so many of the training flights show how learning goes. */
const SHOWN_FLIGHTS = 3;
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
 * @throws InputError when the method is none
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
  private readonly network: CloneNetwork;
  private readonly adam: ScaledAdam;
  private readonly l2sp: Anchor[];
  /** Actions of the training flights as they are. */
  private readonly logged: Float32Array;
  private readonly rng: Rng;
  private epochs = 0;
  /** The average of recent weights: what is judged and kept. */
  private actor: Mlp;
  /** The weights that learning is at. */
  private readonly weights: Float32Array[];

  constructor(source: Mlp, task: CloneTask, settings: CloneSettings) {
    const layers = source.kernels.length;
    const method = parseMethod(settings.method, layers);
    const start = startOf(source, method, new Rng(settings.seed, STREAM.head));
    this.task = task;
    this.logged = loggedActions(task.contract, task.map, task.train);
    this.settings = settings;
    this.sizes = source.sizes;
    this.actor = start;
    this.weights = mlpWeights(start).map((array) => array.slice());
    const rates = layerRates(layers, method, settings.layerDecay);
    this.adam = new ScaledAdam(
      this.scalesOf(start).map((scales, i) => ({ scales, rate: rates[i >> 1], decays: i % 2 === 0 })),
    );
    this.network = openCloneNetwork(
      source.sizes,
      task.contract.action.std.map((std) => 1 / (2 * std * std)),
    );
    this.l2sp = settings.l2spLambda > 0 ? [startingPoint(mlpWeights(source))] : [];
    this.rng = new Rng(settings.seed, STREAM.learn);
  }

  private scalesOf(start: Mlp): Float32Array[] {
    const { contract, train, anchors, source } = this.task;
    const { obs } = flyAlong(contract, start, train, this.logged);
    const weight = this.settings.ewcLambda + (source ? this.settings.rehearsal : 0);
    const kept = anchors.map(({ fisher }) => fisher);
    return stepScales(start, contract.action.std, obs, kept, weight);
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
    const flights = validation.length > 0 ? validation : train.slice(0, SHOWN_FLIGHTS);
    return geometricMean(flightErrors(contract, this.actor, map, flights));
  }

  private penalty(): number {
    return ewcPenaltyOf(mlpWeights(this.actor), this.task.anchors, this.settings.ewcLambda);
  }

  private async epoch(learningRate: number): Promise<number> {
    const { contract, map } = this.task;
    const { batch, samplesPerEpoch, rehearsal, jitter, trims } = this.settings;
    const flights = this.flights();
    const latest = mlpFromWeights(this.sizes, this.weights);
    const flown = flyAlong(contract, latest, flights);
    const logged = flights === this.task.train ? this.logged : loggedActions(contract, map, flights);
    const actions = trims > 0 ? withoutTrims(logged, flown, trims / (trims + flights.length)) : logged;
    const data = { obs: flown.obs, actions, n: actions.length / 4 };
    const scales =
      jitter > 0 ? jitterScales(contract.observation.fields, data.obs, data.n, flights.length, jitter) : null;
    const batches = new Minibatches(data, this.task.source, rehearsal, this.rng, scales);
    let [loss, steps] = [0, 0];
    for (const drawn of batches.ofEpoch(samplesPerEpoch, batch)) {
      loss += await this.step(drawn, learningRate);
      steps++;
    }
    this.epochs++;
    this.actor = averaged(this.actor, this.weights, Math.max(1 / AVERAGED_EPOCHS, 1 / this.epochs));
    return loss / steps;
  }

  /** What this epoch flies along. */
  private flights(): FlightSamples[] {
    const { train, gap } = this.task;
    if (!this.settings.augment || !gap) return train;
    return train.map((flight) => (this.rng.uniform() < 0.5 ? flight : augmented(flight, gap, this.rng)));
  }

  /** One step of Adam down cloning loss, rehearsal and penalties; returns the cloning loss. */
  private async step(batches: Omit<CloneBatch, 'masks'>[], learningRate: number): Promise<number> {
    const { dropout, ewcLambda, l2spLambda, weightDecay } = this.settings;
    const masked = batches.map((batch) => ({
      ...batch,
      masks: dropout > 0 ? dropoutMasks(this.sizes, batch.n, dropout, this.rng) : null,
    }));
    const { losses, gradients } = await this.network.gradients(this.weights, masked);
    if (ewcLambda > 0) addEwcGradient(this.weights, this.task.anchors, ewcLambda, gradients);
    if (l2spLambda > 0) addEwcGradient(this.weights, this.l2sp, l2spLambda, gradients);
    this.adam.step(this.weights, gradients, learningRate, weightDecay);
    return losses[0];
  }

  dispose(): void {
    this.network.dispose();
  }
}

/** The last epoch whose error is not clearly worse than the best one's. */
export function stopEpoch(errors: number[]): number {
  const bound = Math.min(...errors) * (1 + TOLERANCE);
  return errors.findLastIndex((error) => error <= bound);
}

function averaged(old: Mlp, latest: Float32Array[], share: number): Mlp {
  return mlpFromWeights(
    old.sizes,
    mlpWeights(old).map((array, i) => array.map((x, k) => x + share * (latest[i][k] - x))),
  );
}
