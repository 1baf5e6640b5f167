import {
  type FieldPrimitive,
  fieldSize,
  type MessageDefinition,
  messageSize,
  type ParsedMessage,
  parseBasicFieldValue,
  parseFieldDefinition,
  parseMessage,
  parseMessageDefinition,
} from '@foxglove/ulog';
import { InputError } from '../../../envs/input-error.ts';

/**
 * Walks the messages of a ULog, damaged ones too, and has `@foxglove/ulog` parse what is in them.
 *
 * The library's own reader gives up at the first message under an id that nothing registered, and stops where a log has
 * data appended behind a crash; logs from the field have both.
 *
 * @see https://docs.px4.io/main/en/dev_log/ulog_file_format.html
 */

export interface UlogTopic {
  name: string;
  /** Instance: 0 for the first. */
  multiId: number;
  /** Publication time of each message by the vehicle's clock [s]. */
  time: number[];
  /** Parses message `i`. */
  message(i: number): ParsedMessage;
}

export interface UlogContents {
  /** Vehicle's clock when the log began [s]. */
  startSeconds: number;
  information: Map<string, FieldPrimitive>;
  parameters: Map<string, number>;
  topics: UlogTopic[];
  dropped: number;
  truncated: boolean;
  warnings: string[];
}

const MAGIC = [0x55, 0x4c, 0x6f, 0x67, 0x01, 0x12, 0x35];
const HEADER_BYTES = 16;
const MESSAGE_HEAD = 3; // size u16, type u8
const KNOWN_TYPES = new Set([...'BFIMPQARDLCSO'].map((letter) => letter.charCodeAt(0)));
const code = (letter: string) => letter.charCodeAt(0);
/** Messages in a row that must make sense before reading goes on behind damaged bytes. */
const CHAIN = 4;

interface Subscription {
  definition: MessageDefinition;
  topic: UlogTopic;
  offsets: number[];
  /** Where the timestamp stands in the message [bytes]. */
  timestampAt: number;
  /** Bytes of the fields; padding at the end is not logged. */
  size: number;
}

interface Walk {
  view: DataView;
  definitions: Map<string, MessageDefinition>;
  subscriptions: Map<number, Subscription>;
  contents: UlogContents;
  unknownIds: Set<number>;
}

export function isUlog(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => head[i] === byte);
}

