import { asyncScheduler, Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';

export interface BatchOptions {
  /** Longest time a value waits for its batch to fill [ms]. Default: as long as it takes. */
  maxWaitMs?: number;
  scheduler?: SchedulerLike;
}

/**
 * Gathers values into arrays of `size`; a shorter one comes when the first in it has waited `maxWaitMs`, and at the end.
 *
 * ```
 * source    --a--b--c--d--e--|
 * batch(2)  -----x-----y-----(z|)     x = [a, b], y = [c, d], z = [e]
 * ```
 *
 * Buffers at most `size` values; drops what is in it when the source fails or the subscriber leaves.
 *
 * @param size at least 1
 */
export function batch<T>(size: number, options: BatchOptions = {}): OperatorFunction<T, T[]> {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`size: expected a whole number from 1, got ${size}`);
  const { maxWaitMs = Number.POSITIVE_INFINITY, scheduler = asyncScheduler } = options;
  return (source) =>
    new Observable((subscriber) => {
      let waiting: T[] = [];
      let timer: Subscription | null = null;
      const flush = () => {
        timer?.unsubscribe();
        timer = null;
        const full = waiting;
        waiting = [];
        if (full.length > 0) subscriber.next(full);
      };
      subscriber.add(() => timer?.unsubscribe());
      subscriber.add(
        source.subscribe({
          next: (value) => {
            waiting.push(value);
            if (waiting.length === size) flush();
            else if (waiting.length === 1 && maxWaitMs < Number.POSITIVE_INFINITY)
              timer = scheduler.schedule(flush, maxWaitMs);
          },
          error: (error) => subscriber.error(error),
          complete: () => {
            flush();
            subscriber.complete();
          },
        }),
      );
    });
}
