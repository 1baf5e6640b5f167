import type { Worker } from 'node:worker_threads';
import type { EpisodeResult } from '../evaluate/fly.ts';
import type { FlyRequest } from '../evaluate/fly-worker.ts';
import { startWorker } from '../worker-url.ts';
import type { LearnAnswers, LearnReply, LearnRequest } from './learn-worker.ts';

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

/**
 * The threads of one run: they collect, learn and evaluate in turn, so that what each has compiled and cached serves
 * all three, and no more threads run than were asked for.
 */
export class Crew {
  private readonly workers: Worker[];
  private readonly waiting: Waiting[][];

  constructor(size: number) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.workers = Array.from({ length: size }, () =>
      startWorker(new URL(`./learn-worker.${extension}`, import.meta.url)),
    );
    this.waiting = this.workers.map(() => []);
    this.workers.forEach((worker, k) => {
      worker.on('message', (reply: LearnReply) => this.settle(k, reply));
      worker.on('error', (error) => this.fail(k, error));
      worker.on('exit', (code) => this.fail(k, new Error(`learning thread ended with code ${code}`)));
    });
  }

  get size(): number {
    return this.workers.length;
  }

  /** Asks thread `k`; requests to one thread are answered in their order. */
  ask<R extends LearnRequest>(k: number, request: R): Promise<LearnAnswers[R['do']]> {
    return new Promise((resolve, reject) => {
      this.waiting[k].push({ resolve, reject });
      this.workers[k].postMessage(request);
    });
  }

  /** Asks every thread. */
  all<R extends LearnRequest>(request: (k: number) => R): Promise<LearnAnswers[R['do']][]> {
    return Promise.all(this.workers.map((_, k) => this.ask(k, request(k))));
  }

  fly(k: number, request: FlyRequest): Promise<EpisodeResult[]> {
    return this.ask(k, { do: 'fly', ...request });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private settle(k: number, reply: LearnReply): void {
    const { resolve, reject } = this.waiting[k].shift()!;
    if ('error' in reply) reject(new Error(`learning thread: ${reply.error}`));
    else resolve(reply.answer as never);
  }

  private fail(k: number, error: Error): void {
    for (const { reject } of this.waiting[k].splice(0)) reject(error);
  }
}
