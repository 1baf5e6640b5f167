/** Room for one vector or cache line: accesses are fastest when they do not straddle lines. */
const ALIGN = 64;
const PAGE = 65536;

/**
 * Hands out arrays of one WebAssembly memory, one after another, each at a multiple of 64 bytes. Threads that take the
 * same arrays in the same order from a shared memory get the same arrays.
 *
 * Address 0 stays free: the kernels take a bias there for none.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  private at = ALIGN;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** @throws RangeError when the memory is full */
  floats(length: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.take(4 * length), length);
  }

  words(length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, this.take(4 * length), length);
  }

  /** @returns an address with room for `bytes` */
  take(bytes: number): number {
    const address = this.at;
    this.at += alignedBytes(bytes);
    if (this.at > this.memory.buffer.byteLength)
      throw new RangeError(
        `arena: expected room for ${bytes} bytes at ${address}, got ${this.memory.buffer.byteLength}`,
      );
    return address;
  }
}

/** What an array of `bytes` takes in an {@link Arena}. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}

/** Pages of 64 KiB for arrays that together take `bytes`, see {@link alignedBytes}. */
export function arenaPages(bytes: number): number {
  return Math.ceil((ALIGN + bytes) / PAGE);
}
