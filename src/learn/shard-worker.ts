import { parentPort } from 'node:worker_threads';
import type { Networks } from './ppo.ts';
import { Rollout, type RolloutShape } from './rollout.ts';
import { Shard, type ShardOptions } from './shard.ts';

/** What the learner asks of a shard in a worker. */
export type ShardRequest =
  | { do: 'open'; options: ShardOptions; shape: RolloutShape; buffer: SharedArrayBuffer }
  | { do: 'collect'; networks: Networks }
  | { do: 'snapshot' }
  | { do: 'restore'; saved: ShardSnapshot };

export interface ShardSnapshot {
  env: Uint8Array;
  noise: Uint32Array;
}

/** Answers of a worker: one for each request, in order. */
export type ShardReply = { ok: true; saved?: ShardSnapshot } | { ok: false; message: string };

let shard: Shard | undefined;
let rollout: Rollout | undefined;

parentPort?.on('message', (request: ShardRequest) => {
  try {
    parentPort?.postMessage(serve(request));
  } catch (error) {
    parentPort?.postMessage({ ok: false, message: (error as Error).stack ?? String(error) } satisfies ShardReply);
  }
});

function serve(request: ShardRequest): ShardReply {
  if (request.do === 'open') {
    shard = new Shard(request.options);
    rollout = new Rollout(request.shape, request.buffer);
    return { ok: true };
  }
  if (!shard || !rollout) throw new Error('shard worker: expected to be opened first');
  if (request.do === 'snapshot') return { ok: true, saved: shard.snapshot() };
  if (request.do === 'restore') shard.restore(request.saved);
  else shard.collect(rollout, request.networks.actor, request.networks.critic, request.networks.logStd);
  return { ok: true };
}
