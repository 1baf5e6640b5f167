/** Sizes of a rollout: `T` steps of `N` environments, observation `O`, privileged state `P`, action `A`. */
export interface RolloutShape {
  T: number;
  N: number;
  O: number;
  P: number;
  A: number;
}

/**
 * One rollout in shared memory, time-major: workers write their own environments' columns, the learner reads all.
 */
export class Rollout {
  readonly shape: RolloutShape;
  /** Normalised observations, `[T, N, O]`. */
  readonly obs: Float32Array;
  /** What the critic sees: normalised observation and privileged state, `[T, N, O + P]`. */
  readonly criticObs: Float32Array;
  readonly actions: Float32Array;
  readonly logProbs: Float32Array;
  readonly rewards: Float32Array;
  readonly values: Float32Array;
  readonly nextValues: Float32Array;
  /** How much better each action did than the critic expected, and what the critic should have said. */
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
  /** Return and length of the episode that ended here, 0 elsewhere, `[T, N]`. */
  readonly episodeReturns: Float32Array;
  readonly episodeLengths: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly success: Uint8Array;

  /**
   * @param buffer with room for {@link rolloutBytes} from `offset`, a multiple of 4
   */
  constructor(shape: RolloutShape, buffer: ArrayBufferLike = new ArrayBuffer(rolloutBytes(shape)), offset = 0) {
    const { T, N, O, P, A } = shape;
    this.shape = shape;
    let at = offset;
    const take = (width: number) => {
      const array = new Float32Array(buffer, at, T * N * width);
      at += 4 * T * N * width;
      return array;
    };
    this.obs = take(O);
    this.criticObs = take(O + P);
    this.actions = take(A);
    this.logProbs = take(1);
    this.rewards = take(1);
    this.values = take(1);
    this.nextValues = take(1);
    this.advantages = take(1);
    this.returns = take(1);
    this.episodeReturns = take(1);
    this.episodeLengths = take(1);
    const flags = () => {
      const array = new Uint8Array(buffer, at, T * N);
      at += T * N;
      return array;
    };
    this.terminated = flags();
    this.truncated = flags();
    this.success = flags();
  }

  get T(): number {
    return this.shape.T;
  }

  get N(): number {
    return this.shape.N;
  }
}

/** What a rollout takes of a buffer. */
export function rolloutBytes({ T, N, O, P, A }: RolloutShape): number {
  return T * N * (4 * (2 * O + P + A + 8) + 3);
}
