import type { MavlinkFrame } from './mavlink-frames.ts';
import type { TlogFrame } from './tlog-decode.ts';

/** A boot time that falls by more than this is that of another boot [s]. */
export const REBOOT = 1;
/** How far a stamp that may count from boot can be from one that does [s]. */
const NEAR = 30;

/** Messages that begin with the milliseconds since boot. */
export const BOOT_MS = new Set([26, 30, 31, 32, 33, 83, 85]);
/** Messages that begin with microseconds, since boot or 1970: eight bytes of them, or four. */
const MICROS: Record<number, 4 | 8> = { 24: 8, 27: 8, 105: 8, 36: 4 };

/**
 * When each frame of a vehicle was made, as Unix time [s].
 *
 * By the vehicle's clock, since frames arrive late and ground stations stamp them coarsely; the vehicle's clock begins anew at each
 * boot, and is set by the arrival of its least delayed frame. A frame without a time of its own counts as made when it arrived.
 */
export function tlogTimes(frames: readonly TlogFrame[]): Float64Array {
  const boots = bootsOf(frames);
  const offset = [...leastDelays(frames, boots).values()];
  return Float64Array.from(frames, (frame, i) => {
    const { number, latest } = boots[i];
    const own = ownTime(frame, latest);
    return own === null || number < 0 ? frame.arrived : own + offset[number];
  });
}

interface Boot {
  /** Counted from 0; -1 before the first frame that tells. */
  number: number;
  /** Newest time since boot by the time of this frame [s]. */
  latest: number;
}

function bootsOf(frames: readonly TlogFrame[]): Boot[] {
  let [number, latest] = [-1, Number.NaN];
  return frames.map(({ message, payload }) => {
    if (BOOT_MS.has(message)) {
      const time = payload.getUint32(0, true) / 1e3;
      if (number < 0 || time < latest - REBOOT) number++;
      latest = time;
    }
    return { number, latest };
  });
}

function leastDelays(frames: readonly TlogFrame[], boots: Boot[]): Map<number, number> {
  const least = new Map<number, number>();
  frames.forEach(({ message, arrived }, i) => {
    const { number, latest } = boots[i];
    if (BOOT_MS.has(message)) least.set(number, Math.min(least.get(number) ?? Infinity, arrived - latest));
  });
  return least;
}

/**
 * Seconds since boot, where the frame says so.
 *
 * @param latest newest time since boot by this frame [s]
 */
export function ownTime({ message, payload }: MavlinkFrame, latest: number): number | null {
  if (BOOT_MS.has(message)) return payload.getUint32(0, true) / 1e3;
  const bytes = MICROS[message];
  if (!bytes) return null;
  const time = (bytes === 8 ? Number(payload.getBigUint64(0, true)) : payload.getUint32(0, true)) / 1e6;
  return Math.abs(time - latest) < NEAR ? time : null;
}
