import type { Flight, Series, TopicName } from '../../src/episode/flight.ts';

/** A flight of a second: pose at 100 Hz on a slope, motors at 50 Hz, one battery reading. */
export function givenFlight(more: Partial<Flight> = {}): Flight {
  return {
    name: 'slope',
    source: 'slope.csv',
    format: 'nanobench-csv',
    vehicle: 'test vehicle',
    durationSeconds: 0.99,
    topics: {
      pose: series(100, 0.01, (t) => [t, 2 * t, 3 * t, 0, 0, Math.sin(t / 2), Math.cos(t / 2)]),
      motors: series(50, 0.02, (t) => [t, t / 2, t / 3, t / 4]),
      battery: series(1, 1, () => [3.9]),
    },
    truncated: false,
    droppedRows: 0,
    warnings: [],
    ...more,
  };
}

export function series(count: number, step: number, values: (t: number) => number[]): Series {
  const time = Float64Array.from({ length: count }, (_, i) => i * step);
  const width = values(0).length;
  const columns = Array.from({ length: width }, (_, c) => time.map((t) => values(t)[c]));
  return { time, columns };
}

export const topicNames = (flight: Flight) => Object.keys(flight.topics) as TopicName[];
