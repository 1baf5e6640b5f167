import * as assert from 'uvu/assert';
import { TestScheduler } from 'rxjs/testing';
import type { Flight, Series, TopicName } from '../../../src/telemetry/flight.ts';
import type { SampleEvent, TelemetryEvent } from '../../../src/telemetry/pipeline/event.ts';
import type { AlignedRow } from '../../../src/telemetry/pipeline/live-grid.ts';

/** Runs marbles in virtual time, where one frame is a millisecond. */
export function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => assert.equal(actual, expected)).run(run);
}

/** A sample of flight `a`. */
export function sample(topic: TopicName, time: number, values: number[], at = time, seq = 0): SampleEvent {
  return { op: 'sample', flight: 'a', seq, topic, time, values, at };
}

export const begin = (flight: string, name: string): TelemetryEvent => ({ op: 'begin', flight, name, topics: [] });

export function end(flight: string, sent: number): TelemetryEvent {
  return { op: 'end', flight, sent, truncated: false, droppedRows: 0, warnings: [] };
}

/** A topic sampled at the given times, each column a function of time. */
export function series(times: number[], ...columns: ((t: number) => number)[]): Series {
  return { time: Float64Array.from(times), columns: columns.map((column) => Float64Array.from(times, column)) };
}

export function givenFlight(topics: Flight['topics'], more: Partial<Flight> = {}): Flight {
  const ends = Object.values(topics).map(({ time }) => time[time.length - 1]);
  return {
    ...{ name: 'flight', source: 'flight.csv', format: 'nanobench-csv', durationSeconds: Math.max(0, ...ends) },
    ...{ topics, truncated: false, droppedRows: 0, warnings: [], ...more },
  };
}

/** Row `index` of flight `a`'s grid. */
export function row(index: number, allValid = true, flight = 'a'): AlignedRow {
  const valid = Uint8Array.of(allValid ? 1 : 0);
  return { flight, index, time: index / 100, values: Float64Array.of(index), valid, allValid };
}

/** `count` times from `from`, `step` apart. */
export const times = (count: number, step: number, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i * step);
