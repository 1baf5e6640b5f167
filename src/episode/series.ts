import { keepAscending } from './ascending.ts';
import { type Series, TOPICS, type TopicName } from './flight.ts';

/** Collects one topic's samples and leaves out those it cannot use. */
export class SeriesBuilder {
  readonly #width: number;
  readonly #time: number[] = [];
  readonly #rows: number[] = [];
  #dropped = 0;

  constructor(topic: TopicName) {
    this.#width = TOPICS[topic].length;
  }

  /** Samples taken so far. */
  get length(): number {
    return this.#time.length;
  }

  /** Samples left out: a value that is not finite, or, once finished, a time not after the one before. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes one sample, `time` in seconds; false when a value is not finite and the sample was dropped. */
  push(time: number, values: ArrayLike<number>): boolean {
    let usable = Number.isFinite(time) && values.length >= this.#width;
    for (let i = 0; i < this.#width; i++) usable &&= Number.isFinite(values[i]);
    if (!usable) {
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
