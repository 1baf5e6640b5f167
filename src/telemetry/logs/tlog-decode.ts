import { InputError } from '../../../envs/input-error.ts';
import { frameChecksum, MESSAGES } from './mavlink-messages.ts';

/**
 * A ground station's telemetry log: before each MAVLink frame, version 1 or 2, the Unix time of its arrival in µs,
 * big-endian.
 *
 * @see https://mavlink.io/en/guide/serialization.html
 */

export interface TlogContents {
  /** Frames in order, of all systems. */
  frames: TlogFrame[];
  /** Stretches of bytes that are no frame, and frames whose checksum is wrong. */
  dropped: number;
  truncated: boolean;
}

export interface TlogFrame {
  /** Unix time of its arrival [s]. */
  arrived: number;
  system: number;
  message: number;
  /** Filled up with zeros to the message's length: version 2 leaves them out at the end. */
  payload: DataView;
}

const STAMP = 8;
const V1 = 0xfe;
const V2 = 0xfd;
const SIGNED = 1;
const SIGNATURE = 13;
/** Unix times of 2005 and 2100 [µs]. */
const EARLIEST = 1.1e15;
const LATEST = 4.1e15;

/** Whether a file begins with a time and a frame, and goes on with both or is over. */
export function isTlog(head: Uint8Array): boolean {
  const end = frameEnd(head, 0);
  return end > 0 && (end + STAMP >= head.length || frameEnd(head, end) !== 0);
}

/**
 * Reads all frames; where bytes are none, goes on at the next.
 *
 * Of messages that a flight needs, the checksum has to be right; of others it cannot be told, and their frame counts when another follows.
 *
 * @throws InputError when it has no frame
 */
export function decodeTlog(bytes: Uint8Array, path: string): TlogContents {
  const contents: TlogContents = { frames: [], dropped: 0, truncated: false };
  let lost = false;
  for (let at = 0; at < bytes.length; ) {
    const end = frameEnd(bytes, at);
    if (end < 0 && !lost) {
      contents.truncated = true;
      break;
    }
    const frame = end > 0 ? frameAt(bytes, at, end) : null;
    if (frame) {
      contents.frames.push(frame);
      at = end;
      lost = false;
      continue;
    }
    if (!lost) contents.dropped++;
    // a frame that is whole but for its sum is left as one; else its next byte may begin another
    const whole = end > 0 && (end === bytes.length || frameEnd(bytes, end) !== 0);
    lost = !whole;
    at = whole ? end : at + 1;
  }
  if (contents.frames.length === 0) throw new InputError(`${path}: expected MAVLink frames, found none`);
  return contents;
}

/** Where the frame behind a time ends; 0 where there is none, -1 where it is cut by the end of the file. */
function frameEnd(bytes: Uint8Array, at: number): number {
  const magic = bytes[at + STAMP];
  if (at + STAMP < bytes.length && magic !== V1 && magic !== V2) return 0;
  if (at + STAMP + 3 > bytes.length) return -1;
  const time = stampAt(bytes, at);
  if (time < EARLIEST || time > LATEST) return 0;
  const signature = magic === V2 && bytes[at + STAMP + 2] & SIGNED ? SIGNATURE : 0;
  const end = at + STAMP + headerLength(magic) + bytes[at + STAMP + 1] + 2 + signature;
  return end > bytes.length ? -1 : end;
}

function headerLength(magic: number): number {
  return magic === V1 ? 6 : 10;
}

/** [µs]; exact below 2^53. */
function stampAt(bytes: Uint8Array, at: number): number {
  let time = 0;
  for (let i = 0; i < STAMP; i++) time = time * 256 + bytes[at + i];
  return time;
}

function frameAt(bytes: Uint8Array, at: number, end: number): TlogFrame | null {
  const frame = at + STAMP;
  const magic = bytes[frame];
  const start = frame + headerLength(magic);
  const size = bytes[frame + 1];
  const id = bytes[frame + (magic === V1 ? 5 : 7)];
  const message = magic === V1 ? id : id + 256 * bytes[frame + 8] + 65536 * bytes[frame + 9];
  const layout = MESSAGES[message];
  if (layout) {
    const sum = bytes[start + size] + 256 * bytes[start + size + 1];
    if (frameChecksum(bytes.subarray(frame + 1, start + size), layout.crcExtra) !== sum) return null;
  } else if (end < bytes.length && frameEnd(bytes, end) === 0) return null;
  const payload = new Uint8Array(Math.max(size, layout?.length ?? 0));
  payload.set(bytes.subarray(start, start + size));
  const system = bytes[frame + (magic === V1 ? 3 : 5)];
  return { arrived: stampAt(bytes, at) / 1e6, system, message, payload: new DataView(payload.buffer) };
}
