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
  readonly buffer: SharedArrayBuffer;
  /** Normalised observations, `[T, N, O]`. */
  readonly obs: Float32Array;
  /** What the critic sees: normalised observation and privileged state, `[T, N, O + P]`. */
  readonly criticObs: Float32Array;
  readonly actions: Float32Array;
  readonly logProbs: Float32Array;
  readonly rewards: Float32Array;
  readonly values: Float32Array;
  readonly nextValues: Float32Array;
  /** Return and length of the episode that ended here, 0 elsewhere, `[T, N]`. */
  readonly episodeReturns: Float32Array;
  readonly episodeLengths: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly success: Uint8Array;

  constructor(shape: RolloutShape, buffer?: SharedArrayBuffer) {
    const { T, N, O, P, A } = shape;
    const floats = T * N * (2 * O + P + A + 6);
    this.shape = shape;
    this.buffer = buffer ?? new SharedArrayBuffer(4 * floats + 3 * T * N);
    let at = 0;
    const take = (width: number) => {
      const array = new Float32Array(this.buffer, at, T * N * width);
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
    this.episodeReturns = take(1);
    this.episodeLengths = take(1);
    const flags = () => {
      const array = new Uint8Array(this.buffer, at, T * N);
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
