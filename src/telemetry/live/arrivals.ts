/** When a bucket of messages came, and how late they were. */
interface Bucket {
  /** Number of the tenth of a second in which they came. */
  tenth: number;
  count: number;
  /** Arrival minus stamp [s] of the message that was fastest. */
  least: number;
  /** Stamp and arrival [s] of the last one. */
  time: number;
  at: number;
}

const BUCKETS = 100;
const RATE_SECONDS = 2;
/** Less than that [s] tells no pace. */
const LEAST_SPAN = 0.5;
/** A vehicle's clock is nearer to ours than that. */
const SAME_PACE = 0.05;

/**
 * How a flight's messages come in: how many a second, how fast its time passes, and how late they are.
 *
 * Holds the last ten seconds in tenths. The delay is against the fastest message of these, since the two clocks have no
 * common zero: the shortest delay of the way stays unknown, jitter and jams are seen. A log that is played faster or
 * slower than it was flown has no delay.
 */
export class Arrivals {
  readonly #buckets: Bucket[] = [];
  #first = Number.POSITIVE_INFINITY;

  /** @param time the vehicle's stamp [s] @param at arrival on the receiver's clock [s] */
  add(time: number, at: number): void {
    const tenth = Math.floor(10 * at);
    this.#first = Math.min(this.#first, at);
    const last = this.#buckets.at(-1);
    if (last?.tenth === tenth) {
      last.count++;
      last.least = Math.min(last.least, at - time);
      Object.assign(last, { time, at });
      return;
    }
    this.#buckets.push({ tenth, count: 1, least: at - time, time, at });
    while (this.#buckets[0].tenth <= tenth - BUCKETS) this.#buckets.shift();
  }

  /** Messages a second over the last two seconds, or since the first where that is shorter. */
  rate(now: number): number {
    const seconds = Math.min(RATE_SECONDS, Math.max(now - this.#first, 0.1));
    const recent = this.#buckets.filter(({ at }) => at > now - seconds);
    return recent.reduce((sum, { count }) => sum + count, 0) / seconds;
  }

  /** Seconds of flight in a second of ours; null where too little has come. */
  get pace(): number | null {
    const [first, last] = [this.#buckets[0], this.#buckets.at(-1)];
    if (!first || !last || last.at - first.at < LEAST_SPAN) return null;
    return (last.time - first.time) / (last.at - first.at);
  }

  /** By how much [s] the latest messages were later than the fastest; null where the flight's time passes unlike ours. */
  get delay(): number | null {
    const { pace } = this;
    if (pace === null || Math.abs(pace - 1) > SAME_PACE) return null;
    const latest = this.#buckets[this.#buckets.length - 1];
    return latest.least - Math.min(...this.#buckets.map(({ least }) => least));
  }

  /** Since the last message [s]; 0 before the first. */
  silence(now: number): number {
    const last = this.#buckets.at(-1);
    return last ? Math.max(0, now - last.at) : 0;
  }
}
