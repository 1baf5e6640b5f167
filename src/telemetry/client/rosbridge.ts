import { WebSocket } from 'ws';
import { InputError } from '../../../envs/input-error.ts';
import { countSamples, samplesInOrder } from '../../episode/samples.ts';
import type { Flight, TopicName } from '../flight.ts';
import { ROS_TOPICS, writeAdvertisement, writePublish } from '../protocols/rosbridge-write.ts';
import { type Clock, realClock } from './clock.ts';
import { checkHubAddress } from './hub-link.ts';
import { paced, type Speed } from './pacing.ts';

export interface RosbridgeStreamOptions {
  /** A rosbridge server, or a hub's `/rosbridge`. */
  url: string;
  /** Of a hub; goes into the address. */
  token?: string;
  /** Default `max`. */
  speed?: Speed;
  /** Aborting ends the flight under way. */
  signal?: AbortSignal;
  onProgress?: (progress: { name: string; sent: number; total: number }) => void;
  clock?: Clock;
}

/** rosbridge acknowledges nothing: what was sent left this machine. */
export interface RosbridgeStreamReport {
  sent: number;
  seconds: number;
  flights: { name: string; durationSeconds: number; sent: number; leftOut: TopicName[] }[];
  interrupted: boolean;
  /** Why the connection ended before its time, or null. */
  lost: string | null;
  /** What the server complained of, the first ten. */
  complaints: string[];
}

/** Bytes that may wait before no more is sent. */
const MAX_BUFFERED = 1024 * 1024;
const PATIENCE_MS = 10_000;
const POLL_MS = 5;

/**
 * Plays flights into a ROS machine by rosbridge's JSON, one after the other, each over a connection of its own; topics that ROS
 * has no type for are left out.
 *
 * @throws InputError when nothing answers at the address
 */
export async function streamToRosbridge(
  flights: readonly Flight[],
  options: RosbridgeStreamOptions,
): Promise<RosbridgeStreamReport> {
  const { signal, clock = realClock } = options;
  const report: RosbridgeStreamReport = {
    ...{ sent: 0, seconds: 0, flights: [], interrupted: false, lost: null, complaints: [] },
  };
  const start = clock.now();
  for (const flight of flights) {
    if (report.lost !== null || signal?.aborted) break;
    await streamOne(
      flight,
      options,
      report,
      flights.reduce((sum, f) => sum + countSamples(told(f)), 0),
    );
  }
  report.seconds = (clock.now() - start) / 1000;
  report.interrupted = signal?.aborted ?? false;
  return report;
}

async function streamOne(
  flight: Flight,
  options: RosbridgeStreamOptions,
  report: RosbridgeStreamReport,
  total: number,
): Promise<void> {
  const { speed = 'max', signal, clock = realClock } = options;
  const { name, durationSeconds, topics, startUnixSeconds = Date.now() / 1000 } = flight;
  const socket = await connect(options, report);
  const leftOut = (Object.keys(topics) as TopicName[]).filter((topic) => !ROS_TOPICS.includes(topic));
  for (const topic of ROS_TOPICS) if (topics[topic]) socket.send(writeAdvertisement(topic));
  const before = report.sent;
  for await (const messages of paced(samplesInOrder(told(flight)), speed, clock, signal)) {
    while (socket.bufferedAmount > MAX_BUFFERED && report.lost === null) await clock.sleep(POLL_MS, signal);
    if (report.lost !== null || signal?.aborted) break;
    for (const message of messages) socket.send(writePublish(message, startUnixSeconds)!);
    report.sent += messages.length;
    options.onProgress?.({ name, sent: report.sent, total });
  }
  report.flights.push({ name, durationSeconds, sent: report.sent - before, leftOut });
  await hangUp(socket);
}

/** The part of a flight that ROS has types for. */
function told(flight: Flight): Flight {
  const topics = Object.fromEntries(
    ROS_TOPICS.flatMap((topic) => (flight.topics[topic] ? [[topic, flight.topics[topic]]] : [])),
  );
  return { ...flight, topics };
}

function connect({ url, token }: RosbridgeStreamOptions, report: RosbridgeStreamReport): Promise<WebSocket> {
  checkHubAddress(url);
  const address = new URL(url);
  if (token !== undefined) address.searchParams.set('token', token);
  const socket = new WebSocket(address, { handshakeTimeout: PATIENCE_MS });
  return new Promise((resolve, reject) => {
    let open = false;
    socket.on('error', ({ message }) => {
      if (open) report.lost ??= message;
      else reject(new InputError(`${url}: expected a rosbridge server, but got: ${message}`));
    });
    socket.once('open', () => {
      open = true;
      resolve(socket);
    });
    socket.on('message', (data) => complain(data.toString(), report.complaints));
    socket.on('close', (code, reason) => {
      // We said goodbye ourselves where it is answered by 1000.
      if (open && code !== 1000) report.lost ??= reason.toString() || `it closed without a word (code ${code})`;
    });
  });
}

function complain(text: string, complaints: string[]): void {
  try {
    const { op, level, msg } = JSON.parse(text) as Record<string, unknown>;
    if (op === 'status' && (level === 'error' || level === 'warning') && complaints.length < 10)
      complaints.push(String(msg));
  } catch {
    // what is no JSON tells us nothing
  }
}

/** Resolves when the server has taken everything and said goodbye. */
async function hangUp(socket: WebSocket): Promise<void> {
  if (socket.readyState === socket.CLOSED) return;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.close(1000);
  await closed;
}
