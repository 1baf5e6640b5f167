import { loadDecompressHandlers } from '@mcap/support';
import { InputError } from '../../../envs/input-error.ts';
import { flightOf, flightsOf, type McapContents, readMcap } from '../../episode/index.ts';
import type { Flight } from '../flight.ts';
import type { Importer, LogFile, RawTopic, ReadLog } from './importer.ts';
import { readRos2 } from './ros2.ts';

const MAGIC = [0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a];

/** MCAP: our own episodes and recordings, and ROS 2 bags; anybody else's shows its topics. */
export const mcap: Importer = {
  format: 'mcap',
  reads: 'MCAP',
  detect: (head) => MAGIC.every((byte, i) => head[i] === byte),
  read: async (file) => readFile(file, await contentsOf(file)),
  readEach: readEpisodes,
};

/** Every episode of a file as a flight of its own; a recording is one. */
async function readEpisodes(file: LogFile): Promise<Flight[]> {
  const contents = await contentsOf(file);
  return flightsOf(contents, file.path).map((flight) => withRos2(annotate(flight, contents, file), contents));
}

async function contentsOf(file: LogFile): Promise<McapContents> {
  const contents = readMcap(file.bytes, { decompressHandlers: await loadDecompressHandlers() });
  const messages = contents.channels.reduce((sum, channel) => sum + channel.times.length, 0);
  if (messages === 0) throw new InputError(`${file.path}: expected messages in the MCAP, found none`);
  return contents;
}

function readFile(file: LogFile, contents: McapContents): ReadLog {
  const flight = withRos2(annotate(flightOf(contents, file.path), contents, file), contents);
  const episodes = flightsOf(contents, file.path).length;
  if (episodes > 1) flight.warnings.push(`${file.name}: holds ${episodes} episodes, taken as one flight`);
  const raw = contents.channels.map(({ topic, times }) => rawTopic(topic, times));
  const spans = raw.filter(({ time }) => time.length > 0);
  const zero = Math.min(...spans.map(({ time }) => time[0]));
  const end = Math.max(...spans.map(({ time }) => time[time.length - 1]));
  if (Object.keys(flight.topics).length === 0) flight.durationSeconds = end - zero;
  return { flight, raw };
}

/** A file that is none of ours may be a ROS 2 bag. */
function withRos2(flight: Flight, contents: McapContents): Flight {
  if (Object.keys(flight.topics).length === 0) readRos2(contents, flight);
  return flight;
}

function annotate(flight: Flight, contents: McapContents, file: LogFile): Flight {
  if (flight.name === file.path) flight.name = file.name;
  flight.truncated ||= file.truncated;
  if (flight.truncated) {
    const why = contents.damage ? ` (${contents.damage})` : '';
    flight.warnings.push(`${file.name}: ends before its footer; read as far as it goes${why}`);
  }
  return flight;
}

function rawTopic(name: string, times: bigint[]): RawTopic {
  const zero = times[0] ?? 0n;
  const base = Number(zero) / 1e9;
  return { name, time: Float64Array.from(times, (time) => base + Number(time - zero) / 1e9).sort() };
}
