import { RNG_WORDS, Rng } from '../../envs/rng.ts';
import { Arena, alignedBytes, arenaPages } from '../../policies/kernels/arena.ts';
import { instantiateKernels, type Kernels } from '../../policies/kernels/load.ts';
import { MlpTraining, trainingBytes } from '../../policies/mlp-training.ts';
import { networkSizes } from './networks.ts';
import { Rollout, type RolloutShape, rolloutBytes } from './rollout.ts';

/** What the layout of a learning memory follows from; plain data, the same in every thread. */
export interface LearningShape {
  rollout: RolloutShape;
  hidden: number[];
}

/** Rows of a minibatch taken at a time, so that activations and gradients stay in the second-level cache. */
export const PART = 128;

/**
 * Everything that collecting and learning share, in one WebAssembly memory that all threads work on: the rollout, both
 * networks with their optimisers, and the order of minibatches. The kernels read rollouts where they lie.
 *
 * Nothing is locked: between two messages each part has one writer.
 */
export class LearningMemory {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly rollout: Rollout;
  readonly rolloutOffset: number;
  readonly actor: MlpTraining;
  readonly critic: MlpTraining;
  /** Advantages of the rollout with zero mean and unit variance, `[T, N]`. */
  readonly normalised: Float32Array;
  /** Orders of the samples, one for each network, `[T · N]`. */
  readonly orders: { actor: Uint32Array; critic: Uint32Array };
  /** State of the generators that shuffle them, `[RNG_WORDS]`. */
  readonly shuffles: { actor: Uint32Array; critic: Uint32Array };
  /** One part of a minibatch. */
  readonly part: {
    actions: Float32Array;
    logProbs: Float32Array;
    advantages: Float32Array;
    returns: Float32Array;
  };

  /** @param kernelBytes of the build for shared memory */
  constructor({ rollout, hidden }: LearningShape, memory: WebAssembly.Memory, kernelBytes: BufferSource) {
    const arena = new Arena(memory);
    const sizes = networkSizes(rollout, hidden);
    const { T, N, A } = rollout;
    this.memory = memory;
    this.kernels = instantiateKernels(kernelBytes, memory);
    this.rolloutOffset = arena.take(rolloutBytes(rollout));
    this.rollout = new Rollout(rollout, memory.buffer, this.rolloutOffset);
    this.actor = new MlpTraining(sizes.actor, PART, A, arena, this.kernels);
    this.critic = new MlpTraining(sizes.critic, PART, 0, arena, this.kernels);
    this.normalised = arena.floats(T * N);
    this.orders = { actor: arena.words(T * N), critic: arena.words(T * N) };
    this.shuffles = { actor: arena.words(RNG_WORDS), critic: arena.words(RNG_WORDS) };
    this.part = {
      actions: arena.floats(PART * A),
      logProbs: arena.floats(PART),
      advantages: arena.floats(PART),
      returns: arena.floats(PART),
    };
  }
}

/** A memory that threads can share, with room for a {@link LearningMemory}. */
export function sharedMemory({ rollout, hidden }: LearningShape): WebAssembly.Memory {
  const { T, N, A } = rollout;
  const sizes = networkSizes(rollout, hidden);
  const arrays = [T * N, T * N, T * N, RNG_WORDS, RNG_WORDS, PART * A, PART, PART, PART];
  const bytes =
    alignedBytes(rolloutBytes(rollout)) +
    trainingBytes(sizes.actor, PART, A) +
    trainingBytes(sizes.critic, PART, 0) +
    arrays.reduce((sum, length) => sum + alignedBytes(4 * length), 0);
  const pages = arenaPages(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** A generator that goes on from a state in shared memory. */
export function sharedRng(state: Uint32Array): Rng {
  const before = Uint32Array.from(state);
  const rng = new Rng(0, 0, state);
  state.set(before);
  return rng;
}
