import { frameChecksum, MESSAGES } from './mavlink-messages.ts';

/**
 * MAVLink frames, version 1 or 2, out of bytes.
 *
 * @see https://mavlink.io/en/guide/serialization.html
 */
export interface MavlinkFrame {
  system: number;
  message: number;
  /** Filled up with zeros to the message's length: version 2 leaves them out at the end. */
  payload: DataView;
}

const V1 = 0xfe;
const V2 = 0xfd;
const SIGNED = 1;
const SIGNATURE = 13;

/** Where the frame that begins at `at` ends; 0 where none begins, -1 where it is cut by the end of the bytes. */
export function frameEnd(bytes: Uint8Array, at: number): number {
  const magic = bytes[at];
  if (at < bytes.length && magic !== V1 && magic !== V2) return 0;
  if (at + 3 > bytes.length) return -1;
  const signature = magic === V2 && bytes[at + 2] & SIGNED ? SIGNATURE : 0;
  const end = at + headerLength(magic) + bytes[at + 1] + 2 + signature;
  return end > bytes.length ? -1 : end;
}

/**
 * Reads the frame that begins at `at`. Of messages that a flight needs, the checksum has to be right; of others it cannot
 * be told, and `followed` decides.
 *
 * @param followed whether what comes behind the frame may be another
 * @returns null where it is none after all
 */
export function frameAt(bytes: Uint8Array, at: number, followed: () => boolean): MavlinkFrame | null {
  const magic = bytes[at];
  const start = at + headerLength(magic);
  const size = bytes[at + 1];
  const id = bytes[at + (magic === V1 ? 5 : 7)];
  const message = magic === V1 ? id : id + 256 * bytes[at + 8] + 65536 * bytes[at + 9];
  const layout = MESSAGES[message];
  if (layout) {
    const sum = bytes[start + size] + 256 * bytes[start + size + 1];
    if (frameChecksum(bytes.subarray(at + 1, start + size), layout.crcExtra) !== sum) return null;
  } else if (!followed()) return null;
  const payload = new Uint8Array(Math.max(size, layout?.length ?? 0));
  payload.set(bytes.subarray(start, start + size));
  return { system: bytes[at + (magic === V1 ? 3 : 5)], message, payload: new DataView(payload.buffer) };
}

function headerLength(magic: number): number {
  return magic === V1 ? 6 : 10;
}
