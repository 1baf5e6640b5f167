import type { Flight, Series, TopicName } from '../flight.ts';

/** Seconds of nothing between two flights that are shown as one. */
const PAUSE = 1;

/** The flights of one file, one after the other, as one: to be summed up or shown, not to be learnt from. */
export function joinFlights(flights: readonly Flight[]): Flight {
  const [first, ...others] = flights;
  if (others.length === 0) return first;
  const joined: Flight = {
    ...first,
    name: first.name.replace(/#\d+$/, ''),
    topics: {},
    warnings: [],
    droppedRows: 0,
    durationSeconds: 0,
  };
  const parts = new Map<TopicName, { series: Series; start: number }[]>();
  let start = 0;
  for (const flight of flights) {
    for (const [topic, series] of Object.entries(flight.topics) as [TopicName, Series][])
      parts.set(topic, [...(parts.get(topic) ?? []), { series, start }]);
    joined.durationSeconds = start + flight.durationSeconds;
    start = joined.durationSeconds + PAUSE;
    joined.droppedRows += flight.droppedRows;
    joined.truncated ||= flight.truncated;
  }
  for (const [topic, pieces] of parts) joined.topics[topic] = concatenate(pieces);
  const own = [...new Set(flights.flatMap(({ warnings }) => warnings))];
  const short =
    own.length > MOST_WARNINGS
      ? [...own.slice(0, MOST_WARNINGS), `${own.length - MOST_WARNINGS} more such notes`]
      : own;
  joined.warnings = [`${joined.name}: holds ${flights.length} flights, shown here as one`, ...short];
  return joined;
}

/** Of hundreds of flights nobody reads each note. */
const MOST_WARNINGS = 10;

function concatenate(pieces: { series: Series; start: number }[]): Series {
  const time = Float64Array.from(pieces.flatMap(({ series, start }) => Array.from(series.time, (t) => t + start)));
  const columns = pieces[0].series.columns.map((_, c) =>
    Float64Array.from(pieces.flatMap(({ series }) => Array.from(series.columns[c]))),
  );
  return { time, columns };
}
