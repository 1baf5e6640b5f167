import type { Crew } from './crew.ts';
import type { Networks } from './networks.ts';
import type { Rollout } from './rollout.ts';
import type { ShardOptions, ShardSnapshot } from './shard.ts';
import { share } from './share.ts';

/** Where a rollout lies that the threads of a crew can write to. */
export interface SharedRollout {
  rollout: Rollout;
  buffer: SharedArrayBuffer;
  offset: number;
}

/** Collects rollouts with a crew, each thread stepping its own share of the environments. */
export class Collector {
  private readonly crew: Crew;
  private readonly shards: number;

  private constructor(crew: Crew, shards: number) {
    this.crew = crew;
    this.shards = shards;
  }

  /** Shares the `N` environments out among the threads as evenly as they go. */
  static async open(options: Omit<ShardOptions, 'first'>, crew: Crew, { rollout, buffer, offset }: SharedRollout) {
    const { shape } = rollout;
    const shards = Math.min(crew.size, shape.N);
    const opening = Array.from({ length: shards }, (_, k) => {
      const [first, end] = [share(shape.N, k, shards), share(shape.N, k + 1, shards)];
      const env = { ...options.env, n: end - first };
      return crew.ask(k, { do: 'openShard', options: { ...options, env, first }, shape, buffer, offset });
    });
    await Promise.all(opening);
    return new Collector(crew, shards);
  }

  /** Steps every environment `T` times under these networks, and estimates advantages. */
  async collect(networks: Networks): Promise<void> {
    await this.each((k) => this.crew.ask(k, { do: 'collect', networks }));
  }

  snapshot(): Promise<ShardSnapshot[]> {
    return this.each((k) => this.crew.ask(k, { do: 'snapshot' }));
  }

  async restore(saved: ShardSnapshot[]): Promise<void> {
    await this.each((k) => this.crew.ask(k, { do: 'restore', saved: saved[k] }));
  }

  private each<T>(ask: (k: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: this.shards }, (_, k) => ask(k)));
  }
}
