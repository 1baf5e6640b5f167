import { TOPICS, type TopicName } from '../flight.ts';
import { fractionAt } from './align-flight.ts';
import { ClockOffset } from './clock-offset.ts';
import type { SampleEvent } from './event.ts';
import { blend, METHODS, maxGaps, SAME_TIME_SECONDS } from './resample.ts';

/** All topics of a flight at one instant of its grid. */
export interface AlignedRow {
  flight: string;
  /** Number of the row in the flight's grid; a jump is a hole that was skipped. */
  index: number;
  /** Seconds since the flight's start, or on the receiver's clock where that was asked for. */
  time: number;
  /** The topics' columns one behind the other, in the order of the topics asked for; NaN where a topic has no value. */
  values: Float64Array;
  /** 1 for each topic that has a value, in the same order. */
  valid: Uint8Array;
  allValid: boolean;
}

export interface LiveGridOptions {
  /** Longest bridged time [s] between samples; one number for all topics, or the defaults of `maxGaps()`. */
  maxGapSeconds?: number;
  /** Whose clock counts; default `sample`. */
  clock?: 'sample' | 'arrival';
}

const MAX_BUFFERED = 4096;
/** A hole longer than this [s] is skipped: a clock that jumps by a year must not make a thousand million rows. */
const MAX_HOLE_SECONDS = 60;

interface Lane {
  topic: TopicName;
  /** Where the topic's columns begin in a row. */
  at: number;
  maxGap: number;
  offset: ClockOffset;
  /** Samples not older than the last one before the next row. */
  samples: { time: number; values: number[] }[];
}

/** One live flight's grid: takes samples, gives back each row as soon as no later sample can change it. */
export class LiveGrid {
  readonly #flight: string;
  readonly #rateHz: number;
  readonly #lanes: Lane[];
  readonly #width: number;
  readonly #byArrival: boolean;
  #zero = Number.NaN;
  #newest = Number.NEGATIVE_INFINITY;
  #index = 0;

  constructor(flight: string, rateHz: number, topics: readonly TopicName[], options: LiveGridOptions) {
    const gaps = maxGaps(options.maxGapSeconds);
    let at = 0;
    this.#lanes = topics.map((topic) => {
      const lane = { topic, at, maxGap: gaps[topic], offset: new ClockOffset(), samples: [] };
      at += TOPICS[topic].length;
      return lane;
    });
    this.#flight = flight;
    this.#rateHz = rateHz;
    this.#width = at;
    this.#byArrival = options.clock === 'arrival';
  }

  /** Takes a sample; @returns the rows that are settled by it. */
  *push(sample: SampleEvent): Generator<AlignedRow> {
    const lane = this.#lanes.find(({ topic }) => topic === sample.topic);
    if (!lane) return;
    const time = this.#timeOf(lane, sample);
    const last = lane.samples[lane.samples.length - 1];
    if (last && time <= last.time) return; // out of order
    if (Number.isNaN(this.#zero)) this.#zero = time;
    if (time - this.#newest > MAX_HOLE_SECONDS && Number.isFinite(this.#newest)) {
      yield* this.finish();
      this.#index = Math.ceil((time - this.#zero - SAME_TIME_SECONDS) * this.#rateHz);
      for (const { samples } of this.#lanes) samples.length = 0;
    }
    lane.samples.push({ time, values: sample.values });
    if (lane.samples.length > MAX_BUFFERED) lane.samples.shift();
    this.#newest = Math.max(this.#newest, time);
    while (this.#settled(this.#time())) yield this.#row();
  }

  /** @returns the rows up to the newest sample: nothing more will come. */
  *finish(): Generator<AlignedRow> {
    while (this.#time() <= this.#newest + SAME_TIME_SECONDS) yield this.#row();
  }

  #time(): number {
    return this.#zero + this.#index / this.#rateHz;
  }

  #timeOf({ offset }: Lane, { time, at }: SampleEvent): number {
    if (!this.#byArrival) return time;
    offset.observe(time, at);
    return time + offset.seconds;
  }

  // A topic no longer waited for has been silent for longer than its allowed gap: whatever comes cannot reach back.
  #settled(t: number): boolean {
    return this.#lanes.every(({ samples, maxGap }) => {
      const last = samples[samples.length - 1];
      return (last && last.time > t + SAME_TIME_SECONDS) || this.#newest > t + maxGap + SAME_TIME_SECONDS;
    });
  }

  #row(): AlignedRow {
    const time = this.#time();
    const values = new Float64Array(this.#width).fill(Number.NaN);
    const valid = Uint8Array.from(this.#lanes, (lane) => (readLane(lane, time, values) ? 1 : 0));
    const allValid = valid.every((v) => v === 1);
    return { flight: this.#flight, index: this.#index++, time, values, valid, allValid };
  }
}

/** Reads a topic at a row's time into its place in `values`, and forgets what no later row needs. */
function readLane({ topic, at, maxGap, samples }: Lane, time: number, values: Float64Array): boolean {
  let before = -1;
  while (before + 1 < samples.length && samples[before + 1].time <= time + SAME_TIME_SECONDS) before++;
  if (before < 0) return false;
  samples.splice(0, before);
  const [a, b = a] = samples;
  const u = fractionAt(topic, time, a.time, samples[1]?.time, maxGap);
  if (Number.isNaN(u)) return false;
  blend(METHODS[topic], a.values, b.values, u, values.subarray(at, at + a.values.length));
  return true;
}
