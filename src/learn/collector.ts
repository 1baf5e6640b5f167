import type { Worker } from 'node:worker_threads';
import { startWorker } from '../worker-url.ts';
import type { Networks } from './ppo.ts';
import { Rollout, type RolloutShape } from './rollout.ts';
import type { ShardOptions } from './shard.ts';
import type { ShardReply, ShardRequest, ShardSnapshot } from './shard-worker.ts';

/** Collects rollouts with long-lived workers, each stepping its own share of the environments. */
export class Collector {
  readonly rollout: Rollout;
  private readonly workers: Worker[];

  private constructor(rollout: Rollout, workers: Worker[]) {
    this.rollout = rollout;
    this.workers = workers;
  }

  /** Starts `workers` threads and shares the `N` environments out among them as evenly as they go. */
  static async open(options: Omit<ShardOptions, 'first'>, shape: RolloutShape, workers: number): Promise<Collector> {
    const rollout = new Rollout(shape);
    const threads = Array.from({ length: Math.min(workers, shape.N) }, () =>
      startWorker(
        new URL(import.meta.url.endsWith('.ts') ? './shard-worker.ts' : './shard-worker.js', import.meta.url),
      ),
    );
    const collector = new Collector(rollout, threads);
    await Promise.all(
      threads.map((thread, k) => {
        const [first, end] = [share(shape.N, k, threads.length), share(shape.N, k + 1, threads.length)];
        const env = { ...options.env, n: end - first };
        return ask(thread, { do: 'open', options: { ...options, env, first }, shape, buffer: rollout.buffer });
      }),
    );
    return collector;
  }

  /** Steps every environment `T` times under these networks. */
  async collect(networks: Networks): Promise<Rollout> {
    await Promise.all(this.workers.map((worker) => ask(worker, { do: 'collect', networks })));
    return this.rollout;
  }

  async snapshot(): Promise<ShardSnapshot[]> {
    const replies = await Promise.all(this.workers.map((worker) => ask(worker, { do: 'snapshot' })));
    return replies.map((reply) => reply.saved!);
  }

  async restore(saved: ShardSnapshot[]): Promise<void> {
    await Promise.all(this.workers.map((worker, k) => ask(worker, { do: 'restore', saved: saved[k] })));
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** Where share `k` of `n` things begins when `parts` divide them. */
function share(n: number, k: number, parts: number): number {
  return Math.floor((n * k) / parts);
}

function ask(worker: Worker, request: ShardRequest): Promise<{ ok: true; saved?: ShardSnapshot }> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      done();
    };
    const onMessage = (reply: ShardReply) =>
      settle(() => (reply.ok ? resolve(reply) : reject(new Error(`rollout worker: ${reply.message}`))));
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`rollout worker ended with code ${code}`)));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage(request);
  });
}
