import { BlackboxBytes } from './blackbox-bytes.ts';

/**
 * Betaflight's blackbox: sessions one after the other, each with headers in text and frames in bytes, which tell differences to what the
 * frames before lead to expect.
 */

export interface BlackboxSession {
  /** Counted from 1 in the file. */
  number: number;
  headers: Map<string, string>;
  /** The main frames' fields, in order. */
  fields: string[];
  /** The numbers of each main field, one a frame. */
  columns: number[][];
  /** Stretches of bytes that are no frame. */
  dropped: number;
  /** It ended without its end event. */
  truncated: boolean;
}

const START = 'H Product:Blackbox';
const [I, P, G, H, S, E] = [...'IPGHSE'].map((letter) => letter.charCodeAt(0));
const FRAMES = new Set([I, P, G, H, S, E]);

interface Definition {
  names: string[];
  signed: number[];
  predictor: number[];
  encoding: number[];
}

interface Decoder {
  input: BlackboxBytes;
  session: BlackboxSession;
  definitions: Record<string, Definition>;
  /** The two main frames before, and the newest home of GPS. */
  previous: number[] | null;
  beforePrevious: number[] | null;
  home: number[];
}

/** Whether a file begins with the headers of a blackbox. */
export function isBlackbox(head: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(head.subarray(0, START.length)) === START;
}

/** All sessions, also those without a frame. */
export function decodeBlackbox(bytes: Uint8Array): BlackboxSession[] {
  const starts = startsOf(bytes);
  return starts.map((start, k) => decodeSession(bytes.subarray(start, starts[k + 1] ?? bytes.length), k + 1));
}

function startsOf(bytes: Uint8Array): number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  for (let at = buffer.indexOf(START); at >= 0; at = buffer.indexOf(START, at + 1)) starts.push(at);
  return starts;
}

function decodeSession(bytes: Uint8Array, number: number): BlackboxSession {
  const { headers, end } = readHeaders(bytes);
  const definitions = { I: definition(headers, 'I'), P: definition(headers, 'P') };
  const others = { G: definition(headers, 'G'), H: definition(headers, 'H'), S: definition(headers, 'S') };
  const fields = definitions.I.names;
  const session = { number, headers, fields, columns: fields.map(() => []), dropped: 0, truncated: true };
  const decoder: Decoder = {
    ...{ input: new BlackboxBytes(bytes, end), session, definitions: { ...definitions, ...others } },
    ...{ previous: null, beforePrevious: null, home: [0, 0] },
  };
  readFrames(decoder);
  return session;
}

function readHeaders(bytes: Uint8Array): { headers: Map<string, string>; end: number } {
  const headers = new Map<string, string>();
  const text = new TextDecoder();
  let at = 0;
  while (bytes[at] === H && bytes[at + 1] === 0x20) {
    const newline = bytes.indexOf(0x0a, at);
    if (newline < 0) break;
    const line = text.decode(bytes.subarray(at + 2, newline));
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon), line.slice(colon + 1).trim());
    at = newline + 1;
  }
  return { headers, end: at };
}

function definition(headers: Map<string, string>, frame: string): Definition {
  const list = (what: string, of = frame) => headers.get(`Field ${of} ${what}`)?.split(',') ?? [];
  // differences have the fields of whole frames
  const names = list('name').length > 0 ? list('name') : frame === 'P' ? list('name', 'I') : [];
  const signed = list('signed').length > 0 ? list('signed') : list('signed', 'I');
  return {
    names,
    signed: signed.map(Number),
    predictor: list('predictor').map(Number),
    encoding: list('encoding').map(Number),
  };
}

function readFrames(decoder: Decoder): void {
  const { input, session } = decoder;
  let lost = false;
  while (input.at < input.bytes.length) {
    const start = input.at;
    const kind = input.byte();
    const outcome = FRAMES.has(kind) ? attempt(decoder, kind) : 'wrong';
    if (outcome === 'end') {
      session.truncated = false;
      return;
    }
    if (outcome === 'cut') return;
    if (outcome === 'good') lost = false;
    else {
      // what follows is told by its difference to a frame that is lost
      decoder.previous = null;
      if (!lost && !isUnwritten(input.bytes, start)) session.dropped++;
      lost = true;
      input.at = start + 1;
    }
  }
}

/** Flash that was never written reads as ones. */
function isUnwritten(bytes: Uint8Array, at: number): boolean {
  return bytes.subarray(at, at + 32).every((byte) => byte === 0xff || byte === 0);
}

