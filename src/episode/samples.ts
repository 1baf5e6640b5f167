import { type Flight, type Series, TOPIC_NAMES, type TopicName } from './flight.ts';

/** One sample of one topic: the unit that is streamed and recorded. */
export interface Sample {
  topic: TopicName;
  /** Seconds since the flight's start. */
  time: number;
  /** The topic's columns in order. */
  values: number[];
}

/** All samples of a flight in order of time; at the same time, in the order of `TOPICS`. */
export function* samplesInOrder(flight: Flight): Generator<Sample> {
  const cursors = TOPIC_NAMES.flatMap((topic) => {
    const series = flight.topics[topic];
    return series && series.time.length > 0 ? [{ topic, series, next: 0 }] : [];
  });
  while (cursors.length > 0) {
    const first = cursors.reduce((best, c) => (c.series.time[c.next] < best.series.time[best.next] ? c : best));
    yield { topic: first.topic, time: first.series.time[first.next], values: valuesAt(first.series, first.next) };
    if (++first.next === first.series.time.length) cursors.splice(cursors.indexOf(first), 1);
  }
}

/** Number of samples of all topics. */
export function countSamples(flight: Flight): number {
  return Object.values(flight.topics).reduce((sum, series) => sum + series.time.length, 0);
}

function valuesAt(series: Series, row: number): number[] {
  return series.columns.map((column) => column[row]);
}
