import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Policy } from '../../policies/policy.ts';
import { startWorker } from '../worker-url.ts';
import { breakDown, type FactorBreakdown } from './breakdown.ts';
import type { EpisodeResult, FlyOptions } from './fly.ts';
import type { FlyReply, FlyRequest } from './fly-worker.ts';
import { wilson95 } from './interval.ts';

export interface EvaluationOptions extends FlyOptions {
  episodes: number;
  /** Threads to fly in; the result does not depend on it. */
  workers?: number;
}

/** What `evaluate` reports of one policy. */
export interface Evaluation {
  episodes: number;
  seed: number;
  /** Share of episodes that met the task's success criterion. */
  successRate: number;
  /** 95 % confidence interval of it, Wilson's. */
  successCi95: [low: number, high: number];
  /** Root mean square of the distance to the goal over all control steps of all episodes [m]. */
  positionRmseM: number;
  /** Share of episodes that ended in a crash. */
  crashRate: number;
  /** Success by what the episodes were up against; with `factors` and a randomisation. */
  breakdown?: FactorBreakdown[];
}

/** Threads that can fly episodes. */
export interface Flyers {
  readonly size: number;
  /** Flies on thread `k`. */
  fly(k: number, request: FlyRequest): Promise<EpisodeResult[]>;
}

/** Evaluates policies, spread over threads. */
export class Evaluator {
  private readonly flyers: Flyers;

  constructor(flyers: Flyers) {
    this.flyers = flyers;
  }

  /** Flies the policy's mean action through `episodes` seeded episodes. */
  async evaluate(policy: Policy, options: Omit<EvaluationOptions, 'workers'>): Promise<Evaluation> {
    const { episodes, ...fly } = options;
    const { size } = this.flyers;
    const plain = plainPolicy(policy);
    const parts = await Promise.all(
      Array.from({ length: size }, (_, k) => {
        const first = Math.floor((episodes * k) / size);
        const end = Math.floor((episodes * (k + 1)) / size);
        return this.flyers.fly(k, { policy: plain, options: fly, first, count: end - first });
      }),
    );
    const results = parts.flat();
    const evaluation = summarise(results, options.seed);
    if (!options.factors || !options.randomisation) return evaluation;
    return { ...evaluation, breakdown: breakDown(results, options.vehicle, options.randomisation) };
  }
}

/** Worker threads that do nothing but fly; keep one set open where several evaluations follow each other. */
export class FlyThreads implements Flyers {
  private readonly workers: Worker[];

  constructor(size = 2) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.workers = Array.from({ length: size }, () =>
      startWorker(new URL(`./fly-worker.${extension}`, import.meta.url)),
    );
    for (const worker of this.workers) worker.setMaxListeners(0);
  }

  get size(): number {
    return this.workers.length;
  }

  async fly(k: number, request: FlyRequest): Promise<EpisodeResult[]> {
    const worker = this.workers[k];
    worker.postMessage(request);
    const [reply] = (await once(worker, 'message')) as [FlyReply];
    if ('message' in reply) throw new Error(`evaluation: ${reply.message}`);
    return reply.results;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** What of a policy flies, and need be sent to a thread. */
export function plainPolicy({ contract, actor }: Policy): Policy {
  return { contract, actor };
}

/** Evaluates one policy with threads of its own. */
export async function evaluatePolicy(policy: Policy, options: EvaluationOptions): Promise<Evaluation> {
  const { workers = 2, ...rest } = options;
  const threads = new FlyThreads(Math.max(1, Math.min(workers, options.episodes)));
  try {
    return await new Evaluator(threads).evaluate(policy, rest);
  } finally {
    await threads.close();
  }
}

/** Rates and their interval of episodes flown. */
export function summarise(results: EpisodeResult[], seed: number): Evaluation {
  const episodes = results.length;
  const count = (of: (result: EpisodeResult) => boolean) => results.filter(of).length;
  const successes = count((result) => result.success);
  const steps = results.reduce((sum, result) => sum + result.steps, 0);
  const squared = results.reduce((sum, result) => sum + result.squaredErrorSum, 0);
  return {
    episodes,
    seed,
    successRate: successes / episodes,
    successCi95: wilson95(successes, episodes),
    positionRmseM: Math.sqrt(squared / steps),
    crashRate: count((result) => result.crash) / episodes,
  };
}
