import type { TopicName } from '../flight.ts';
import type { BeginFrame, EndFrame, StatusFrame } from '../protocols/windhover.ts';

/** A text frame as it came in. */
export interface Arrived {
  text: string;
  /** When, on the receiver's clock [s]. */
  at: number;
}

/** One topic's sample of one flight. */
export interface SampleEvent {
  op: 'sample';
  flight: string;
  /** Its number in the flight, all topics counted together. */
  seq: number;
  topic: TopicName;
  /** Seconds since the flight's start, by the vehicle's clock. */
  time: number;
  /** The topic's columns in the order of `TOPICS`. */
  values: number[];
  /** When it came in, on the receiver's clock [s]. */
  at: number;
}

/** What a hub tells a subscriber, sample by sample. */
export type TelemetryEvent = BeginFrame | SampleEvent | EndFrame | StatusFrame;
