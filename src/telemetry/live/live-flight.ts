import { GrowingSeries } from '../../episode/growing-series.ts';
import type { LiveFlightState } from '../../episode/live.ts';
import type { Sample } from '../../episode/samples.ts';
import { TOPIC_NAMES, type TopicName } from '../flight.ts';
import type { SampleEvent } from '../pipeline/event.ts';
import type { BeginFrame, EndFrame } from '../protocols/windhover.ts';
import { Arrivals } from './arrivals.ts';

/** One flight from a hub, kept for those who look at it: each topic as a `GrowingSeries`, and what came of its messages. */
export class LiveFlight {
  readonly id: string;
  readonly begin: BeginFrame;
  state: LiveFlightState['state'] = 'live';
  readonly #series = new Map<TopicName, GrowingSeries>();
  readonly #arrivals = new Arrivals();
  #received = 0;
  #gaps = 0;
  #next: number;
  #truncated = false;

  /** @param id its name among all items of the page */
  constructor(id: string, begin: BeginFrame) {
    this.id = id;
    this.begin = begin;
    this.#next = begin.fromSeq ?? 0;
  }

  take({ seq, topic, time, values, at }: SampleEvent): void {
    this.#received++;
    this.#gaps += Math.max(0, seq - this.#next);
    this.#next = Math.max(this.#next, seq + 1);
    this.#arrivals.add(time, at);
    let series = this.#series.get(topic);
    if (!series) this.#series.set(topic, (series = new GrowingSeries(topic)));
    series.push(time, values, seq);
  }

  /** @param end the hub's end mark, or null where the hub went away before it */
  finish(end: EndFrame | null): void {
    this.state = end ? 'ended' : 'lost';
    this.#truncated = end?.truncated ?? true;
    this.#gaps += Math.max(0, (end?.sent ?? 0) - this.#next);
  }

  /** The coarsest step [s] to which a topic's beginning has been thinned. */
  get thinnedSeconds(): number {
    return Math.max(0, ...[...this.#series.values()].map((series) => series.thinnedSeconds));
  }

  get durationSeconds(): number {
    return Math.max(0, ...[...this.#series.values()].map(({ time }) => time[time.length - 1]));
  }

  /**
   * The samples after the one with number `seq`, at most so many, in their order; `last` is where to go on.
   *
   * Whoever is slow finds in it what has not been thinned meanwhile.
   */
  after(seq: number, most: number): { samples: Sample[]; last: number; complete: boolean } {
    const cursors = TOPIC_NAMES.flatMap((topic) => {
      const series = this.#series.get(topic);
      const row = series ? firstAfter(series.numbers, seq) : 0;
      return series && row < series.length ? [{ topic, series, row }] : [];
    });
    const samples: Sample[] = [];
    let last = seq;
    while (cursors.length > 0 && samples.length < most) {
      const next = cursors.reduce((best, c) => (c.series.numbers[c.row] < best.series.numbers[best.row] ? c : best));
      const { topic, series, row } = next;
      last = series.numbers[row];
      samples.push({ topic, time: series.time[row], values: series.columns.map((column) => column[row]) });
      if (++next.row === series.length) cursors.splice(cursors.indexOf(next), 1);
    }
    return { samples, last, complete: cursors.length === 0 };
  }

  /** What is said of it, at `now` on the receiver's clock [s]. */
  about(now: number): LiveFlightState {
    const { name, vehicle, fromSeq = 0 } = this.begin;
    return {
      ...{ id: this.id, title: name, state: this.state, durationSeconds: this.durationSeconds },
      ...(vehicle === undefined ? {} : { vehicle }),
      ...{ received: this.#received, gaps: this.#gaps, missedBefore: fromSeq, truncated: this.#truncated },
      dropped: [...this.#series.values()].reduce((sum, series) => sum + series.dropped, 0),
      ...{ delaySeconds: this.#arrivals.delay, pace: this.#arrivals.pace },
      messagesPerSecond: this.state === 'live' ? this.#arrivals.rate(now) : 0,
      silentSeconds: this.state === 'live' ? this.#arrivals.silence(now) : 0,
    };
  }
}

/** The first row whose number is above `seq`, by bisection. */
function firstAfter(numbers: Float64Array, seq: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
