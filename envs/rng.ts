import { INSIDE, settle, WIDTH } from './ziggurat.ts';

/** Number of 32-bit words in a generator's state. */
export const RNG_WORDS = 4;

/**
 * A seeded random generator, xoshiro128**, with a state that can be saved and put back.
 *
 * Streams of one seed are independent of each other, so an environment draws the same numbers
 * whichever worker steps it.
 *
 * @see Blackman and Vigna 2021, https://prng.di.unimi.it/xoshiro128starstar.c (public domain)
 */
export class Rng {
  readonly state: Uint32Array;
  private readonly one = new Float64Array(1);
  private readonly next = () => this.uniform();

  /**
   * @param seed any integer; 32 bits of it count
   * @param stream which of the seed's streams, for example the environment's index
   * @param state memory to keep the state in, `RNG_WORDS` words; shared memory makes it part of a snapshot
   */
  constructor(seed: number, stream = 0, state: Uint32Array = new Uint32Array(RNG_WORDS)) {
    this.state = state;
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

  /** A standard normal deviate. */
  normal(): number {
    this.normals(this.one, 1);
    return this.one[0];
  }

  /**
   * Writes `count` independent standard normal deviates to the start of `out`.
   *
   * By the ziggurat method: one word of the generator gives a layer (7 bits) and a place in it (25 bits), which is exact
   * but for that grid, and nearly always all that is needed. The generator is `bits` with its state in registers.
   *
   * @see Marsaglia and Tsang 2000, https://doi.org/10.18637/jss.v005.i08, with the layer drawn by bits of its own
   *   as Doornik 2005 asks for
   */
  normals(out: Float64Array, count: number): void {
    const { state } = this;
    const inside = INSIDE;
    const width = WIDTH;
    for (let k = 0; k < count; ) {
      let a = state[0] | 0;
      let b = state[1] | 0;
      let c = state[2] | 0;
      let d = state[3] | 0;
      let layer = 0;
      let place = 0;
      // nothing is called in here, so that V8 looks up the arrays once before it
      for (; k < count; k++) {
        const product = Math.imul(b, 5);
        const word = Math.imul((product << 7) | (product >>> 25), 9);
        const t = b << 9;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= t;
        d = (d << 11) | (d >>> 21);
        layer = word & 127;
        place = word >> 7;
        const sign = word >> 31;
        // the magnitude without a branch, which would be mispredicted every other time
        if ((place ^ sign) - sign >= inside[layer]) break;
        out[k] = place * width[layer];
      }
      state[0] = a;
      state[1] = b;
      state[2] = c;
      state[3] = d;
      if (k === count) return;
      const x = settle(layer, place * width[layer], this.next);
      if (!Number.isNaN(x)) out[k++] = x;
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
