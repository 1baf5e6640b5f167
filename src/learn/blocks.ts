import type { BlockEnvs } from './block-envs.ts';
import { share } from './share.ts';

/**
 * Environments of one block: few enough that threads of unlike speed end at about the same time, and enough for inference
 * in batches.
 */
const BLOCK = 16;
/** No two threads write to one line of the cache. */
const CACHE_LINE = 64;

/** What the layout of blocks follows from; plain data, the same in every thread. */
export interface BlocksLayout {
  /** Environments of all blocks. */
  N: number;
  /** What one block's state takes, in bytes, the largest block's. */
  stateBytes: number;
  /** How many threads fly them. */
  threads: number;
}

/** Environments `first` to `first + n − 1` of a run, and their state between two rollouts. */
export interface Block {
  first: number;
  n: number;
  state: Uint8Array;
}

/** How many blocks `N` environments make. */
export function blockCount(N: number): number {
  return Math.ceil(N / BLOCK);
}

/** Environments of the largest block. */
export function largestBlock(N: number): number {
  return Math.ceil(N / blockCount(N));
}

/**
 * A run's environments in blocks that lie in memory of all threads: whichever thread is free flies the next one. On machines
 * with fast and slow cores, or with other work to do, no thread waits long for another.
 *
 * Each thread begins with blocks of its own, which are still in its cache, and then helps the others.
 */
export class Blocks {
  readonly layout: BlocksLayout;
  readonly memory: SharedArrayBuffer;
  private readonly count: number;
  private readonly stride: number;
  /** The block that is next in each thread's queue, a cache line apart. */
  private readonly next: Int32Array;

  constructor(layout: BlocksLayout, memory = new SharedArrayBuffer(bytesOf(layout))) {
    this.layout = layout;
    this.memory = memory;
    this.count = blockCount(layout.N);
    this.stride = inLines(layout.stateBytes);
    this.next = new Int32Array(memory, 0, (layout.threads * CACHE_LINE) / 4);
  }

  /** Sizes that blocks have: one, or two that are one apart. */
  get sizes(): Set<number> {
    return new Set(Array.from({ length: this.count }, (_, b) => this.block(b).n));
  }

  /** Puts all blocks back into the queues, while no thread takes any. */
  begin(): void {
    const { threads } = this.layout;
    for (let k = 0; k < threads; k++) this.next[this.slot(k)] = share(this.count, k, threads);
  }

  /** The next block for a thread to fly: one of its own, then one of the others'; null when all are taken. */
  take(thread: number): Block | null {
    const { threads } = this.layout;
    for (let k = 0; k < threads; k++) {
      const queue = (thread + k) % threads;
      const b = Atomics.add(this.next, this.slot(queue), 1);
      if (b < share(this.count, queue + 1, threads)) return this.block(b);
    }
    return null;
  }

  /** The blocks that a thread begins with. */
  own(thread: number): Block[] {
    const { threads } = this.layout;
    const [from, end] = [share(this.count, thread, threads), share(this.count, thread + 1, threads)];
    return Array.from({ length: end - from }, (_, k) => this.block(from + k));
  }

  /** All states as they stand between two rollouts. */
  save(): Uint8Array {
    return this.states.slice();
  }

  /** @throws RangeError when they are of other environments */
  restore(saved: Uint8Array): void {
    const { states } = this;
    if (saved.byteLength !== states.byteLength)
      throw new RangeError(`states of environments: expected ${states.byteLength} bytes, got ${saved.byteLength}`);
    states.set(saved);
  }

  private get states(): Uint8Array {
    return new Uint8Array(this.memory, this.layout.threads * CACHE_LINE, this.count * this.stride);
  }

  private block(b: number): Block {
    const { N, stateBytes, threads } = this.layout;
    const [first, end] = [share(N, b, this.count), share(N, b + 1, this.count)];
    const state = new Uint8Array(this.memory, threads * CACHE_LINE + b * this.stride, stateBytes);
    return { first, n: end - first, state };
  }

  private slot(queue: number): number {
    return (queue * CACHE_LINE) / 4;
  }
}

/** One thread's part in flying all blocks. */
export class BlockThread<F extends { readonly envs: BlockEnvs }> {
  private readonly blocks: Blocks;
  private readonly thread: number;
  private readonly flyers: Map<number, F>;

  /** @param open makes what flies blocks of `n` environments */
  constructor(blocks: Blocks, thread: number, open: (n: number) => F) {
    this.blocks = blocks;
    this.thread = thread;
    this.flyers = new Map([...blocks.sizes].map((n) => [n, open(n)]));
    for (const { first, n, state } of blocks.own(thread)) {
      const { envs } = this.flyers.get(n)!;
      envs.begin(first);
      envs.save(state);
    }
  }

  /** Flies one block after the other, until the threads have taken all. */
  each(fly: (flyer: F) => void): void {
    for (let block = this.blocks.take(this.thread); block; block = this.blocks.take(this.thread)) {
      const flyer = this.flyers.get(block.n)!;
      flyer.envs.restore(block.first, block.state);
      fly(flyer);
      flyer.envs.save(block.state);
    }
  }
}

function bytesOf({ N, stateBytes, threads }: BlocksLayout): number {
  return threads * CACHE_LINE + blockCount(N) * inLines(stateBytes);
}

function inLines(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}
