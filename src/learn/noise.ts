import { RNG_WORDS, Rng } from '../../envs/rng.ts';

/** A random stream for each of `n` environments, the first of which is number `first` of a run's. */
export function noiseStreams(seed: number, stream: number, first: number, n: number): Rng[] {
  return Array.from({ length: n }, (_, i) => new Rng(seed, stream + first + i));
}

/** Where the streams stand, `[n, RNG_WORDS]`. */
export function savedStreams(streams: readonly Rng[]): Uint32Array {
  const saved = new Uint32Array(streams.length * RNG_WORDS);
  streams.forEach(({ state }, i) => saved.set(state, RNG_WORDS * i));
  return saved;
}

export function restoreStreams(streams: readonly Rng[], saved: Uint32Array): void {
  streams.forEach(({ state }, i) => state.set(saved.subarray(RNG_WORDS * i, RNG_WORDS * (i + 1))));
}
