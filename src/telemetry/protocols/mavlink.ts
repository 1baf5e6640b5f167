import { frameAt, frameEnd, type MavlinkFrame } from '../logs/mavlink-frames.ts';

/**
 * MAVLink 1 and 2 as it comes, without the times of a log: frames out of bytes that may be cut anywhere. Signatures are not
 * checked. What the frames of a vehicle tell is read by `mavlink-vehicle.ts`.
 */
export class MavlinkBytes {
  /** The beginning of a frame that is not whole yet; shorter than the longest frame. */
  #rest: Uint8Array = new Uint8Array(0);
  #lost = false;

  /** @returns the frames that are whole by now, and how many stretches of bytes were none or had a wrong checksum */
  push(more: Uint8Array): { frames: MavlinkFrame[]; dropped: number } {
    const bytes = this.#rest.length === 0 ? more : Buffer.concat([this.#rest, more]);
    const frames: MavlinkFrame[] = [];
    let [at, dropped] = [0, 0];
    while (at < bytes.length) {
      const end = frameEnd(bytes, at);
      if (end < 0) break;
      const frame = end > 0 ? frameAt(bytes, at, () => end === bytes.length || frameEnd(bytes, end) !== 0) : null;
      if (!frame && !this.#lost) dropped++;
      if (frame) frames.push(frame);
      this.#lost = !frame;
      at = frame ? end : at + 1;
    }
    this.#rest = Uint8Array.from(bytes.subarray(at)); // a copy: a view would keep the whole in memory
    return { frames, dropped };
  }
}
