import { addEwcGradient, type Anchor } from '../../policies/ewc.ts';
import { clippedObjective, gaussianEntropy } from './clipped-objective.ts';
import type { LearnConfig } from './config.ts';
import { type LearningMemory, PART, sharedRng } from './learning-memory.ts';
import { toUnitVariance } from './statistics.ts';

export interface ActorStats {
  policyLoss: number;
  approxKl: number;
  clipFraction: number;
}

export interface CriticStats {
  valueLoss: number;
}

/**
 * Improves the actor on the rollout in `memory`: `epochs` passes in random minibatches.
 *
 * @param anchors what EWC pulls it towards, with weight `config.ewc`
 */
export function updateActor(
  memory: LearningMemory,
  config: LearnConfig,
  learningRate: number,
  anchors: Anchor[] = [],
): ActorStats {
  const { actor, rollout, part, normalised, kernels } = memory;
  const { clip, entropyCoef, epochs } = config;
  const { O, A } = rollout.shape;
  const order = memory.orders.actor;
  const logStd = actor.weights[actor.weights.length - 1];
  const dLogStd = actor.gradients[actor.gradients.length - 1];
  const network = actor.weights.slice(0, -1);
  const sums = { objective: 0, kl: 0, clipped: 0 };
  toUnitVariance(rollout.advantages, normalised);
  let lastKl = 0;
  let entropy = 0;
  const steps = inMinibatches(memory, 'actor', config, (from, size, epoch) => {
    actor.begin();
    dLogStd.fill(-entropyCoef);
    entropy += gaussianEntropy(logStd);
    sums.kl = 0;
    for (let at = from; at < from + size; at += PART) {
      const rows = Math.min(PART, from + size - at);
      const rowNumbers = order.byteOffset + 4 * at;
      kernels.gatherRows(rollout.obs.byteOffset, rowNumbers, actor.input.byteOffset, rows, 4 * O);
      kernels.gatherRows(rollout.actions.byteOffset, rowNumbers, part.actions.byteOffset, rows, 4 * A);
      kernels.gatherRows(rollout.logProbs.byteOffset, rowNumbers, part.logProbs.byteOffset, rows, 4);
      kernels.gatherRows(normalised.byteOffset, rowNumbers, part.advantages.byteOffset, rows, 4);
      actor.forward(rows);
      clippedObjective(actor.output, logStd, part, rows, clip, 1 / size, dLogStd, sums);
      actor.backward(rows);
    }
    if (config.ewc > 0) addEwcGradient(network, anchors, config.ewc, actor.gradients as Float32Array[]);
    actor.step(learningRate, config.maxGradNorm);
    if (epoch === epochs - 1) lastKl += sums.kl;
  });
  const samples = steps * minibatchSize(memory, config);
  return {
    policyLoss: -sums.objective / samples - (entropyCoef * entropy) / steps,
    approxKl: (lastKl * epochs) / samples,
    clipFraction: sums.clipped / samples,
  };
}

/** Brings the critic closer to the returns of the rollout in `memory`; loss ½(V − return)². */
export function updateCritic(memory: LearningMemory, config: LearnConfig, learningRate: number): CriticStats {
  const { critic, rollout, part, kernels } = memory;
  const { O, P } = rollout.shape;
  const { output } = critic;
  const { returns } = part;
  const order = memory.orders.critic;
  let squares = 0;
  const steps = inMinibatches(memory, 'critic', config, (from, size) => {
    critic.begin();
    for (let at = from; at < from + size; at += PART) {
      const rows = Math.min(PART, from + size - at);
      const rowNumbers = order.byteOffset + 4 * at;
      kernels.gatherRows(rollout.criticObs.byteOffset, rowNumbers, critic.input.byteOffset, rows, 4 * (O + P));
      kernels.gatherRows(rollout.returns.byteOffset, rowNumbers, returns.byteOffset, rows, 4);
      critic.forward(rows);
      for (let i = 0; i < rows; i++) {
        const error = output[i] - returns[i];
        squares += error * error;
        output[i] = error / size;
      }
      critic.backward(rows);
    }
    critic.step(learningRate, config.maxGradNorm);
  });
  return { valueLoss: squares / (2 * steps * minibatchSize(memory, config)) };
}

/** Calls `learn` for each minibatch of each epoch, over a new order of all samples in each; returns how many. */
function inMinibatches(
  memory: LearningMemory,
  network: 'actor' | 'critic',
  config: LearnConfig,
  learn: (from: number, size: number, epoch: number) => void,
): number {
  const order = memory.orders[network];
  const rng = sharedRng(memory.shuffles[network]);
  const size = minibatchSize(memory, config);
  const each = Math.floor(order.length / size);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let epoch = 0; epoch < config.epochs; epoch++) {
    rng.shuffle(order);
    for (let k = 0; k < each; k++) learn(k * size, size, epoch);
  }
  return config.epochs * each;
}

function minibatchSize({ rollout: { T, N } }: LearningMemory, { minibatch }: LearnConfig): number {
  return Math.min(minibatch, T * N);
}
