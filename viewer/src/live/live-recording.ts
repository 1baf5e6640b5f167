import type { TopicName } from '../../../src/episode/flight.ts';
import { GrowingSeries } from '../../../src/episode/growing-series.ts';
import type { Sample } from '../../../src/episode/samples.ts';
import type { Recording } from '../recording.ts';

/** A recording that grows while it is shown; bounded as `GrowingSeries` is. */
export class LiveRecording implements Recording {
  readonly name: string;
  vehicle?: string;
  durationSeconds = 0;
  topics: Partial<Record<TopicName, GrowingSeries>> = {};
  readonly scene = [];
  readonly events = [];
  readonly truncated = false;
  /** Counts up with all that comes. */
  revision = 0;
  /** Counts up when a topic comes that was not there. */
  topicsRevision = 0;
  /** Everything there is so far has come. */
  complete = false;
  private thinnedByServer = 0;

  constructor(name: string, vehicle: string | undefined) {
    this.name = name;
    this.vehicle = vehicle;
  }

  get coarsestSeconds(): number {
    return Math.max(this.thinnedByServer, ...Object.values(this.topics).map((series) => series.thinnedSeconds));
  }

  /** Forgets everything: it comes again from the beginning. */
  clear(): void {
    this.topics = {};
    this.durationSeconds = 0;
    this.topicsRevision++;
  }

  add(samples: readonly Sample[], thinnedSeconds: number): void {
    for (const { topic, time, values } of samples) this.push(topic, time, values);
    this.thinnedByServer = thinnedSeconds;
    // of the topics, since a time that had leapt ahead is taken back
    this.durationSeconds = Math.max(0, ...Object.values(this.topics).map(({ time }) => time[time.length - 1]));
    this.revision++;
  }

  private push(topic: TopicName, time: number, values: readonly number[]): void {
    const series = this.topics[topic] ?? new GrowingSeries(topic);
    if (!series.push(time, values) || this.topics[topic]) return;
    this.topics[topic] = series;
    this.topicsRevision++;
  }
}
