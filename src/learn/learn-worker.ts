import { parentPort } from 'node:worker_threads';
import { sharedKernelBytes, kernelBytes } from '../backend/kernels.ts';
import type { Anchor } from '../../policies/ewc.ts';
import type { Policy } from '../../policies/policy.ts';
import { type EpisodeResult, type FlyOptions, flyEpisodes } from '../evaluate/fly.ts';
import { visitedObservations } from '../evaluate/visited.ts';
import type { FlyRequest } from '../evaluate/fly-worker.ts';
import type { BlockEnvs } from './block-envs.ts';
import { Blocks, type BlocksLayout, BlockThread } from './blocks.ts';
import type { LearnConfig } from './config.ts';
import { DaggerShard, type DaggerShardOptions, type Flight } from './dagger-shard.ts';
import { Demonstrations, type DemonstrationShape } from './demonstrations.ts';
import { imitate, type ImitationStats } from './imitate.ts';
import { type ActorStats, type CriticStats, updateActor, updateCritic } from './kernel-updates.ts';
import { LearningMemory, type LearningShape } from './learning-memory.ts';
import type { Networks } from './networks.ts';
import { Rollout, type RolloutShape } from './rollout.ts';
import { Shard, type ShardOptions } from './shard.ts';

/** Where the blocks of environments lie, and which of the threads that fly them is asked. */
interface BlocksPlace {
  layout: BlocksLayout;
  states: SharedArrayBuffer;
  thread: number;
}

/** What a run asks of one of its threads. */
export type LearnRequest =
  | ({
      do: 'openShards';
      options: ShardOptions;
      shape: RolloutShape;
      buffer: SharedArrayBuffer;
      offset: number;
    } & BlocksPlace)
  | { do: 'openMemory'; shape: LearningShape; memory: WebAssembly.Memory; anchors: Anchor[] }
  | { do: 'collect'; networks: Networks }
  | ({
      do: 'openDagger';
      options: DaggerShardOptions;
      shape: DemonstrationShape;
      memory: WebAssembly.Memory;
      anchors: Anchor[];
    } & BlocksPlace)
  | { do: 'demonstrate'; flight: Flight }
  | { do: 'imitate'; config: LearnConfig; learningRate: number; rollouts: number }
  | { do: 'updateActor' | 'updateCritic'; config: LearnConfig; learningRate: number }
  | ({ do: 'fly' } & FlyRequest)
  | { do: 'visit'; policy: Policy; options: FlyOptions; samples: number };

/** What comes back, one answer for each request, in order. */
export interface LearnAnswers {
  openShards: undefined;
  openMemory: undefined;
  collect: undefined;
  openDagger: undefined;
  demonstrate: undefined;
  imitate: ImitationStats;
  updateActor: ActorStats;
  updateCritic: CriticStats;
  fly: EpisodeResult[];
  visit: Float32Array;
}

export type LearnReply = { answer: LearnAnswers[keyof LearnAnswers] } | { error: string };

let shards: BlockThread<Shard> | undefined;
let rollout: Rollout | undefined;
let memory: LearningMemory | undefined;
let daggerShards: BlockThread<DaggerShard> | undefined;
let demonstrations: Demonstrations | undefined;
let anchors: Anchor[] = [];

parentPort?.on('message', (request: LearnRequest) => {
  let reply: LearnReply;
  try {
    reply = { answer: serve(request) };
  } catch (error) {
    reply = { error: (error as Error).stack ?? String(error) };
  }
  parentPort?.postMessage(reply);
});

function serve(request: LearnRequest): LearnAnswers[keyof LearnAnswers] {
  switch (request.do) {
    case 'openShards':
      shards = blockThread(request, (n) => new Shard(request.options, n));
      rollout = new Rollout(request.shape, request.buffer, request.offset);
      return undefined;
    case 'openMemory':
      memory = new LearningMemory(request.shape, request.memory, sharedKernelBytes()!);
      anchors = request.anchors;
      return undefined;
    case 'collect':
      opened(shards).each((shard) => shard.collect(opened(rollout), request.networks));
      return undefined;
    case 'openDagger':
      daggerShards = blockThread(request, (n) => new DaggerShard(request.options, n));
      demonstrations = new Demonstrations(request.shape, request.memory, sharedKernelBytes()!);
      anchors = request.anchors;
      return undefined;
    case 'demonstrate':
      opened(daggerShards).each((shard) => shard.collect(opened(demonstrations), request.flight));
      return undefined;
    case 'imitate':
      return imitate(opened(demonstrations), request.config, request.learningRate, request.rollouts, anchors);
    case 'updateActor':
      return updateActor(opened(memory), request.config, request.learningRate, anchors);
    case 'updateCritic':
      return updateCritic(opened(memory), request.config, request.learningRate);
    case 'fly':
      return flyEpisodes(request.policy, request.options, request.first, request.count, kernelBytes());
    case 'visit':
      return visitedObservations(request.policy, request.options, request.samples);
  }
}

function blockThread<F extends { readonly envs: BlockEnvs }>(
  { layout, states, thread }: BlocksPlace,
  open: (n: number) => F,
): BlockThread<F> {
  return new BlockThread(new Blocks(layout, states), thread, open);
}

function opened<T>(part: T | undefined): T {
  if (!part) throw new Error('expected to be opened first');
  return part;
}