/** Reads a frame; it counts when another, or the end, follows it. */
function attempt(decoder: Decoder, kind: number): 'good' | 'wrong' | 'cut' | 'end' {
  const { input } = decoder;
  try {
    if (kind === E) {
      const event = readEvent(input);
      if (event !== 'good') return event;
      return followed(input) ? 'good' : 'wrong';
    }
    const values = readFields(decoder, String.fromCharCode(kind));
    if (values === null || !followed(input)) return 'wrong';
    if (kind === H) decoder.home = values;
    if (kind === I || kind === P) takeFrame(decoder, values, kind === I);
    return 'good';
  } catch (error) {
    if (error instanceof RangeError) return input.at >= input.bytes.length ? 'cut' : 'wrong';
    throw error;
  }
}

function followed({ bytes, at }: BlackboxBytes): boolean {
  return at >= bytes.length || FRAMES.has(bytes[at]) || isUnwritten(bytes, at);
}

function takeFrame(decoder: Decoder, values: number[], whole: boolean): void {
  const { session } = decoder;
  decoder.beforePrevious = whole ? values : decoder.previous;
  decoder.previous = values;
  for (const [k, column] of session.columns.entries()) column.push(values[k]);
}

/** Null where it cannot be told: its fields are not described, or the frame that it differs from is lost. */
function readFields(decoder: Decoder, kind: string): number[] | null {
  const { input, definitions } = decoder;
  const { names, signed, predictor, encoding } = definitions[kind];
  if (names.length === 0 || encoding.length < names.length) return null;
  const lost = kind === 'P' && decoder.previous === null;
  const values: number[] = [];
  while (values.length < names.length) {
    const k = values.length;
    let alike = 1;
    while (k + alike < names.length && encoding[k + alike] === encoding[k]) alike++;
    const group = input.group(encoding[k], alike);
    if (group === null) return null;
    for (const [offset, value] of group.entries()) {
      const field = k + offset;
      if (field >= names.length) break;
      const predicted = lost ? 0 : predict(decoder, kind, field, predictor[field], values);
      values.push(signed[field] ? (value + predicted) | 0 : (value + predicted) >>> 0);
    }
  }
  return lost ? null : values;
}

/** What the frames before, or a setting, lead to expect of a field. */
function predict(decoder: Decoder, kind: string, field: number, predictor: number, values: number[]): number {
  const { previous, beforePrevious, session, home, definitions } = decoder;
  const before = kind === 'P' ? previous![field] : 0;
  const earlier = kind === 'P' ? beforePrevious![field] : 0;
  switch (predictor) {
    case 1:
      return before;
    case 2:
      return 2 * before - earlier;
    case 3:
      return Math.trunc((before + earlier) / 2);
    case 4:
      return setting(session, 'minthrottle');
    case 5:
      return values[definitions[kind].names.indexOf('motor[0]')] ?? 0;
    case 6:
      return before + stepOf(session, before);
    case 7:
      return home[definitions[kind].names[field].endsWith('[1]') ? 1 : 0] ?? 0;
    case 8:
      return 1500;
    case 9:
      return setting(session, 'vbatref');
    case 10:
      return previous?.[session.fields.indexOf('time')] ?? 0;
    case 11:
      return setting(session, 'motorOutput');
    default:
      return 0;
  }
}

/** Control loops from one that was logged to the next: `P interval` is `8`, one in eight, or `1/2`, one in two. */
function stepOf({ headers }: BlackboxSession, iteration: number): number {
  const [first, second] = (headers.get('P interval') ?? '1').split('/').map(Number);
  const [share, of] = second ? [first, second] : [1, first || 1];
  const whole = Number(headers.get('I interval') ?? 32);
  for (let step = 1; step <= of; step++) if ((((iteration + step) % whole) + share - 1) % of < share) return step;
  return of;
}

/** The first number of a header. */
export function setting({ headers }: BlackboxSession, name: string): number {
  return Number.parseFloat(headers.get(name) ?? '') || 0;
}

const END_OF_LOG = 'End of log';

/** Events are passed over; each has its own length. */
function readEvent(input: BlackboxBytes): 'good' | 'wrong' | 'end' {
  const event = input.byte();
  if (event === 255) {
    const text = new TextDecoder('latin1').decode(input.bytes.subarray(input.at, input.at + END_OF_LOG.length));
    return text === END_OF_LOG ? 'end' : 'wrong';
  }
  if (event === 0 || event === 15) input.unsigned();
  else if (event === 14 || event === 30) {
    input.unsigned();
    input.unsigned();
  } else if (event === 13) {
    if (input.byte() & 0x80) for (let k = 0; k < 4; k++) input.byte();
    else input.signed();
  } else return 'wrong';
  return 'good';
}
