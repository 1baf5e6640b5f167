import { InputError } from '../../../envs/input-error.ts';

/**
 * ArduPilot's DataFlash log: records of a two-byte mark, a type and fields, whose layout the log itself says in `FMT` records.
 *
 * @see https://ardupilot.org/dev/docs/code-overview-adding-a-new-log-message.html
 */

export interface DataflashLog {
  /** By the messages' names, those with records only. */
  messages: Map<string, DataflashMessage>;
  parameters: Map<string, number>;
  /** What the vehicle said in words. */
  texts: string[];
  /** Records of any message, in all. */
  records: number;
  /** Stretches of bytes that are no record. */
  dropped: number;
  truncated: boolean;
}

export interface DataflashMessage {
  name: string;
  fields: string[];
  /** One letter a field. */
  letters: string;
  /** Where each record stands among all of the log's. */
  order: number[];
  /** The numbers of each field, by its name; texts are left out. */
  columns: Map<string, number[]>;
}

const MARK = [0xa3, 0x95];
const FMT = 128;
const FMT_LENGTH = 89;

type Reader = (view: DataView, at: number) => number;
const int16: Reader = (view, at) => view.getInt16(at, true);
const uint16: Reader = (view, at) => view.getUint16(at, true);
const int32: Reader = (view, at) => view.getInt32(at, true);
const uint32: Reader = (view, at) => view.getUint32(at, true);
const uint8: Reader = (view, at) => view.getUint8(at);
const scaled =
  (reader: Reader, factor: number): Reader =>
  (view, at) =>
    reader(view, at) * factor;

/** Bytes and meaning of each letter; texts and arrays have no number. */
const LETTERS: Record<string, [bytes: number, read: Reader | null]> = {
  b: [1, (view, at) => view.getInt8(at)],
  B: [1, uint8],
  M: [1, uint8],
  h: [2, int16],
  H: [2, uint16],
  c: [2, scaled(int16, 1e-2)],
  C: [2, scaled(uint16, 1e-2)],
  i: [4, int32],
  I: [4, uint32],
  e: [4, scaled(int32, 1e-2)],
  E: [4, scaled(uint32, 1e-2)],
  L: [4, scaled(int32, 1e-7)],
  f: [4, (view, at) => view.getFloat32(at, true)],
  d: [8, (view, at) => view.getFloat64(at, true)],
  q: [8, (view, at) => Number(view.getBigInt64(at, true))],
  Q: [8, (view, at) => Number(view.getBigUint64(at, true))],
  g: [2, null],
  n: [4, null],
  N: [16, null],
  Z: [64, null],
  a: [64, null],
};

interface Layout {
  name: string;
  length: number;
  message: DataflashMessage;
  /** Where each number stands in a record, and where it goes. */
  readers: { at: number; read: Reader; into: number[] }[];
}

/** Whether a file begins with the record that describes the others. */
export function isDataflash(head: Uint8Array): boolean {
  return head[0] === MARK[0] && head[1] === MARK[1] && head[2] === FMT && head[3] === FMT && head[4] === FMT_LENGTH;
}

/**
 * Reads all records; where bytes are none, goes on at the next that is followed by another.
 *
 * @throws InputError when it has no records but descriptions
 */
export function decodeDataflash(bytes: Uint8Array, path: string): DataflashLog {
  const log: DataflashLog = {
    ...{ messages: new Map(), parameters: new Map(), texts: [] },
    ...{ records: 0, dropped: 0, truncated: false },
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layouts: (Layout | undefined)[] = [];
  let lost = false;
  for (let at = 0; at < bytes.length; ) {
    const length = isMark(bytes, at) ? lengthOf(layouts, bytes[at + 2]) : 0;
    const whole = length > 0 && at + length <= bytes.length;
    if (length > 0 && !whole && !lost) log.truncated = true;
    if (!whole || !endsWell(bytes, at + length)) {
      if (!lost && !isFiller(bytes, at) && !log.truncated) log.dropped++;
      lost = true;
      at = nextMark(bytes, at + 1);
      continue;
    }
    lost = false;
    if (bytes[at + 2] === FMT) describe(layouts, bytes, at);
    else takeRecord(layouts[bytes[at + 2]]!, log, bytes, view, at);
    at += length;
  }
  for (const layout of layouts)
    if (layout && layout.message.order.length > 0) log.messages.set(layout.name, layout.message);
  if (log.records === 0) throw new InputError(`${path}: expected records behind their descriptions, found none`);
  return log;
}

function isMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === MARK[0] && bytes[at + 1] === MARK[1] && at + 2 < bytes.length;
}

function lengthOf(layouts: (Layout | undefined)[], type: number): number {
  return type === FMT ? FMT_LENGTH : (layouts[type]?.length ?? 0);
}

/** There is no checksum: a record counts when another, the end or the card's unwritten rest follows it. */
function endsWell(bytes: Uint8Array, at: number): boolean {
  return at + 2 >= bytes.length || isMark(bytes, at) || isFiller(bytes, at);
}

/** Zeros or ones up to the end: space that was set apart and never written. */
function isFiller(bytes: Uint8Array, at: number): boolean {
  const value = bytes[at];
  if (value !== 0 && value !== 0xff) return false;
  for (let i = at; i < bytes.length; i++) if (bytes[i] !== value) return false;
  return true;
}

function nextMark(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(MARK[0], at);
    if (at < 0) return bytes.length;
    if (isMark(bytes, at)) return at;
  }
}

function describe(layouts: (Layout | undefined)[], bytes: Uint8Array, at: number): void {
  const [type, length] = [bytes[at + 3], bytes[at + 4]];
  const name = textAt(bytes, at + 5, 4);
  const letters = textAt(bytes, at + 9, 16);
  const fields = textAt(bytes, at + 25, 64).split(',');
  if (type === FMT || layouts[type]?.name === name) return;
  const message: DataflashMessage = { name, fields, letters, order: [], columns: new Map() };
  const readers: Layout['readers'] = [];
  let offset = 3;
  for (const [k, letter] of [...letters].entries()) {
    const [size, read] = LETTERS[letter] ?? [0, null];
    const into: number[] = [];
    if (read && fields[k]) message.columns.set(fields[k], into);
    if (read) readers.push({ at: offset, read, into });
    if (size === 0) offset = Number.NaN; // a letter of later years: nothing behind it can be read
    offset += size;
  }
  const readable = offset === length ? readers : [];
  layouts[type] = { name, length: length >= 3 ? length : 0, message, readers: readable };
}

function takeRecord(layout: Layout, log: DataflashLog, bytes: Uint8Array, view: DataView, at: number): void {
  const { name, message, readers } = layout;
  message.order.push(log.records++);
  for (const { at: offset, read, into } of readers) into.push(read(view, at + offset));
  if (name === 'PARM')
    log.parameters.set(textIn(layout, bytes, at, 'Name'), message.columns.get('Value')?.at(-1) ?? NaN);
  if (name === 'MSG') log.texts.push(textIn(layout, bytes, at, 'Message'));
}

/** The text of a field. */
function textIn({ message: { fields, letters } }: Layout, bytes: Uint8Array, at: number, field: string): string {
  const k = fields.indexOf(field);
  if (k < 0) return '';
  const offset = [...letters.slice(0, k)].reduce((sum, letter) => sum + (LETTERS[letter]?.[0] ?? 0), 3);
  return textAt(bytes, at + offset, LETTERS[letters[k]]?.[0] ?? 0);
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const text = bytes.subarray(at, at + length);
  const end = text.indexOf(0);
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end)).trim();
}
