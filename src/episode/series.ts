import { keepAscending } from './ascending.ts';
import { type Series, TOPICS, type TopicName } from './flight.ts';

/** Collects one topic's samples and leaves out those it cannot use. */
export class SeriesBuilder {
  readonly #topic: TopicName;
  readonly #width: number;
  readonly #time: number[] = [];
  readonly #rows: number[] = [];
  #dropped = 0;

  constructor(topic: TopicName) {
    this.#topic = topic;
    this.#width = TOPICS[topic].length;
  }

  /** Samples taken so far. */
  get length(): number {
    return this.#time.length;
  }

  /** Samples left out: not finite, no rotation, or, once finished, a time not after the one before. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes one sample, `time` in seconds; false when it cannot be used and was dropped. */
  push(time: number, values: ArrayLike<number>): boolean {
    if (!isUsable(this.#topic, time, values)) {
      this.#dropped++;
      return false;
    }
    this.#time.push(time);
    for (let i = 0; i < this.#width; i++) this.#rows.push(values[i]);
    return true;
  }

  /** The samples in ascending time, with `zero` [s] as time zero; call once. */
  finish(zero = 0): Series {
    const keep = keepAscending(this.#time);
    const rows = this.#time.flatMap((_, row) => (keep[row] ? [row] : []));
    this.#dropped += this.#time.length - rows.length;
    const time = Float64Array.from(rows, (row) => this.#time[row] - zero);
    const columns = Array.from({ length: this.#width }, (_, c) =>
      Float64Array.from(rows, (row) => this.#rows[row * this.#width + c]),
    );
    return { time, columns };
  }
}

/** Whether a topic can hold this sample: all columns there and finite, a rotation where there should be one. */
export function isUsable(topic: TopicName, time: number, values: ArrayLike<number>): boolean {
  const width = TOPICS[topic].length;
  if (!Number.isFinite(time) || values.length < width) return false;
  for (let i = 0; i < width; i++) if (!Number.isFinite(values[i])) return false;
  return topic !== 'pose' || isRotation(values);
}

/** Whether a pose's quaternion is near length 1; lost tracking is often logged as zeros. */
function isRotation(pose: ArrayLike<number>): boolean {
  const length = Math.hypot(pose[3], pose[4], pose[5], pose[6]);
  return length > 0.9 && length < 1.1;
}
