import { Observable, type OperatorFunction } from 'rxjs';
import type { TopicName } from '../flight.ts';
import type { TelemetryEvent } from './event.ts';
import { type AlignedRow, LiveGrid, type LiveGridOptions } from './live-grid.ts';

export { type AlignedFlight, type AlignOptions, alignFlight } from './align-flight.ts';
export type { AlignedRow, LiveGridOptions } from './live-grid.ts';

/**
 * Samples of all topics onto one clock and one rate: the live form of `alignFlight`, row by row, with the same result.
 *
 * ```
 * samples        --p--m--p--m--p--e|     p, m of a flight, e its end
 * align(rate)    --------1-----2--3|
 * ```
 *
 * By `clock: 'sample'` (default) the stamps of the messages are trusted: one vehicle, one clock. By `'arrival'` each
 * topic's stamps are moved onto the receiver's clock, for sources that stamp with clocks of their own: the offset of a
 * topic is the smallest of arrival minus stamp so far (`ClockOffset`). That needs a live stream: a log played faster
 * than it was flown has no such offset.
 *
 * Buffers, for each flight and topic, what lies between the oldest row that still waits for a slower topic and now: the
 * allowed gap's worth, and never more than 4096 samples, beyond which the oldest are dropped. A hole of more than 60 s
 * is skipped instead of being filled with invalid rows. Rows that still wait when the source fails are dropped.
 *
 * @param rateHz rows per second, above 0
 */
export function align(
  rateHz: number,
  topics: readonly TopicName[],
  options: LiveGridOptions = {},
): OperatorFunction<TelemetryEvent, AlignedRow> {
  if (!(rateHz > 0 && Number.isFinite(rateHz))) throw new RangeError(`rateHz: expected above 0, got ${rateHz}`);
  return (source) =>
    new Observable((subscriber) => {
      const grids = new Map<string, LiveGrid>();
      const emit = (rows: Iterable<AlignedRow>) => {
        for (const row of rows) {
          if (subscriber.closed) return;
          subscriber.next(row);
        }
      };
      return source.subscribe({
        next: (event) => {
          if (event.op === 'sample') {
            const grid = grids.get(event.flight) ?? new LiveGrid(event.flight, rateHz, topics, options);
            grids.set(event.flight, grid);
            emit(grid.push(event));
          } else if (event.op === 'end') {
            emit(grids.get(event.flight)?.finish() ?? []);
            grids.delete(event.flight);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          for (const grid of grids.values()) emit(grid.finish());
          subscriber.complete();
        },
      });
    });
}
