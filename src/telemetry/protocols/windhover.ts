import { z } from 'zod';
import { TOPICS, type TopicName } from '../flight.ts';

/** The name that client and hub agree on in the WebSocket handshake. */
export const SUBPROTOCOL = 'windhover.v1';
export const VERSION = 1;

/** Close codes of our own (RFC 6455 leaves 4000–4999 to the application). */
export const CLOSE = { badToken: 4401, badHello: 4400, tooSlow: 4408 } as const;

/** One topic's sample: `t` in seconds since the flight's start, `values` in the order of `TOPICS[topic]`. */
export interface Message {
  topic: TopicName;
  t: number;
  values: number[];
}

/** Messages `seq`, `seq + 1`, … of a flight; a place is null where the message in it could not be used. */
export interface DataFrame {
  op: 'data';
  flight: string;
  seq: number;
  messages: (Message | null)[];
  /** Why each null is one, `messages[3].values: expected …`. Never sent. */
  problems: string[];
}

const id = z.string().min(1).max(200);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const topic = z.enum(Object.keys(TOPICS) as [TopicName, ...TopicName[]]);

const hello = z.object({
  op: z.literal('hello'),
  version: z.literal(VERSION),
  role: z.enum(['publisher', 'subscriber', 'hub']),
  token: z.string().max(1000).optional(),
});

const begin = z.object({
  op: z.literal('begin'),
  flight: id,
  name: z.string().min(1).max(500),
  source: z.string().max(4000).optional(),
  format: z.string().max(100).optional(),
  vehicle: z.string().max(200).optional(),
  /** Unix time [s] of `t = 0`; below 2^32 so that it fits a timestamp of MCAP's JSON schemas. */
  startUnixSeconds: z.number().min(0).max(4_294_967_295).optional(),
  topics: z.array(topic).max(100),
  /** Hub to subscriber only: the first `seq` that this subscriber gets, above 0 when it joined in mid-flight. */
  fromSeq: count.optional(),
});

const end = z.object({
  op: z.literal('end'),
  flight: id,
  /** Messages that the publisher sent in this flight: the `seq` after its last one. */
  sent: count,
  truncated: z.boolean(),
  droppedRows: count,
  warnings: z.array(z.string().max(2000)).max(1000),
});

const ack = z.object({
  op: z.literal('ack'),
  flight: id,
  /** The highest `seq` up to which nothing is missing; −1 before the first. */
  seq: z.number().int().min(-1),
  /** Messages that came in, the bad ones among them. */
  received: count,
  /** Messages taken: recorded where the hub records, else passed on. */
  accepted: count,
  /** Messages thrown away: unreadable, or not written to the disk. */
  dropped: count,
  /** True on the last one, which answers the end mark once the recording is closed. */
  final: z.boolean(),
});

const error = z.object({ op: z.literal('error'), message: z.string(), field: z.string().optional() });

/** Hub to subscriber: how many publishers are connected and how many flights are under way. */
const status = z.object({ op: z.literal('status'), publishers: count, flights: count });

const control = z.discriminatedUnion('op', [hello, begin, end, ack, error, status]);

export type Hello = z.infer<typeof hello>;
export type BeginFrame = z.infer<typeof begin>;
export type EndFrame = z.infer<typeof end>;
export type AckFrame = z.infer<typeof ack>;
export type ErrorFrame = z.infer<typeof error>;
export type StatusFrame = z.infer<typeof status>;
export type ControlFrame = z.infer<typeof control>;
export type Frame = ControlFrame | DataFrame;

/** A frame that says something else than the protocol allows; `field` is where. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly field: string;
  /** How many messages are lost with the frame. */
  readonly messages: number;
  constructor(field: string, reason: string, messages = 1) {
    super(`${field}: ${reason}`);
    this.field = field;
    this.messages = messages;
  }
}

/**
 * Reads one text frame. Single bad messages inside a data frame become null and are told in `problems`.
 *
 * @throws FrameError that names the field, for anything else
 */
export function readFrame(text: string): Frame {
  const json = parse(text);
  if (json.op === 'data') return readData(json);
  const result = control.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new FrameError(path.join('.') || 'frame', message);
}

function parse(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new FrameError('frame', `expected JSON, got ${show(text)}`);
  }
  if (isRecord(json)) return json;
  throw new FrameError('frame', `expected a JSON object, got ${show(json)}`);
}

// Checked by hand: a hub reads thousands of these a second, and zod takes several times as long.
function readData(json: Record<string, unknown>): DataFrame {
  const { flight, seq, messages } = json;
  if (typeof flight !== 'string') throw new FrameError('flight', `expected a flight's id, got ${show(flight)}`);
  if (!Number.isSafeInteger(seq) || (seq as number) < 0)
    throw new FrameError('seq', `expected a whole number from 0, got ${show(seq)}`);
  if (!Array.isArray(messages)) throw new FrameError('messages', `expected a list, got ${show(messages)}`);
  const problems: string[] = [];
  const good = messages.map((message, i) => {
    const problem = problemOf(message);
    if (problem === null) return message as Message;
    problems.push(`messages[${i}]${problem}`);
    return null;
  });
  return { op: 'data', flight, seq: seq as number, messages: good, problems };
}

function problemOf(message: unknown): string | null {
  if (!isRecord(message)) return `: expected an object, got ${show(message)}`;
  const { topic, t, values } = message;
  if (typeof topic !== 'string' || !Object.hasOwn(TOPICS, topic))
    return `.topic: expected one of ${Object.keys(TOPICS).join(', ')}, got ${show(topic)}`;
  if (!isNumber(t) || t < 0 || t > 1e9) return `.t: expected seconds from 0 to 1e9, got ${show(t)}`;
  const columns = TOPICS[topic as TopicName];
  if (!Array.isArray(values) || values.length !== columns.length)
    return `.values: expected ${columns.length} numbers (${columns.join(', ')}), got ${show(values)}`;
  const bad = values.findIndex((value) => !isNumber(value));
  return bad < 0 ? null : `.values[${bad}]: expected a number for ${columns[bad]}, got ${show(values[bad])}`;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function show(value: unknown): string {
  // Only a glance: a hostile frame may be a megabyte long, or nested deeper than JSON.stringify can go.
  if (Array.isArray(value) && value.length > 8) return `a list of ${value.length}`;
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `[${value.map((v) => (typeof v === 'object' ? '…' : String(v))).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** The text of a control frame. */
export const writeFrame = (frame: ControlFrame): string => JSON.stringify(frame);

/** The text of a data frame. */
export function writeData(flight: string, seq: number, messages: readonly Message[]): string {
  return JSON.stringify({ op: 'data', flight, seq, messages });
}
