import { setTimeout as sleep } from 'node:timers/promises';

/** Where waiting code gets its time from; a test brings one that need not wait. */
export interface Clock {
  /** Milliseconds from any zero, never going back. */
  now(): number;
  /** Resolves after `ms`; early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};
