import { Observable, type OperatorFunction } from 'rxjs';
import { SeriesBuilder } from '../../episode/series.ts';
import type { Flight, TopicName } from '../flight.ts';
import type { BeginFrame, EndFrame } from '../protocols/windhover.ts';
import type { SampleEvent, TelemetryEvent } from './event.ts';

/** A streamed flight and what became of its messages. */
export interface CollectedFlight {
  flight: Flight;
  received: number;
  /** Messages that the numbering says should have come and that did not. */
  gaps: number;
}

/**
 * Puts each streamed flight together; it comes out at its end mark, or, marked as truncated, when the source completes.
 *
 * ```
 * events     --B--s--s--s--E--B--s--|     B begin, s sample, E end
 * collect()  --------------f--------(g|)  g.truncated
 * ```
 *
 * Buffers every flight whole, since that is what it is for. Drops samples of a flight that never began, and those that
 * a flight cannot hold (not after the one before of their topic), which are counted in `droppedRows`. Flights under way
 * are dropped when the source fails.
 *
 * @param source the stream's address, for messages
 */
export function collect(source: string): OperatorFunction<TelemetryEvent, CollectedFlight> {
  return (events) =>
    new Observable((subscriber) => {
      const open = new Map<string, Collector>();
      return events.subscribe({
        next: (event) => {
          if (event.op === 'begin') open.set(event.flight, new Collector(event, source));
          else if (event.op === 'sample') open.get(event.flight)?.push(event);
          else if (event.op === 'end') {
            const collector = open.get(event.flight);
            open.delete(event.flight);
            if (collector) subscriber.next(collector.finish(event));
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          for (const collector of open.values()) subscriber.next(collector.finish(null));
          subscriber.complete();
        },
      });
    });
}

class Collector {
  readonly #begin: BeginFrame;
  readonly #source: string;
  readonly #series = new Map<TopicName, SeriesBuilder>();
  #received = 0;
  #next: number;
  #gaps = 0;

  constructor(begin: BeginFrame, source: string) {
    this.#begin = begin;
    this.#source = source;
    this.#next = begin.fromSeq ?? 0;
  }

  push({ seq, topic, time, values }: SampleEvent): void {
    this.#received++;
    this.#gaps += Math.max(0, seq - this.#next);
    this.#next = Math.max(this.#next, seq + 1);
    const builder = this.#series.get(topic) ?? new SeriesBuilder(topic);
    this.#series.set(topic, builder);
    builder.push(time, values);
  }

  /** @param end the hub's end mark, or null where the stream stopped before it */
  finish(end: EndFrame | null): CollectedFlight {
    const gaps = this.#gaps + Math.max(0, (end?.sent ?? 0) - this.#next);
    const { name, vehicle, startUnixSeconds } = this.#begin;
    const builders = [...this.#series].filter(([, builder]) => builder.length > 0);
    const topics = Object.fromEntries(builders.map(([topic, builder]) => [topic, builder.finish()]));
    const dropped = [...this.#series.values()].reduce((sum, builder) => sum + builder.dropped, 0);
    const flight: Flight = {
      ...{ name, source: `${this.#source}#${name}`, format: 'stream', topics },
      durationSeconds: Math.max(0, ...Object.values(topics).map(({ time }) => time[time.length - 1])),
      truncated: end?.truncated ?? true,
      droppedRows: (end?.droppedRows ?? 0) + dropped,
      warnings: [...(end?.warnings ?? []), ...this.#warnings(end, gaps)],
    };
    if (vehicle !== undefined) flight.vehicle = vehicle;
    if (startUnixSeconds !== undefined) flight.startUnixSeconds = startUnixSeconds;
    return { flight, received: this.#received, gaps };
  }

  #warnings(end: EndFrame | null, gaps: number): string[] {
    const { fromSeq = 0 } = this.#begin;
    const warnings: string[] = [];
    if (fromSeq > 0) warnings.push(`joined in mid-flight: the first ${fromSeq} messages were sent before`);
    if (gaps > 0) warnings.push(`${gaps} of the flight's messages did not arrive`);
    if (end === null) warnings.push('the stream stopped before the flight had its end mark');
    return warnings;
  }
}
