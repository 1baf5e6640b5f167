import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { decode } from '../pipeline/decode.ts';
import type { TelemetryEvent } from '../pipeline/event.ts';
import { fromHub } from './from-hub.ts';
import { HubRefusal } from './hub-link.ts';

/** How the connection to a hub stands. */
export type LinkEvent =
  | { op: 'link'; connected: true }
  | {
      op: 'link';
      connected: false;
      /** What was found there, or why the connection ended. */
      why: string;
      /** The hub is there and wants another token. */
      badToken: boolean;
      /** When the next attempt comes. */
      retrySeconds: number;
    };

export interface FollowHubOptions {
  url: string;
  token?: string;
  /** The receiver's clock [s]. */
  now?: () => number;
  onProblem?: (problem: string) => void;
  scheduler?: SchedulerLike;
  /** How to connect once; for tests. */
  connect?: typeof fromHub;
}

const FIRST_RETRY_S = 0.5;
const LAST_RETRY_S = 8;

/**
 * Everything a hub relays, for as long as somebody listens: where no hub is, or it goes away, tries again after 0.5 s, then
 * after twice as long each time up to 8 s.
 *
 * ```
 * hub           (nobody)       up--a--b--(gone)       up--c
 * followHub()   d-------d------u---a--b--d-------d----u---c     u, d: link events
 * ```
 *
 * Buffers nothing, never completes and never fails; unsubscribing hangs up.
 */
export function followHub(options: FollowHubOptions): Observable<TelemetryEvent | LinkEvent> {
  const { url, token, now, onProblem, scheduler = asyncScheduler, connect = fromHub } = options;
  return new Observable((subscriber) => {
    let retrySeconds = FIRST_RETRY_S;
    let timer = new Subscription();
    let connection = new Subscription();
    const again = (why: string, badToken: boolean) => {
      subscriber.next({ op: 'link', connected: false, why, badToken, retrySeconds });
      timer = scheduler.schedule(dial, 1000 * retrySeconds);
      retrySeconds = Math.min(2 * retrySeconds, LAST_RETRY_S);
    };
    const dial = () => {
      let [connected, why] = [false, 'it closed without a word'];
      const onLost = (reason: string) => (why = reason);
      connection = connect({ url, token, now, onLost })
        .pipe(decode(onProblem))
        .subscribe({
          next: (event) => {
            // A hub greets every subscriber with its status, so that the first event means that the door is open.
            if (!connected) subscriber.next({ op: 'link', connected: (connected = true) });
            retrySeconds = FIRST_RETRY_S;
            subscriber.next(event);
          },
          error: (error: Error) =>
            error instanceof HubRefusal ? again(error.reason, error.badToken) : again(error.message, false),
          complete: () => again(why, false),
        });
    };
    subscriber.add(() => {
      connection.unsubscribe();
      timer.unsubscribe();
    });
    dial();
  });
}
