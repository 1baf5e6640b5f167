import { parentPort } from 'node:worker_threads';
import type { Policy } from '../../policies/policy.ts';
import { kernelBytes } from '../backend/kernels.ts';
import { type EpisodeResult, type FlyOptions, flyEpisodes } from './fly.ts';

/** What an evaluation asks of a worker. */
export interface FlyRequest {
  policy: Policy;
  options: FlyOptions;
  first: number;
  count: number;
}

export type FlyReply = { results: EpisodeResult[] } | { message: string };

parentPort?.on('message', ({ policy, options, first, count }: FlyRequest) => {
  let reply: FlyReply;
  try {
    reply = { results: flyEpisodes(policy, options, first, count, kernelBytes()) };
  } catch (error) {
    reply = { message: (error as Error).message };
  }
  parentPort?.postMessage(reply);
});
