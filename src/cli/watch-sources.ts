import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { IWritable } from '@mcap/core';
import { InputError } from '../../envs/input-error.ts';
import type { Outcome } from '../episode/catalogue.ts';
import {
  type Flight,
  FlightWriter,
  type McapContents,
  readMcap,
  samplesInOrder,
  topicOfChannel,
} from '../episode/index.ts';
import { type ReadOptions, readFlights } from '../telemetry/logs/index.ts';

/** One MCAP file, on disk or made in memory of another log, with what a list says of it. */
export interface WatchSource {
  name: string;
  bytes: () => Promise<Uint8Array>;
  /** A recorded flight counts as one without outcome. */
  episodes: { outcome?: Outcome; isEpisode: boolean; durationSeconds: number }[];
  /** The file's own words: task, vehicle and others. */
  about: Record<string, string>;
}

/** Reads files for the list, each once as long as it does not change: the page asks anew whenever it is loaded. */
export class SourceReader {
  private readonly read = new Map<string, Promise<WatchSource[]>>();
  private readonly options: ReadOptions;

  constructor(options: ReadOptions = {}) {
    this.options = options;
  }

  /** An MCAP file of ours. Throws InputError when it holds none of our topics. */
  async mcap(file: string): Promise<WatchSource> {
    const [source] = await this.once(file, async () => [await mcapSource(file)], 'mcap');
    return source;
  }

  /** A file of any format: one source, or one for each flight in it. Throws InputError when no importer reads it. */
  log(file: string): Promise<WatchSource[]> {
    return this.once(file, () => logSources(file, this.options), 'log');
  }

  private once(file: string, make: () => Promise<WatchSource[]>, kind: string): Promise<WatchSource[]> {
    const changed = existsSync(file) ? statSync(file).mtimeMs : 0;
    const key = `${kind} ${changed} ${file}`;
    let source = this.read.get(key);
    if (!source) this.read.set(key, (source = make()));
    return source;
  }
}

/** MCAP of ours is served as it is; anything else is imported and served as MCAP made in memory. */
async function logSources(file: string, options: ReadOptions): Promise<WatchSource[]> {
  if (file.endsWith('.mcap') && existsSync(file)) {
    const source = await mcapSource(file).catch(() => null);
    if (source) return [source];
  }
  const flights = await readFlights(file, options);
  return flights.map((flight) => ({
    name: flights.length === 1 ? basename(file) : flight.name,
    bytes: memo(() => toMcap(flight)),
    episodes: [{ durationSeconds: flight.durationSeconds, isEpisode: false }],
    about: {},
  }));
}

async function mcapSource(file: string): Promise<WatchSource> {
  const contents = readMcap(await readFile(file));
  const ours = contents.channels.some(({ topic, encoding }) => encoding === 'json' && topicOfChannel(topic) !== null);
  if (!ours) throw new InputError(`${file}: expected Windhover's topics such as /pose, found none`);
  return {
    name: basename(file),
    bytes: () => readFile(file),
    episodes: episodesOf(contents),
    about: contents.metadata,
  };
}

/** Length and outcome of each episode; a recorded flight counts as one without outcome. */
function episodesOf({ channels }: McapContents): WatchSource['episodes'] {
  const marks = channels.find(({ topic }) => topic === '/episode');
  const events = marks?.data.map((data, index) => ({ time: marks.times[index], event: eventOf(data) })) ?? [];
  const [first, last] = span(channels.filter(({ topic }) => topicOfChannel(topic) !== null));
  const starts = events.filter(({ event }) => event === 'start').map(({ time }) => time);
  const from = starts.length > 1 ? starts : [first];
  return from.map((start, index) => {
    const next = from[index + 1];
    const end = events.findLast(({ event, time }) => event !== 'start' && time >= start && (!next || time <= next));
    const durationSeconds = Number((end?.time ?? next ?? last) - start) / 1e9;
    return { outcome: end?.event as Outcome | undefined, isEpisode: events.length > 0, durationSeconds };
  });
}

function eventOf(data: Uint8Array): string {
  try {
    return String(JSON.parse(new TextDecoder().decode(data)).event);
  } catch {
    return '';
  }
}

function span(channels: McapContents['channels']): [bigint, bigint] {
  const times = channels.flatMap(({ times }) => (times.length > 0 ? [times[0], times[times.length - 1]] : []));
  const sorted = times.sort((a, b) => (a < b ? -1 : 1));
  return [sorted[0] ?? 0n, sorted.at(-1) ?? 0n];
}

/** A flight's samples as an MCAP file in memory. */
async function toMcap(flight: Flight): Promise<Uint8Array> {
  const file = new MemoryFile();
  const writer = new FlightWriter(file, { startUnixSeconds: flight.startUnixSeconds });
  const { name, vehicle, source, format } = flight;
  void writer.start({ kind: 'recording', name, vehicle, source, format });
  for (const { topic, time, values } of samplesInOrder(flight)) void writer.write(topic, time, values);
  await writer.end();
  return file.bytes;
}

/** What is written, kept in parts: one growing buffer would copy a long flight hundreds of times. */
class MemoryFile implements IWritable {
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  async write(data: Uint8Array): Promise<void> {
    this.parts.push(Uint8Array.from(data)); // the writer uses its buffer again
    this.size += data.byteLength;
  }

  position(): bigint {
    return BigInt(this.size);
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.parts, this.size);
  }
}

function memo<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
