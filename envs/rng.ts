/** Number of 32-bit words in a generator's state. */
export const RNG_WORDS = 6;

/**
 * A seeded random generator, xoshiro128**, with a state that can be saved and put back.
 *
 * Streams of one seed are independent of each other, so an environment draws the same numbers
 * whichever worker steps it.
 *
 * @see Blackman and Vigna 2021, https://prng.di.unimi.it/xoshiro128starstar.c (public domain)
 */
export class Rng {
  /** Four words of xoshiro state, then a flag and the bits of a spare normal deviate. */
  readonly state: Uint32Array;
  private readonly spare: Float32Array;

  /**
   * @param seed any integer; 32 bits of it count
   * @param stream which of the seed's streams, for example the environment's index
   * @param state memory to keep the state in, `RNG_WORDS` words; shared memory makes it part of a snapshot
   */
  constructor(seed: number, stream = 0, state: Uint32Array = new Uint32Array(RNG_WORDS)) {
    this.state = state;
    this.spare = new Float32Array(state.buffer, state.byteOffset + 20, 1);
    this.reseed(seed, stream);
  }

  /** Starts over as a new generator of `seed` and `stream` would. */
  reseed(seed: number, stream = 0): void {
    let x = (seed >>> 0) ^ Math.imul((stream + 1) >>> 0, 0x9e3779b9);
    for (let i = 0; i < 4; i++) {
      // splitmix32 spreads the few bits of a seed over the whole state
      x = (x + 0x9e3779b9) >>> 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.state[i] = (z ^ (z >>> 16)) >>> 0;
    }
    this.state[4] = 0;
    this.state[5] = 0;
  }

  /** The next 32 random bits, as an unsigned integer. */
  bits(): number {
    const s = this.state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** A number in [low, high), evenly spread. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.bits() / 4294967296);
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform(0, n));
  }

  /** A standard normal deviate, by Marsaglia's polar method; they come in pairs and the second is kept. */
  normal(): number {
    if (this.state[4] === 1) {
      this.state[4] = 0;
      return this.spare[0];
    }
    for (;;) {
      const u = this.uniform(-1, 1);
      const v = this.uniform(-1, 1);
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.spare[0] = v * scale;
      this.state[4] = 1;
      return u * scale;
    }
  }

  /** Puts `indices` into random order, in place (Fisher–Yates). */
  shuffle(indices: Uint32Array | Int32Array): void {
    for (let i = indices.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swap = indices[i];
      indices[i] = indices[j];
      indices[j] = swap;
    }
  }
}
