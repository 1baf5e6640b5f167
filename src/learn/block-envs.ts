import type { Rng } from '../../envs/rng.ts';
import { VectorEnv, type VectorEnvOptions } from '../../envs/vector-env.ts';
import { NoiseStreams } from './noise.ts';

/** Environments that stand for one block of a run's after another, each with a stream of noise for its actions. */
export class BlockEnvs {
  readonly env: VectorEnv;
  /** What the state of a block takes, in bytes. */
  readonly stateBytes: number;
  private readonly noise: NoiseStreams;
  private readonly seed: number;
  private readonly envBytes: number;
  private of = 0;

  /** @param stream of the seed's streams, that from which the first environment of the run draws its noise */
  constructor(options: VectorEnvOptions, stream: number) {
    this.env = new VectorEnv(options);
    this.noise = new NoiseStreams(options.seed, stream, options.n);
    this.seed = options.seed;
    this.envBytes = this.env.snapshotBytes;
    this.stateBytes = this.envBytes + this.noise.state.length;
  }

  /** Index of the block's first environment among the run's `N`. */
  get first(): number {
    return this.of;
  }

  /** One for each environment. */
  get rngs(): readonly Rng[] {
    return this.noise.rngs;
  }

  /** Begins the first episodes of the block whose first environment is number `first` of the run's. */
  begin(first: number): void {
    this.of = first;
    this.env.reset(this.seed, first);
    this.noise.begin(first);
  }

  /** Goes on with the block whose first environment is number `first` from where it stands. */
  restore(first: number, state: Uint8Array): void {
    this.of = first;
    this.env.restore(state.subarray(0, this.envBytes));
    this.noise.state.set(state.subarray(this.envBytes, this.stateBytes));
  }

  /** Writes where the block stands, {@link stateBytes} of it. */
  save(state: Uint8Array): void {
    this.env.snapshot(state);
    state.set(this.noise.state, this.envBytes);
  }
}
