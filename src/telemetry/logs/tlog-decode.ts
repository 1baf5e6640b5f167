import { InputError } from '../../../envs/input-error.ts';
import { frameAt, frameEnd, type MavlinkFrame } from './mavlink-frames.ts';

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

export interface TlogFrame extends MavlinkFrame {
  /** Unix time of its arrival [s]. */
  arrived: number;
}

const STAMP = 8;
/** Unix times of 2005 and 2100 [µs]. */
const EARLIEST = 1.1e15;
const LATEST = 4.1e15;

/** Whether a file begins with a time and a frame, and goes on with both or is over. */
export function isTlog(head: Uint8Array): boolean {
  const end = stampedEnd(head, 0);
  return end > 0 && (end + STAMP >= head.length || stampedEnd(head, end) !== 0);
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
    const end = stampedEnd(bytes, at);
    if (end < 0 && !lost) {
      contents.truncated = true;
      break;
    }
    const frame = end > 0 ? stampedAt(bytes, at, end) : null;
    if (frame) {
      contents.frames.push(frame);
      at = end;
      lost = false;
      continue;
    }
    if (!lost) contents.dropped++;
    // a frame that is whole but for its sum is left as one; else its next byte may begin another
    const whole = end > 0 && (end === bytes.length || stampedEnd(bytes, end) !== 0);
    lost = !whole;
    at = whole ? end : at + 1;
  }
  if (contents.frames.length === 0) throw new InputError(`${path}: expected MAVLink frames, found none`);
  return contents;
}

/** Where the frame behind a time ends; 0 where there is none, -1 where it is cut by the end of the file. */
function stampedEnd(bytes: Uint8Array, at: number): number {
  const end = frameEnd(bytes, at + STAMP);
  if (end === 0 || at + STAMP + 3 > bytes.length) return end;
  const time = stampAt(bytes, at);
  return time < EARLIEST || time > LATEST ? 0 : end;
}

/** [µs]; exact below 2^53. */
function stampAt(bytes: Uint8Array, at: number): number {
  let time = 0;
  for (let i = 0; i < STAMP; i++) time = time * 256 + bytes[at + i];
  return time;
}

function stampedAt(bytes: Uint8Array, at: number, end: number): TlogFrame | null {
  const frame = frameAt(bytes, at + STAMP, () => end === bytes.length || stampedEnd(bytes, end) !== 0);
  return frame && { ...frame, arrived: stampAt(bytes, at) / 1e6 };
}
