import { InputError } from '../../../envs/input-error.ts';
import { crc32 } from './crc32.ts';

/**
 * The container of the Crazyflie's SD-card log, little endian throughout:
 *
 * - `0xBC`, version u16 (1 or 2), number of event types u16
 * - for each type: id u16, name, number of variables u16, then each variable as `group.name(t)`; texts end with a zero
 *   and `t` is a letter of Python's `struct`
 * - records: event id u16, time (version 1: ms u32, version 2: µs u64), then the type's values packed
 * - CRC-32 of all before it, u32
 *
 * @see https://www.bitcraze.io/documentation/repository/crazyflie-firmware/master/userguides/sdcard/
 */

export interface UsdVariable {
  name: string;
  type: string;
}

export interface UsdEvent {
  name: string;
  variables: UsdVariable[];
  /** Seconds by the vehicle's clock, `[T]`. */
  time: number[];
  /** One array `[T]` for each variable, in the log's own units. */
  columns: number[][];
}

export interface Decoded {
  events: UsdEvent[];
  truncated: boolean;
  /** Stretches of bytes that were no record. */
  dropped: number;
  warnings: string[];
}

type Reader = { size: number; read: (view: DataView, at: number) => number };

const TYPES: Record<string, Reader> = {
  b: { size: 1, read: (view, at) => view.getInt8(at) },
  B: { size: 1, read: (view, at) => view.getUint8(at) },
  h: { size: 2, read: (view, at) => view.getInt16(at, true) },
  H: { size: 2, read: (view, at) => view.getUint16(at, true) },
  i: { size: 4, read: (view, at) => view.getInt32(at, true) },
  I: { size: 4, read: (view, at) => view.getUint32(at, true) },
  q: { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  Q: { size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  e: { size: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  f: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  d: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

/** Longest silence that still counts as the same flight when looking for the next good record [s]. */
const LONGEST_SILENCE = 10;

interface Layout {
  version: number;
  types: Map<number, { event: UsdEvent; readers: Reader[]; size: number }>;
  bodyStart: number;
}

export function isUsdLog(head: Uint8Array): boolean {
  return head[0] === 0xbc && (head[1] === 1 || head[1] === 2) && head[2] === 0 && head.length > 5;
}

/** @throws InputError when the header is cut or names a type that is none */
export function decodeUsdLog(bytes: Uint8Array, path: string): Decoded {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = readHeader(view, path);
  const sound = bytes.length >= 4 && crc32(bytes.subarray(0, -4)) === view.getUint32(bytes.length - 4, true);
  const result = readRecords(view, layout, sound ? bytes.length - 4 : bytes.length);
  const warnings: string[] = [];
  const truncated = !sound && endsEarly(view, layout, result.end);
  if (truncated) warnings.push('ends in the middle of a record; read up to there');
  else if (!sound) warnings.push('checksum does not match: some bytes are damaged');
  const events = [...layout.types.values()].map(({ event }) => event);
  return { events, truncated, dropped: result.dropped, warnings };
}

function readHeader(view: DataView, path: string): Layout {
  try {
    const layout: Layout = { version: view.getUint16(1, true), types: new Map(), bodyStart: 5 };
    for (let left = view.getUint16(3, true); left > 0; left--) readEventType(view, layout, path);
    return layout;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${path}: expected a list of logged variables, the file ends inside it`);
  }
}

function readEventType(view: DataView, layout: Layout, path: string): void {
  const id = view.getUint16(layout.bodyStart, true);
  layout.bodyStart += 2;
  const name = readText(view, layout);
  const count = view.getUint16(layout.bodyStart, true);
  layout.bodyStart += 2;
  const variables = Array.from({ length: count }, () => parseVariable(readText(view, layout), path));
  const readers = variables.map(({ type }) => TYPES[type]);
  const size = readers.reduce((sum, reader) => sum + reader.size, 0);
  layout.types.set(id, { event: { name, variables, time: [], columns: variables.map(() => []) }, readers, size });
}

function readText(view: DataView, layout: Layout): string {
  let text = '';
  for (let code = view.getUint8(layout.bodyStart++); code !== 0; code = view.getUint8(layout.bodyStart++))
    text += String.fromCharCode(code);
  return text;
}

function parseVariable(text: string, path: string): UsdVariable {
  const [, name, type] = /^(.+)\((.)\)$/.exec(text) ?? [];
  if (name === undefined || !Object.hasOwn(TYPES, type))
    throw new InputError(
      `${path}: expected a variable such as acc.x(f), one of ${Object.keys(TYPES).join('')} in brackets, got ${JSON.stringify(text.slice(0, 40))}`,
    );
  return { name, type };
}

/** Reads records up to `limit`; where one does not fit, looks for the next that does. */
function readRecords(view: DataView, layout: Layout, limit: number): { end: number; dropped: number } {
  let at = layout.bodyStart;
  let last = Number.NaN;
  let dropped = 0;
  while (at < limit) {
    const size = recordSize(view, layout, at, limit);
    const time = size === 0 ? Number.NaN : recordTime(view, layout, at);
    if (size > 0 && follows(time, last)) {
      takeRecord(view, layout, at, time);
      last = time;
      at += size;
    } else {
      const next = findRecord(view, layout, at + 1, limit, last);
      if (next < 0) break;
      dropped++;
      at = next;
    }
  }
  return { end: at, dropped };
}

/** Bytes of the record at `at`, 0 where none fits. */
function recordSize(view: DataView, layout: Layout, at: number, limit: number): number {
  if (at + 2 > limit) return 0;
  const type = layout.types.get(view.getUint16(at, true));
  if (!type) return 0;
  const size = headSize(layout) + type.size;
  return at + size <= limit ? size : 0;
}

function headSize(layout: Layout): number {
  return layout.version === 1 ? 6 : 10;
}

function recordTime(view: DataView, layout: Layout, at: number): number {
  return layout.version === 1 ? view.getUint32(at + 2, true) / 1e3 : Number(view.getBigUint64(at + 2, true)) / 1e6;
}

function follows(time: number, last: number): boolean {
  return Number.isNaN(last) || Math.abs(time - last) < LONGEST_SILENCE;
}

function findRecord(view: DataView, layout: Layout, from: number, limit: number, last: number): number {
  for (let at = from; at < limit; at++)
    if (recordSize(view, layout, at, limit) > 0 && follows(recordTime(view, layout, at), last)) return at;
  return -1;
}

function takeRecord(view: DataView, layout: Layout, start: number, time: number): void {
  const { event, readers } = layout.types.get(view.getUint16(start, true))!;
  event.time.push(time);
  let at = start + headSize(layout);
  readers.forEach((reader, i) => {
    event.columns[i].push(reader.read(view, at));
    at += reader.size;
  });
}

/** Whether what is left is the start of a record rather than a (wrong) checksum of four bytes. */
function endsEarly(view: DataView, layout: Layout, end: number): boolean {
  const left = view.byteLength - end;
  return left !== 4 || layout.types.has(view.getUint16(end, true));
}

/** IEEE 754 half precision, which the firmware logs as `e`. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
