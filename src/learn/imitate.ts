import { addEwcGradient, type Anchor } from '../../policies/ewc.ts';
import type { LearnConfig } from './config.ts';
import type { Demonstrations } from './demonstrations.ts';
import { PART, sharedRng } from './learning-memory.ts';

/** How far the policy's actions were from the expert's, mean square, of all and of each component `[A]`. */
export interface ImitationStats {
  loss: number;
  squares: number[];
}

/**
 * Brings the actor closer to the expert: `epochs` times as many samples as a rollout has, in minibatches drawn at random from
 * all rollouts remembered. Loss ½ ‖a − expert's‖².
 *
 * @param rollouts how many of those that `memory` has room for are there
 * @param anchors what EWC pulls it towards, with weight `config.ewc`
 */
export function imitate(
  memory: Demonstrations,
  config: LearnConfig,
  learningRate: number,
  rollouts: number,
  anchors: Anchor[] = [],
): ImitationStats {
  const { actor, draws, each } = memory;
  const size = Math.min(config.minibatch, each);
  const steps = Math.max(1, Math.round((config.epochs * each) / size));
  const rng = sharedRng(draws);
  const network = actor.weights.slice(0, -1);
  const squares = new Float64Array(memory.shape.A);
  for (let step = 0; step < steps; step++) {
    actor.begin();
    for (let done = 0; done < size; done += PART) {
      const rows = Math.min(PART, size - done);
      for (let r = 0; r < rows; r++) memory.order[r] = rng.below(rollouts * each);
      compare(memory, rows, 1 / size, squares);
    }
    if (config.ewc > 0) addEwcGradient(network, anchors, config.ewc, actor.gradients as Float32Array[]);
    actor.step(learningRate, config.maxGradNorm);
  }
  const mean = Array.from(squares, (sum) => sum / (steps * size));
  return { loss: mean.reduce((sum, square) => sum + square, 0) / mean.length, squares: mean };
}

/** Adds the gradients of the samples in `memory.order`, each weighed by `weight`, and their squared errors. */
function compare(memory: Demonstrations, rows: number, weight: number, squares: Float64Array): void {
  const { actor, kernels, obs, actions, order, wanted } = memory;
  const { O, A } = memory.shape;
  kernels.gatherRows(obs.byteOffset, order.byteOffset, actor.input.byteOffset, rows, 4 * O);
  kernels.gatherRows(actions.byteOffset, order.byteOffset, wanted.byteOffset, rows, 4 * A);
  actor.forward(rows);
  const { output } = actor;
  for (let i = 0, at = 0; i < rows; i++)
    for (let a = 0; a < A; a++, at++) {
      const error = output[at] - wanted[at];
      squares[a] += error * error;
      output[at] = weight * error;
    }
  actor.backward(rows);
}
