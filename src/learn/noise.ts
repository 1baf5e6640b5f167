import { RNG_WORDS, Rng } from '../../envs/rng.ts';

/** A random stream for each of `n` environments, which some stream of a run's seed begins. */
export class NoiseStreams {
  /** One for each environment. */
  readonly rngs: readonly Rng[];
  /** Where the streams stand: write it back to go on from there. */
  readonly state: Uint8Array;
  private readonly seed: number;
  private readonly stream: number;

  constructor(seed: number, stream: number, n: number) {
    const words = new Uint32Array(n * RNG_WORDS);
    this.seed = seed;
    this.stream = stream;
    this.rngs = Array.from({ length: n }, (_, i) => {
      return new Rng(seed, stream + i, words.subarray(i * RNG_WORDS, (i + 1) * RNG_WORDS));
    });
    this.state = new Uint8Array(words.buffer);
  }

  /** Starts over, as the streams of environment `first` of the run and those after it. */
  begin(first: number): void {
    this.rngs.forEach((rng, i) => rng.reseed(this.seed, this.stream + first + i));
  }
}
