import { asyncScheduler, type MonoTypeOperatorFunction, Observable, type SchedulerLike } from 'rxjs';

/**
 * Passes everything on and completes once nothing has come for `idleMs`.
 *
 * ```
 * source          --a--b----------c
 * untilIdle(5)    --a--b----|
 * ```
 *
 * Buffers nothing; what comes after the pause is lost. One timer in all, not one a value: it looks at the time of the
 * last value when it fires.
 *
 * @param idleMs above 0; Infinity never completes by itself
 * @param onIdle is called before it completes for this reason
 */
export function untilIdle<T>(
  idleMs: number,
  onIdle: () => void = () => {},
  scheduler: SchedulerLike = asyncScheduler,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      let last = scheduler.now();
      const timer = scheduler.schedule(function check() {
        const left = last + idleMs - scheduler.now();
        if (left > 0) return void this.schedule(undefined, left);
        onIdle();
        subscriber.complete();
      }, idleMs);
      if (idleMs === Number.POSITIVE_INFINITY) timer.unsubscribe();
      subscriber.add(timer);
      subscriber.add(
        source.subscribe({
          next: (value) => {
            last = scheduler.now();
            subscriber.next(value);
          },
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
}
