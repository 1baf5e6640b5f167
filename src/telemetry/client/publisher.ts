import { countSamples, samplesInOrder } from '../../episode/samples.ts';
import { type Flight, TOPICS, type TopicName } from '../flight.ts';
import { type Message, readFrame, writeData, writeFrame } from '../protocols/windhover.ts';
import { type Clock, realClock } from './clock.ts';
import { type HubLink, openHub } from './hub-link.ts';
import { Outbox } from './outbox.ts';
import { paced, type Speed } from './pacing.ts';

export interface StreamOptions {
  url: string;
  token?: string;
  /** Default `max`. */
  speed?: Speed;
  /** Aborting ends the flight under way with an end mark that says truncated. */
  signal?: AbortSignal;
  onProgress?: (progress: StreamProgress) => void;
  /** Most messages on the way without an acknowledgement. Default 8192. */
  window?: number;
  /** How long [s] to wait for a hub that acknowledges nothing. Default 60. */
  patienceSeconds?: number;
  clock?: Clock;
}

export interface StreamProgress {
  /** The flight under way. */
  name: string;
  sent: number;
  acknowledged: number;
  /** Messages of all flights. */
  total: number;
}

export interface StreamedFlight {
  name: string;
  /** Seconds of flight. */
  durationSeconds: number;
  sent: number;
  acknowledged: number;
  /** Messages that the hub threw away. */
  dropped: number;
  truncated: boolean;
}

export interface StreamReport {
  sent: number;
  /** Messages that the hub took: recorded, where it records. */
  acknowledged: number;
  /** From the first flight's beginning to the last acknowledgement. */
  seconds: number;
  flights: StreamedFlight[];
  /** The signal ended it. */
  interrupted: boolean;
  /** Why the connection ended before its time, or null. */
  lost: string | null;
  /** What the hub complained of, the first ten. */
  complaints: string[];
}

/** Time [ms] for the end mark's acknowledgement after a signal. */
const HASTE_MS = 5000;

/**
 * Plays flights into a hub as a vehicle would, one after the other, samples of all topics in order of time.
 *
 * Returns when the hub has acknowledged every end mark, when the connection is lost (`lost` says why) or when the signal
 * aborts. Memory is bounded by the window: no more is sent while so many messages are unacknowledged.
 *
 * @throws InputError when no hub can be reached at the address; RangeError for a speed that is not above 0
 */
export async function streamFlights(flights: readonly Flight[], options: StreamOptions): Promise<StreamReport> {
  const { url, token, speed = 'max', clock = realClock } = options;
  if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed)))
    throw new RangeError(`speed: expected max or a number above 0, got ${speed}`);
  const outbox = new Outbox();
  const onText = (text: string) => listen(outbox, text);
  const link = await openHub({ url, token, role: 'publisher', onText, onClose: (why) => outbox.lose(why) });
  const total = flights.reduce((sum, flight) => sum + countSamples(flight), 0);
  const start = clock.now();
  const done: StreamedFlight[] = [];
  for (const [i, flight] of flights.entries()) {
    if (outbox.lost !== null || options.signal?.aborted) break;
    done.push(await streamOne(flight, String(i), { link, outbox, total, options, clock, speed }));
  }
  const seconds = (clock.now() - start) / 1000;
  const { sent, acknowledged, lost, complaints } = outbox;
  link.close();
  const interrupted = options.signal?.aborted ?? false;
  return { sent, acknowledged, seconds, flights: done, interrupted, lost, complaints };
}

interface Stream {
  link: HubLink;
  outbox: Outbox;
  total: number;
  options: StreamOptions;
  clock: Clock;
  speed: Speed;
}

async function streamOne(flight: Flight, id: string, stream: Stream): Promise<StreamedFlight> {
  const { link, outbox, total, options, clock, speed } = stream;
  const { name, durationSeconds } = flight;
  const { signal, window = 8192, patienceSeconds = 60 } = options;
  const patience = patienceSeconds * 1000;
  link.send(beginOf(flight, id));
  let sent = 0;
  for await (const messages of paced(samplesInOrder(flight), speed, clock, signal)) {
    await outbox.room(window, patience);
    if (outbox.lost !== null || signal?.aborted) break;
    link.send(writeData(id, sent, messages as Message[]));
    sent += messages.length;
    outbox.sent += messages.length;
    options.onProgress?.({ name, sent: outbox.sent, acknowledged: outbox.acknowledged, total });
  }
  const cut = sent < countSamples(flight);
  link.send(endOf(flight, id, sent, cut));
  await outbox.final(id, cut ? HASTE_MS : patience);
  options.onProgress?.({ name, sent: outbox.sent, acknowledged: outbox.acknowledged, total });
  const { accepted = 0, dropped = 0 } = outbox.ackOf(id) ?? {};
  return { name, durationSeconds, sent, acknowledged: accepted, dropped, truncated: cut || flight.truncated };
}

function beginOf(flight: Flight, id: string): string {
  const { name, source, vehicle, startUnixSeconds, format } = flight;
  const topics = (Object.keys(TOPICS) as TopicName[]).filter((topic) => flight.topics[topic]);
  return writeFrame({ op: 'begin', flight: id, name, source, format, vehicle, startUnixSeconds, topics });
}

function endOf(flight: Flight, id: string, sent: number, cut: boolean): string {
  const { droppedRows, truncated } = flight;
  const warnings = cut ? [...flight.warnings, 'the stream was stopped before the end of the log'] : flight.warnings;
  return writeFrame({ op: 'end', flight: id, sent, truncated: cut || truncated, droppedRows, warnings });
}

function listen(outbox: Outbox, text: string): void {
  try {
    const frame = readFrame(text);
    if (frame.op === 'ack') outbox.ack(frame);
    else if (frame.op === 'error') outbox.complain(frame.message);
  } catch (error) {
    outbox.lose(`the hub sent what is no frame of the protocol: ${(error as Error).message}`);
  }
}
