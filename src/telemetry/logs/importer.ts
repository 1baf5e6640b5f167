import type { Flight, LogFormat } from '../flight.ts';

/** A log file in memory, gunzipped where it was gzipped. */
export interface LogFile {
  path: string;
  /** The file's name without folder and extensions. */
  name: string;
  bytes: Uint8Array;
  /** The gzip around it ended early; `bytes` is what could be had. */
  truncated: boolean;
}

/** A topic as the log itself names it. */
export interface RawTopic {
  name: string;
  /** Seconds, ascending, `[T]`. */
  time: Float64Array;
}

/** What an importer gives. */
export interface ReadLog {
  flight: Flight;
  /** The log's own topics, for container formats; a table has none but ours. */
  raw?: RawTopic[];
}

/** One log format. */
export interface Importer {
  format: LogFormat;
  /** What it reads, for the message about a file that nothing reads. */
  reads: string;
  /** Whether a file that starts with these bytes (64 KiB, or the whole file) is of this format. */
  detect(head: Uint8Array): boolean;
  /** @throws InputError naming the file and what was expected, when nothing in it can be used */
  read(file: LogFile): Promise<ReadLog>;
  /** For formats that hold several flights in one file: each of them. */
  readEach?(file: LogFile): Promise<Flight[]>;
}

/** One sample on its way into a topic: time by the vehicle's clock [s] and the topic's columns. */
export interface TimedValues {
  time: number;
  values: ArrayLike<number>;
}

/** A flight without samples, to be filled in. */
export function emptyFlight(file: LogFile, format: LogFormat): Flight {
  const { path: source, name, truncated } = file;
  const warnings = truncated ? [`${name}: the gzip ends early; read as far as it goes`] : [];
  return { name, source, format, durationSeconds: 0, topics: {}, truncated, droppedRows: 0, warnings };
}

/** Sets the duration from the last sample of any topic; times must count from the flight's start. */
export function measureDuration(flight: Flight): void {
  const ends = Object.values(flight.topics).map(({ time }) => time[time.length - 1] ?? 0);
  flight.durationSeconds = Math.max(0, ...ends);
}

/** Standard gravity [m/s²]: what "g" means in an accelerometer's log. */
export const STANDARD_GRAVITY = 9.80665;

export const RADIANS_PER_DEGREE = Math.PI / 180;

/** In the warning of a log whose position was not measured but summed up from speeds. */
export const DEAD_RECKONING = 'dead reckoning';
