import { Blocks, largestBlock } from './blocks.ts';
import type { Crew } from './crew.ts';
import type { Networks } from './networks.ts';
import type { Rollout } from './rollout.ts';
import { Shard, type ShardOptions } from './shard.ts';

/** Where a rollout lies that the threads of a crew can write to. */
export interface SharedRollout {
  rollout: Rollout;
  buffer: SharedArrayBuffer;
  offset: number;
}

/** Collects rollouts with a crew, whose threads share the blocks of environments out among themselves. */
export class Collector {
  /** The environments, as they stand between two rollouts. */
  readonly blocks: Blocks;
  private readonly crew: Crew;

  private constructor(crew: Crew, blocks: Blocks) {
    this.crew = crew;
    this.blocks = blocks;
  }

  static async open(options: ShardOptions, crew: Crew, { rollout, buffer, offset }: SharedRollout) {
    const { shape } = rollout;
    const { stateBytes } = new Shard(options, largestBlock(shape.N)).envs;
    const blocks = new Blocks({ N: shape.N, stateBytes, threads: crew.size });
    const place = { layout: blocks.layout, states: blocks.memory };
    await crew.all((thread) => ({ do: 'openShards', options, ...place, thread, shape, buffer, offset }));
    return new Collector(crew, blocks);
  }

  /** Steps every environment `T` times under these networks, and estimates advantages. */
  async collect(networks: Networks): Promise<void> {
    this.blocks.begin();
    await this.crew.all(() => ({ do: 'collect', networks }));
  }
}
