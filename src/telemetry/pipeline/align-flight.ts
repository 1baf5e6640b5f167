import { InputError } from '../../../envs/input-error.ts';
import { type Flight, type Series, TOPICS, type TopicName } from '../flight.ts';
import { blend, type MaxGaps, METHODS, maxGaps, SAME_TIME_SECONDS } from './resample.ts';

/** A flight as one table: every topic at the same instants, `1 / rateHz` apart. */
export interface AlignedFlight<K extends TopicName = TopicName> {
  name: string;
  source: string;
  vehicle?: string;
  rateHz: number;
  /** Seconds since the flight's start, `[T]`. */
  time: Float64Array;
  /** For each topic its columns in the order of `TOPICS`, each `[T]`; NaN where `valid` is 0. */
  columns: Record<K, Float64Array[]>;
  /** For each topic 1 where it has a value, 0 inside a gap, `[T]`. */
  valid: Record<K, Uint8Array>;
  /** 1 where every topic has a value, `[T]`. */
  allValid: Uint8Array;
}

export interface AlignOptions {
  /** Longest bridged time [s] between samples; one number for all topics, or the defaults of `maxGaps()`. */
  maxGapSeconds?: number;
}

/**
 * Resamples the named topics of a flight to a fixed rate, by the flight's own sample times.
 *
 * The table reaches from the earliest first sample to the latest last one. Commands (motors, setpoints, wrench) and the
 * battery are held, never longer than the allowed gap; position, velocity, rates and acceleration are interpolated
 * linearly and the rotation spherically, never across a longer gap.
 *
 * @param rateHz rows per second, above 0
 * @throws InputError when the flight lacks a topic; RangeError for a rate that is no positive number
 */
export function alignFlight<K extends TopicName>(
  flight: Flight,
  rateHz: number,
  topics: readonly K[],
  options: AlignOptions = {},
): AlignedFlight<K> {
  if (!(rateHz > 0 && Number.isFinite(rateHz))) throw new RangeError(`rateHz: expected above 0, got ${rateHz}`);
  if (topics.length === 0) throw new RangeError('topics: expected at least one, got none');
  const series = topics.map((topic) => needed(flight, topic));
  const time = grid(series, rateHz, flight.source);
  const gaps = maxGaps(options.maxGapSeconds);
  const tables = topics.map((topic, k) => resample(topic, series[k]!, time, gaps));
  const { name, source, vehicle } = flight;
  return {
    ...{ name, source, vehicle, rateHz, time },
    columns: Object.fromEntries(topics.map((topic, k) => [topic, tables[k]!.columns])) as Record<K, Float64Array[]>,
    valid: Object.fromEntries(topics.map((topic, k) => [topic, tables[k]!.valid])) as Record<K, Uint8Array>,
    allValid: time.length === 0 ? new Uint8Array(0) : tables[0]!.valid.map((_, i) => every(tables, i)),
  };
}

function needed(flight: Flight, topic: TopicName): Series {
  const series = flight.topics[topic];
  if (series && series.time.length > 0) return series;
  const found = Object.keys(flight.topics).join(', ') || 'none';
  throw new InputError(`${flight.source}: ${topic}: expected samples of this topic, found only: ${found}`);
}

function every(tables: { valid: Uint8Array }[], i: number): number {
  return tables.every(({ valid }) => valid[i] === 1) ? 1 : 0;
}

function grid(series: Series[], rateHz: number, source: string): Float64Array {
  const from = Math.min(...series.map(({ time }) => time[0]!));
  const to = Math.max(...series.map(({ time }) => time[time.length - 1]!));
  // The table is as long as the flight; a broken clock must not ask for more memory than there is.
  const rows = Math.floor((to - from + SAME_TIME_SECONDS) * rateHz) + 1;
  if (rows > 50_000_000)
    throw new InputError(
      `${source}: time: expected a flight of at most 50 million rows, got ${to - from} s at ${rateHz} Hz`,
    );
  return Float64Array.from({ length: rows }, (_, i) => from + i / rateHz);
}

function resample(topic: TopicName, series: Series, time: Float64Array, gaps: MaxGaps) {
  const columns = TOPICS[topic].map(() => new Float64Array(time.length).fill(Number.NaN));
  const valid = new Uint8Array(time.length);
  const [a, b, out] = [0, 1, 2].map(() => new Float64Array(columns.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let i = -1; // the last sample at or before the row
  for (let row = 0; row < time.length; row++) {
    const t = time[row]!;
    while (i + 1 < series.time.length && series.time[i + 1]! <= t + SAME_TIME_SECONDS) i++;
    if (i < 0) continue;
    const u = fractionAt(topic, t, series.time[i]!, series.time[i + 1], gaps[topic]);
    if (Number.isNaN(u)) continue;
    const next = Math.min(i + 1, series.time.length - 1);
    for (let c = 0; c < a.length; c++) {
      a[c] = series.columns[c]![i]!;
      b[c] = series.columns[c]![next]!;
    }
    blend(METHODS[topic], a, b, u, out);
    if (!out.every(Number.isFinite)) continue;
    valid[row] = 1;
    for (let c = 0; c < out.length; c++) columns[c]![row] = out[c]!;
  }
  return { columns, valid };
}

/** How far `t` lies between two samples, in [0, 1]; NaN where the gap around it must not be bridged. */
export function fractionAt(
  topic: TopicName,
  t: number,
  before: number,
  after: number | undefined,
  maxGap: number,
): number {
  const since = t - before;
  if (since <= SAME_TIME_SECONDS) return 0;
  if (METHODS[topic] === 'hold') return since <= maxGap + SAME_TIME_SECONDS ? 0 : Number.NaN;
  if (after === undefined || after - before > maxGap + SAME_TIME_SECONDS) return Number.NaN;
  return since / (after - before);
}
