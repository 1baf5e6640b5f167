import { type McapTypes, McapStreamReader } from '@mcap/core';
import { type Flight, type Series, TOPIC_NAMES, type TopicName } from './flight.ts';
import { decodeMessage, topicOfChannel } from './format.ts';
import { SeriesBuilder } from './series.ts';

/** Log times [ns] from here on are Unix times (from 2001), those below count from a start of their own. */
const UNIX_FROM = 1_000_000_000_000_000_000n;

/** One channel's messages as they stand in the file. */
export interface McapChannel {
  topic: string;
  schema: string;
  encoding: string;
  /** Log time of each message [ns]. */
  times: bigint[];
  data: Uint8Array[];
}

/** An MCAP file in memory. */
export interface McapContents {
  /** The metadata record `windhover`, empty where there is none. */
  metadata: Record<string, string>;
  channels: McapChannel[];
  /** The file ended before its footer, or in bytes that are no record. */
  truncated: boolean;
  /** Why reading stopped before the end, in the reader's words. */
  damage?: string;
}

export interface McapReadOptions {
  /** Needed for files with compressed chunks: zstd and lz4 as in `@mcap/support`. */
  decompressHandlers?: McapTypes.DecompressHandlers;
}

/**
 * Reads MCAP bytes record by record, as far as they go: a recording whose writer was killed has no index, so the
 * indexed reader would refuse it. No Node API.
 */
export function readMcap(bytes: Uint8Array, options: McapReadOptions = {}): McapContents {
  const reader = new McapStreamReader(options);
  const contents: McapContents = { metadata: {}, channels: [], truncated: false };
  const index = { schemas: new Map<number, string>(), channels: new Map<number, McapChannel>() };
  try {
    reader.append(bytes);
    for (let record = reader.nextRecord(); record; record = reader.nextRecord()) take(record, contents, index);
    contents.truncated = !reader.done();
  } catch (error) {
    contents.truncated = true;
    contents.damage = error instanceof Error ? error.message : String(error);
  }
  contents.channels = [...index.channels.values()];
  return contents;
}

/**
 * The flights in MCAP bytes of Windhover's own format: one for each episode, or one where the file marks none.
 *
 * A file of somebody else gives one flight without topics. No Node API.
 *
 * @param source the file's path or the stream's address, for messages
 */
export function readMcapFlights(bytes: Uint8Array, source: string, options: McapReadOptions = {}): Flight[] {
  return flightsOf(readMcap(bytes, options), source);
}

/** As `readMcapFlights`, from contents already read. */
export function flightsOf(contents: McapContents, source: string): Flight[] {
  const starts = episodeStarts(contents);
  if (starts.length < 2) return [flightBetween(contents, source, null, null)];
  return starts.map((start, i) => {
    const flight = flightBetween(contents, source, start, starts[i + 1] ?? null);
    return { ...flight, name: `${flight.name}#${i}`, truncated: contents.truncated && i === starts.length - 1 };
  });
}

/** The whole file as one flight, whether or not it holds several episodes. */
export function flightOf(contents: McapContents, source: string): Flight {
  return flightBetween(contents, source, null, null);
}

function take(
  record: McapTypes.TypedMcapRecord,
  contents: McapContents,
  index: { schemas: Map<number, string>; channels: Map<number, McapChannel> },
): void {
  if (record.type === 'Schema') index.schemas.set(record.id, record.name);
  else if (record.type === 'Metadata' && record.name === 'windhover') {
    contents.metadata = Object.fromEntries(record.metadata);
  } else if (record.type === 'Channel' && !index.channels.has(record.id)) {
    const { topic, messageEncoding: encoding } = record;
    const schema = index.schemas.get(record.schemaId) ?? '';
    index.channels.set(record.id, { topic, schema, encoding, times: [], data: [] });
  } else if (record.type === 'Message') {
    const channel = index.channels.get(record.channelId);
    channel?.times.push(record.logTime);
    channel?.data.push(record.data);
  }
}

function flightBetween(contents: McapContents, source: string, from: bigint | null, to: bigint | null): Flight {
  const { metadata } = contents;
  const topics: Partial<Record<TopicName, Series>> = {};
  const inside = (time: bigint) => (from === null || time >= from) && (to === null || time < to);
  const ours = contents.channels.filter((c) => c.encoding === 'json' && topicOfChannel(c.topic) !== null);
  const stamps = ours.flatMap((c) => c.times.filter(inside));
  const zero = from ?? earliest(stamps);
  let droppedRows = 0;
  for (const topic of TOPIC_NAMES) {
    const builder = new SeriesBuilder(topic);
    for (const channel of ours)
      if (topicOfChannel(channel.topic) === topic) fill(builder, topic, channel, inside, zero);
    if (builder.length > 0) topics[topic] = builder.finish();
    droppedRows += builder.dropped;
  }
  const ends = Object.values(topics).map((series) => series.time[series.time.length - 1]);
  const note = recordingNote(contents);
  const flight: Flight = {
    name: metadata.name ?? source,
    source,
    format: 'mcap',
    durationSeconds: Math.max(0, ...ends),
    topics,
    truncated: contents.truncated || note.truncated === true,
    droppedRows: droppedRows + (typeof note.droppedRows === 'number' ? note.droppedRows : 0),
    warnings: Array.isArray(note.warnings) ? note.warnings.map(String) : [],
  };
  if (metadata.vehicle) flight.vehicle = metadata.vehicle;
  if (zero >= UNIX_FROM) flight.startUnixSeconds = Number(zero) / 1e9;
  return flight;
}

/** What the hub noted at the end of a recording: the stream may have been cut where the file was closed properly. */
function recordingNote(contents: McapContents): { truncated?: unknown; droppedRows?: unknown; warnings?: unknown } {
  const data = contents.channels.find((channel) => channel.topic === '/recording')?.data.at(-1);
  return ((data && parseJson(new TextDecoder(), data)) ?? {}) as object;
}

function earliest(times: bigint[]): bigint {
  let first = times[0] ?? 0n;
  for (const time of times) if (time < first) first = time;
  return first;
}

function fill(
  builder: SeriesBuilder,
  topic: TopicName,
  channel: McapChannel,
  inside: (time: bigint) => boolean,
  zero: bigint,
): void {
  const text = new TextDecoder();
  channel.times.forEach((time, i) => {
    if (inside(time)) builder.push(Number(time - zero) / 1e9, decodeMessage(topic, parseJson(text, channel.data[i])));
  });
}

function parseJson(text: TextDecoder, data: Uint8Array): unknown {
  try {
    return JSON.parse(text.decode(data));
  } catch {
    return null; // decodes to NaN, so the builder drops and counts it
  }
}

function episodeStarts(contents: McapContents): bigint[] {
  const channel = contents.channels.find((c) => c.topic === '/episode' && c.encoding === 'json');
  if (!channel) return [];
  const text = new TextDecoder();
  return channel.times.filter((_, i) => (parseJson(text, channel.data[i]) as { event?: string })?.event === 'start');
}