/** @throws InputError when the file ends inside its header */
export function decodeUlog(bytes: Uint8Array, path: string): UlogContents {
  if (bytes.length < HEADER_BYTES)
    throw new InputError(`${path}: expected a ULog header of 16 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contents: UlogContents = {
    startSeconds: Number(view.getBigUint64(8, true)) / 1e6,
    information: new Map(),
    parameters: new Map(),
    topics: [],
    dropped: 0,
    truncated: false,
    warnings: [],
  };
  const walk: Walk = { view, definitions: new Map(), subscriptions: new Map(), contents, unknownIds: new Set() };
  const limits = [...appendedOffsets(view), bytes.length];
  let at = HEADER_BYTES;
  limits.forEach((limit, i) => {
    walkSegment(walk, at, limit, i === limits.length - 1);
    at = limit;
  });
  for (const id of walk.unknownIds)
    contents.warnings.push(`data under id ${id}, which no message registered, left out`);
  return contents;
}

/** Where data was appended behind the end of the main part: a message may be cut at each of these. */
function appendedOffsets(view: DataView): number[] {
  const at = HEADER_BYTES;
  if (view.byteLength < at + MESSAGE_HEAD + 40 || view.getUint8(at + 2) !== code('B')) return [];
  const offsets = [16, 24, 32].map((k) => Number(view.getBigUint64(at + MESSAGE_HEAD + k, true)));
  return offsets.filter((offset) => offset > at && offset < view.byteLength);
}

function walkSegment(walk: Walk, start: number, limit: number, last: boolean): void {
  let at = start;
  while (at < limit) {
    const end = messageEnd(walk, at, limit);
    if (end > 0 && takeMessage(walk, at, end)) {
      at = end;
      continue;
    }
    const next = end > 0 && chainFollows(walk, end, limit) ? end : findChain(walk, at + 1, limit);
    if (next < 0) break;
    walk.contents.dropped++;
    at = next;
  }
  if (at >= limit || !last) return;
  walk.contents.truncated = true;
  walk.contents.warnings.push('ends inside a message; read up to there');
}

/** Where the message at `at` ends; 0 when it does not fit. */
function messageEnd({ view }: Walk, at: number, limit: number): number {
  if (at + MESSAGE_HEAD > limit) return 0;
  const end = at + MESSAGE_HEAD + view.getUint16(at, true);
  return end <= limit ? end : 0;
}

/** Whether sensible messages follow from here on, or the end of the file does. */
function chainFollows(walk: Walk, from: number, limit: number): boolean {
  let at = from;
  for (let i = 0; i < CHAIN && at < limit; i++) {
    const end = messageEnd(walk, at, limit);
    if (end === 0 || end === at + MESSAGE_HEAD || !plausible(walk, at, end)) return false;
    at = end;
  }
  return true;
}

function plausible({ view, subscriptions }: Walk, at: number, end: number): boolean {
  const type = view.getUint8(at + 2);
  if (type !== code('D')) return KNOWN_TYPES.has(type);
  const subscription = end - at >= MESSAGE_HEAD + 2 && subscriptions.get(view.getUint16(at + MESSAGE_HEAD, true));
  return Boolean(subscription) && end - at - MESSAGE_HEAD - 2 >= (subscription as Subscription).size;
}

function findChain(walk: Walk, from: number, limit: number): number {
  for (let at = from; at + MESSAGE_HEAD < limit; at++) if (chainFollows(walk, at, limit)) return at;
  return -1;
}

/** Takes in one message; false when it makes no sense. */
function takeMessage(walk: Walk, at: number, end: number): boolean {
  const type = walk.view.getUint8(at + 2);
  const body = at + MESSAGE_HEAD;
  if (type === code('D')) return takeData(walk, body, end);
  if (type === code('F')) return takeFormat(walk, textAt(walk.view, body, end));
  if (type === code('A')) return takeSubscription(walk, body, end);
  if (type === code('I') || type === code('P')) takeValue(walk, type, body, end);
  return KNOWN_TYPES.has(type);
}

function takeData(walk: Walk, body: number, end: number): boolean {
  if (end - body < 2) return false;
  const id = walk.view.getUint16(body, true);
  const subscription = walk.subscriptions.get(id);
  if (!subscription) {
    if (chainFollows(walk, end, walk.view.byteLength)) walk.unknownIds.add(id);
    return false;
  }
  if (end - body - 2 < subscription.size) return false;
  const micros = walk.view.getBigUint64(body + 2 + subscription.timestampAt, true);
  subscription.topic.time.push(Number(micros) / 1e6);
  subscription.offsets.push(body + 2);
  return true;
}

function takeFormat(walk: Walk, text: string): boolean {
  try {
    const definition = parseMessageDefinition(text);
    if (definition) walk.definitions.set(definition.name, definition);
    return definition !== undefined;
  } catch {
    return false;
  }
}

function takeSubscription(walk: Walk, body: number, end: number): boolean {
  if (end - body < 4) return false;
  const multiId = walk.view.getUint8(body);
  const id = walk.view.getUint16(body + 1, true);
  const name = textAt(walk.view, body + 3, end);
  const definition = walk.definitions.get(name);
  if (!definition) return false;
  try {
    const offsets: number[] = [];
    const message = (i: number) => parseMessage(definition, walk.definitions, walk.view, offsets[i]);
    const topic: UlogTopic = { name, multiId, time: [], message };
    const sizes = { timestampAt: timestampOffset(walk, definition), size: loggedSize(walk, definition) };
    walk.subscriptions.set(id, { definition, topic, offsets, ...sizes });
    walk.contents.topics.push(topic);
    return true;
  } catch {
    return false; // a field of a type that nothing defines
  }
}

function timestampOffset(walk: Walk, definition: MessageDefinition): number {
  let offset = 0;
  for (const field of definition.fields) {
    if (field.name === 'timestamp' && field.type === 'uint64_t') return offset;
    offset += fieldSize(field, walk.definitions) * (field.arrayLength ?? 1);
  }
  throw new RangeError(`${definition.name} has no 64-bit timestamp`);
}

function loggedSize(walk: Walk, definition: MessageDefinition): number {
  const last = definition.fields[definition.fields.length - 1];
  const padding = last?.name.startsWith('_padding') ? fieldSize(last, walk.definitions) * (last.arrayLength ?? 1) : 0;
  return messageSize(definition, walk.definitions) - padding;
}

function takeValue(walk: Walk, type: number, body: number, end: number): void {
  const keyLength = walk.view.getUint8(body);
  const start = body + 1 + keyLength;
  if (start > end) return;
  const field = parseFieldDefinition(textAt(walk.view, body + 1, start));
  if (!field || field.isComplex) return;
  const { buffer, byteOffset } = walk.view;
  try {
    const value = parseBasicFieldValue(field, new DataView(buffer, byteOffset + start, end - start));
    if (type === code('P')) walk.contents.parameters.set(field.name, Number(value));
    else walk.contents.information.set(field.name, value);
  } catch {
    walk.contents.dropped++; // shorter than its type
  }
}

function textAt({ buffer, byteOffset }: DataView, from: number, to: number): string {
  return new TextDecoder().decode(new Uint8Array(buffer, byteOffset + from, to - from));
}
