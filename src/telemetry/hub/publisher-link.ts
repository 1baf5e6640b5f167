import type { BeginFrame, DataFrame, EndFrame, Frame } from '../protocols/windhover.ts';
import { type AckFrame, type ErrorFrame, FrameError } from '../protocols/windhover.ts';
import type { FlightReport } from './counts.ts';
import { FlightTrack, type Run } from './flight-track.ts';
import type { Recording } from './recording.ts';
import type { Subscribers } from './subscribers.ts';

/** What a publisher's link needs of its hub. */
export interface LinkContext {
  subscribers: Subscribers;
  /** Null where the hub does not record. */
  openRecording: ((flight: BeginFrame) => Promise<Recording>) | null;
  began(track: FlightTrack): void;
  ended(track: FlightTrack, report: FlightReport): void;
  problem(message: string): void;
}

/** A publisher that only ever begins flights must not eat the hub's memory and file handles. */
const MAX_OPEN_FLIGHTS = 64;

/** The flights of one publisher: takes its frames in order, records, relays, and acknowledges. */
export class PublisherLink {
  readonly #id: string;
  readonly #send: (frame: AckFrame | ErrorFrame) => void;
  readonly #hub: LinkContext;
  readonly #flights = new Map<string, FlightTrack>();
  #begun = 0;

  /** @param id the connection's number, unique in the hub */
  constructor(id: string, send: (frame: AckFrame | ErrorFrame) => void, hub: LinkContext) {
    this.#id = id;
    this.#send = send;
    this.#hub = hub;
  }

  /** @throws FrameError for a frame that makes no sense here or now */
  async handle(frame: Frame): Promise<void> {
    if (frame.op === 'begin') await this.#begin(frame);
    else if (frame.op === 'data') await this.#data(frame);
    else if (frame.op === 'end') await this.#end(frame);
    else throw new FrameError('op', `expected begin, data or end from a publisher, got ${frame.op}`);
  }

  /** Ends what the publisher left open when it went away. */
  async leave(why: string): Promise<void> {
    for (const [flight, track] of this.#flights) {
      this.#hub.problem(`${track.begin.name}: ${why}; the flight is marked as truncated`);
      const warnings = [`${why} before its end mark`];
      await this.#finish(track, { op: 'end', flight, sent: track.next, truncated: true, droppedRows: 0, warnings });
    }
  }

  async #begin(frame: BeginFrame): Promise<void> {
    if (this.#flights.has(frame.flight)) throw new FrameError('flight', `expected a new id, got ${frame.flight} again`);
    if (this.#flights.size >= MAX_OPEN_FLIGHTS)
      throw new FrameError('flight', `expected an end mark first: ${MAX_OPEN_FLIGHTS} flights are open`);
    const track = await this.#track(frame);
    this.#flights.set(frame.flight, track);
    this.#hub.subscribers.send({ ...frame, flight: track.hubId, fromSeq: 0 });
    this.#hub.began(track);
  }

  async #track(frame: BeginFrame): Promise<FlightTrack> {
    const hubId = `${this.#id}.${++this.#begun}`;
    const records = this.#hub.openRecording !== null;
    try {
      return new FlightTrack(hubId, frame, (await this.#hub.openRecording?.(frame)) ?? null, records);
    } catch (error) {
      this.#complain(`recording: ${(error as Error).message}`, frame.name);
      return new FlightTrack(hubId, frame, null, records);
    }
  }

  async #data(frame: DataFrame): Promise<void> {
    const track = this.#flights.get(frame.flight);
    if (!track) throw unknown(frame.flight, frame.messages.length);
    const failedBefore = track.recording?.failure;
    const runs = await track.take(frame, (problem) => this.#complain(problem, track.begin.name));
    const failure = track.recording?.failure;
    if (failure && !failedBefore) this.#complain(`recording: ${failure}`, track.begin.name);
    this.#relay(track, runs);
    // The acknowledgement lets the publisher send on: it waits for the slowest subscriber.
    await this.#hub.subscribers.room();
    this.#ack(track.ack(frame.flight, false));
  }

  #relay(track: FlightTrack, runs: Run[]): void {
    track.relayedTo = track.next;
    if (this.#hub.subscribers.size === 0) return;
    for (const { seq, messages } of runs)
      this.#hub.subscribers.send({ op: 'data', flight: track.hubId, seq, messages });
  }

  async #end(frame: EndFrame): Promise<void> {
    const track = this.#flights.get(frame.flight);
    if (!track) throw unknown(frame.flight, 1);
    await this.#finish(track, frame);
    this.#ack(track.ack(frame.flight, true));
  }

  async #finish(track: FlightTrack, end: EndFrame): Promise<void> {
    this.#flights.delete(end.flight);
    const failedBefore = track.recording?.failure;
    const report = await track.finish(end);
    const failure = track.recording?.failure;
    if (failure && !failedBefore) this.#complain(`recording: ${failure}`, track.begin.name);
    this.#hub.subscribers.send({ ...end, flight: track.hubId });
    this.#hub.ended(track, report);
  }

  #ack(frame: AckFrame): void {
    this.#send(frame);
  }

  #complain(problem: string, flight: string): void {
    this.#send({ op: 'error', message: problem, field: problem.slice(0, problem.indexOf(':')) });
    this.#hub.problem(`${flight}: ${problem}`);
  }
}

function unknown(flight: string, messages: number): FrameError {
  return new FrameError('flight', `expected a flight that has begun, got ${flight}`, messages);
}
