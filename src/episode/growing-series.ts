import { leapt } from './ascending.ts';
import { type Series, TOPICS, type TopicName } from './flight.ts';
import { isUsable } from './series.ts';

/** Most samples of one topic that a growing flight holds: two minutes at 100 Hz whole, and what came before thinned. */
export const MOST_SAMPLES = 24_000;

/**
 * One topic of a flight that is still under way: a `Series` that grows, in memory that does not.
 *
 * Once `mostSamples` are there, those older than the newest half are thinned evenly in time, to half of their room. A
 * flight of any length so keeps its newest samples whole and its beginning in outline.
 */
export class GrowingSeries implements Series {
  /** The thinned part has one sample in each so many seconds; 0 as long as nothing was thinned. */
  thinnedSeconds = 0;
  /** Samples left out: not finite, no rotation, or not after the one before. */
  dropped = 0;
  readonly #topic: TopicName;
  readonly #mostSamples: number;
  #length = 0;
  #room: number;
  /** Time, the topic's columns, and each sample's number. */
  #arrays: Float64Array[];
  #views: { time: Float64Array; columns: Float64Array[]; numbers: Float64Array } | null = null;

  constructor(topic: TopicName, mostSamples = MOST_SAMPLES) {
    this.#topic = topic;
    this.#mostSamples = mostSamples;
    this.#room = Math.min(256, mostSamples);
    this.#arrays = Array.from({ length: TOPICS[topic].length + 2 }, () => new Float64Array(this.#room));
  }

  get length(): number {
    return this.#length;
  }

  get time(): Float64Array {
    return this.#view.time;
  }

  get columns(): Float64Array[] {
    return this.#view.columns;
  }

  /** The number that each sample was pushed with. */
  get numbers(): Float64Array {
    return this.#view.numbers;
  }

  /**
   * Takes one sample; false when it cannot be used and was dropped.
   *
   * @param time seconds
   * @param number the sample's number in its flight, ascending
   */
  push(time: number, values: ArrayLike<number>, number = 0): boolean {
    if (!isUsable(this.#topic, time, values) || !this.#follows(time)) {
      this.dropped++;
      return false;
    }
    if (this.#length === this.#mostSamples) this.#thin();
    if (this.#length === this.#room) this.#grow();
    const row = this.#length++;
    const last = this.#arrays.length - 1;
    this.#arrays[0][row] = time;
    for (let i = 1; i < last; i++) this.#arrays[i][row] = values[i - 1];
    this.#arrays[last][row] = number;
    this.#views = null;
    return true;
  }

  /** Whether `time` can come next; the last sample goes where it had leapt ahead. */
  #follows(time: number): boolean {
    const [times, length] = [this.#arrays[0], this.#length];
    if (length === 0 || time > times[length - 1]) return true;
    if (!leapt(length > 1 ? times[length - 2] : null, times[length - 1], time)) return false;
    this.#length--;
    this.dropped++;
    return true;
  }

  /** Keeps the first of each step. Steps are powers of two, so that a step of today is two of earlier ones. */
  #thin(): void {
    const times = this.#arrays[0];
    const whole = this.#length - Math.floor(this.#mostSamples / 2);
    this.thinnedSeconds = 2 ** Math.ceil(Math.log2((times[whole] - times[0]) / (this.#mostSamples / 4)));
    const stepOf = (row: number) => Math.floor(times[row] / this.thinnedSeconds);
    let kept = 0;
    for (let row = 0; row < this.#length; row++) {
      if (row > 0 && row < whole && stepOf(row) === stepOf(kept - 1)) continue;
      for (const array of this.#arrays) array[kept] = array[row];
      kept++;
    }
    this.#length = kept;
  }

  #grow(): void {
    this.#room = Math.min(2 * this.#room, this.#mostSamples);
    this.#arrays = this.#arrays.map((array) => {
      const larger = new Float64Array(this.#room);
      larger.set(array);
      return larger;
    });
  }

  get #view() {
    if (this.#views) return this.#views;
    const [time, ...rest] = this.#arrays.map((array) => array.subarray(0, this.#length));
    const numbers = rest.pop() as Float64Array;
    this.#views = { time, columns: rest, numbers };
    return this.#views;
  }
}
