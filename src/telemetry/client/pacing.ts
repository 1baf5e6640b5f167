import type { Sample } from '../../episode/samples.ts';
import type { Message } from '../protocols/windhover.ts';
import type { Clock } from './clock.ts';

/** Multiple of the flight's own time, above 0, or `max` for as fast as it goes. */
export type Speed = number | 'max';

/** Most messages in one frame. */
export const MAX_BATCH = 256;
/** Shortest time [ms] between two frames of a paced stream: 50 frames a second, whatever the log's rate. */
const TICK_MS = 20;

/**
 * Gathers samples into the messages of one frame after the other, each when it is due.
 *
 * At a given speed a sample leaves at `t / speed` after the start, at most 20 ms late; at `max` there is no waiting.
 * Ends early, after the sample it is at, when the signal aborts.
 */
export async function* paced(
  samples: Iterable<Sample>,
  speed: Speed,
  clock: Clock,
  signal?: AbortSignal,
): AsyncGenerator<Message[]> {
  const start = clock.now();
  const due = (time: number) => (speed === 'max' ? start : start + (time / speed) * 1000);
  let batch: Message[] = [];
  let frameAt = start;
  for (const { topic, time, values } of samples) {
    if (batch.length === MAX_BATCH || (batch.length > 0 && due(time) > frameAt)) {
      yield batch;
      batch = [];
    }
    if (batch.length === 0 && due(time) > frameAt) {
      frameAt = Math.max(due(time), frameAt + TICK_MS);
      const wait = frameAt - clock.now();
      if (wait > 0) await clock.sleep(wait, signal);
    }
    if (signal?.aborted) return;
    batch.push({ topic, t: time, values });
  }
  if (batch.length > 0) yield batch;
}
