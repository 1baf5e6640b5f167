import { InputError } from '../../envs/input-error.ts';
import type { Flight, Series, TopicName } from '../../src/episode/flight.ts';
import { topicOfChannel } from '../../src/episode/format.ts';
import { flightsOf, type McapChannel, type McapContents, readMcap } from '../../src/episode/reader.ts';
import { type SceneUpdate, sceneUpdate } from './scene-update.ts';

/** What happened at a moment of an episode. */
export interface EpisodeEvent {
  time: number;
  event: string;
}

/** One flight in memory, ready to draw. World ENU, body FLU, SI units. */
export interface Recording {
  name: string;
  vehicle?: string;
  durationSeconds: number;
  topics: Partial<Record<TopicName, Series>>;
  /** Obstacles and goals, each update with the time from which it stands. */
  scene: (SceneUpdate & { time: number })[];
  events: EpisodeEvent[];
  /** The file ends in the middle: drawn as far as it goes. */
  truncated: boolean;
  /** One sample is kept in each so many seconds, where not all of them are; else 0. */
  coarsestSeconds?: number;
}

/**
 * The flights in the bytes of an MCAP file, as far as it goes: one for each episode, or one where it marks none.
 *
 * @param name file name, for people
 * @throws InputError when the bytes are no MCAP file or hold nothing to draw
 */
export function readRecordings(bytes: Uint8Array, name: string): Recording[] {
  checkMagic(bytes, name);
  const contents = readMcap(bytes);
  const starts = eventsIn(contents).filter(({ event }) => event === 'start');
  const flights = flightsOf(contents, name);
  const recordings = flights.map((flight, index) => {
    const from = flights.length > 1 ? starts[index].stamp : earliest(contents);
    return toRecording(flight, contents, from, starts[index + 1]?.stamp ?? null);
  });
  const drawable = recordings.filter((recording) => Object.keys(recording.topics).length > 0);
  if (drawable.length === 0) throw new InputError(`${name}: ${whatIsMissing(contents)}`);
  return drawable;
}

function checkMagic(bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) throw new InputError(`${name}: the file is empty`);
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  if (start !== '\x89MCAP0\r\n')
    throw new InputError(`${name}: expected an MCAP recording, but the file begins with ${JSON.stringify(start)}`);
}

function whatIsMissing({ channels, damage }: McapContents): string {
  if (damage && /compress/i.test(damage))
    return `expected uncompressed chunks, as Windhover writes them (${damage}); \`windhover watch FILE\` opens others`;
  if (channels.length === 0) return 'the file ends before any data';
  const found = channels.map(({ topic, encoding }) => `${topic} (${encoding})`);
  return `expected Windhover's topics, /pose first of all, found ${found.slice(0, 6).join(', ')}`;
}

function toRecording(flight: Flight, contents: McapContents, from: bigint, to: bigint | null): Recording {
  const inside = ({ stamp }: { stamp: bigint }) => to === null || stamp < to;
  const since = (stamp: bigint) => Math.max(Number(stamp - from) / 1e9, 0);
  const { name, vehicle, durationSeconds, topics, truncated } = flight;
  const scene = messagesOf(contents, '/scene')
    .filter(inside)
    .map(({ stamp, body }) => ({ time: since(stamp), ...sceneUpdate(body) }));
  const events = eventsIn(contents)
    .filter((event) => event.stamp >= from && inside(event))
    .map(({ stamp, event }) => ({ time: since(stamp), event }));
  return { name, vehicle, durationSeconds, topics, scene, events, truncated };
}

function eventsIn(contents: McapContents): { stamp: bigint; event: string }[] {
  return messagesOf(contents, '/episode').map(({ stamp, body }) => ({ stamp, event: String(body.event) }));
}

/** A channel's JSON messages in order; damaged ones are left out, the rest of the flight is still worth seeing. */
function messagesOf(contents: McapContents, topic: string): { stamp: bigint; body: Record<string, unknown> }[] {
  const channel = contents.channels.find((candidate) => candidate.topic === topic && candidate.encoding === 'json');
  return channel
    ? channel.times.flatMap((stamp, index) => bodyOf(channel, index).map((body) => ({ stamp, body })))
    : [];
}

function bodyOf(channel: McapChannel, index: number): Record<string, unknown>[] {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(channel.data[index]));
    return typeof body === 'object' && body !== null ? [body as Record<string, unknown>] : [];
  } catch {
    return [];
  }
}

/** Time zero of a file with at most one episode: its first sample, as `flightsOf` counts. */
function earliest(contents: McapContents): bigint {
  let first: bigint | null = null;
  for (const { topic, encoding, times } of contents.channels)
    if (encoding === 'json' && topicOfChannel(topic) !== null)
      for (const time of times) if (first === null || time < first) first = time;
  return first ?? 0n;
}
