import { RNG_WORDS } from '../../envs/rng.ts';
import { Arena, alignedBytes, arenaPages } from '../../policies/kernels/arena.ts';
import { instantiateKernels, type Kernels } from '../../policies/kernels/load.ts';
import { MlpTraining, trainingBytes } from '../../policies/mlp-training.ts';
import { PART } from './learning-memory.ts';
import type { Ends } from './trainer.ts';

/**
 * Sizes of what DAgger remembers: `R` rollouts, each of `T` steps of `N` environments; observation `O`, action `A`. Plain
 * data, the same in every thread.
 */
export interface DemonstrationShape {
  R: number;
  T: number;
  N: number;
  O: number;
  A: number;
  hidden: number[];
}

/**
 * What the policy saw on its flights, and what the expert would have done there: the latest `R` rollouts, in one WebAssembly
 * memory that all threads work on, with the network that learns of them.
 *
 * Nothing is locked: between two messages each part has one writer.
 */
export class Demonstrations {
  readonly shape: DemonstrationShape;
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  /** Normalised observations, `[R, T, N, O]`. */
  readonly obs: Float32Array;
  /** The expert's actions, `[R, T, N, A]`. */
  readonly actions: Float32Array;
  /** Of the newest rollout. */
  readonly ends: Ends;
  readonly actor: MlpTraining;
  /** Samples of one part of a minibatch, and what the expert did there, `[PART, A]`. */
  readonly order: Uint32Array;
  readonly wanted: Float32Array;
  /** State of the generator that draws minibatches, `[RNG_WORDS]`. */
  readonly draws: Uint32Array;

  /** @param kernelBytes of the build for shared memory */
  constructor(shape: DemonstrationShape, memory: WebAssembly.Memory, kernelBytes: BufferSource) {
    const { T, N, A } = shape;
    const arena = new Arena(memory);
    const [obs, actions, returns, lengths, order, wanted, draws] = lengthsOf(shape);
    this.shape = shape;
    this.memory = memory;
    this.kernels = instantiateKernels(kernelBytes, memory);
    this.actor = new MlpTraining(sizesOf(shape), PART, A, arena, this.kernels);
    this.obs = arena.floats(obs);
    this.actions = arena.floats(actions);
    this.order = arena.words(order);
    this.wanted = arena.floats(wanted);
    this.draws = arena.words(draws);
    this.ends = {
      episodeReturns: arena.floats(returns),
      episodeLengths: arena.floats(lengths),
      ...flags(arena, T * N),
    };
  }

  /** Samples of one rollout. */
  get each(): number {
    return this.shape.T * this.shape.N;
  }
}

/** A memory that threads can share, with room for {@link Demonstrations}. */
export function demonstrationMemory(shape: DemonstrationShape): WebAssembly.Memory {
  const words = lengthsOf(shape).reduce((sum, length) => sum + alignedBytes(4 * length), 0);
  const bytes = words + 3 * alignedBytes(shape.T * shape.N) + trainingBytes(sizesOf(shape), PART, shape.A);
  const pages = arenaPages(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** Layers of the network that learns. */
export function sizesOf({ O, A, hidden }: DemonstrationShape): number[] {
  return [O, ...hidden, A];
}

function lengthsOf({ R, T, N, O, A }: DemonstrationShape): number[] {
  return [R * T * N * O, R * T * N * A, T * N, T * N, PART, PART * A, RNG_WORDS];
}

function flags(arena: Arena, length: number): Pick<Ends, 'terminated' | 'truncated' | 'success'> {
  const take = () => new Uint8Array(arena.memory.buffer, arena.take(length), length);
  return { terminated: take(), truncated: take(), success: take() };
}
