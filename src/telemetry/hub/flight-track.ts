import type { AckFrame, BeginFrame, DataFrame, EndFrame, Message } from '../protocols/windhover.ts';
import type { FlightReport } from './counts.ts';
import type { Recording } from './recording.ts';

/** Consecutive good messages of one data frame, `seq` being the number of the first. */
export interface Run {
  seq: number;
  messages: Message[];
}

/** One flight under way: which messages came, which are missing, and what became of them. */
export class FlightTrack {
  /** The flight's name among all of the hub's; publishers may well choose the same ids. */
  readonly hubId: string;
  readonly begin: BeginFrame;
  /** Null where the hub does not record, or could not open the file. */
  readonly recording: Recording | null;
  received = 0;
  /** Unusable messages, and such that came twice. */
  invalid = 0;
  /** Lost because no file could be opened for them. */
  unrecorded = 0;
  missing = 0;
  /** The number that the next message should have. */
  next = 0;
  /** The number of the first message that subscribers have not been sent yet. */
  relayedTo = 0;
  #contiguous = -1;
  readonly #records: boolean;

  constructor(hubId: string, begin: BeginFrame, recording: Recording | null, records: boolean) {
    this.hubId = hubId;
    this.begin = begin;
    this.recording = recording;
    this.#records = records;
  }

  get recorded(): number {
    return this.recording?.kept ?? 0;
  }

  get lost(): number {
    return this.unrecorded + (this.recording?.lost ?? 0);
  }

  /**
   * Takes a frame's numbers and messages, records the good ones and gives them back in unbroken runs.
   *
   * @param complain is told what is wrong, field first
   */
  async take(frame: DataFrame, complain: (problem: string) => void): Promise<Run[]> {
    const { seq, messages, problems } = frame;
    this.received += messages.length;
    for (const problem of problems.slice(0, 3)) complain(problem);
    if (seq > this.next) {
      complain(`seq: expected ${this.next}, got ${seq}: ${seq - this.next} messages are missing`);
      this.missing += seq - this.next;
    }
    const repeated = Math.min(messages.length, Math.max(0, this.next - seq));
    if (repeated > 0) complain(`seq: expected ${this.next}, got ${seq}: ${repeated} messages came twice`);
    this.invalid += repeated;
    const runs = await this.#record(seq + repeated, messages.slice(repeated));
    this.next = Math.max(this.next, seq + messages.length);
    if (this.missing === 0) this.#contiguous = this.next - 1;
    return runs;
  }

  async #record(first: number, messages: (Message | null)[]): Promise<Run[]> {
    const runs: Run[] = [];
    let run: Run | null = null;
    for (const [i, message] of messages.entries()) {
      if (message === null) {
        this.invalid++;
        run = null;
        continue;
      }
      if (!run) {
        run = { seq: first + i, messages: [] };
        runs.push(run);
      }
      run.messages.push(message);
      if (this.recording) await this.recording.write(message);
      else if (this.#records) this.unrecorded++;
    }
    return runs;
  }

  ack(flight: string, final: boolean): AckFrame {
    const { received, invalid } = this;
    const dropped = invalid + this.lost;
    return { op: 'ack', flight, seq: this.#contiguous, received, accepted: received - dropped, dropped, final };
  }

  /** Closes the recording and sums up; `end` is the publisher's own mark, or one made for it. */
  async finish(end: EndFrame): Promise<FlightReport> {
    this.missing += Math.max(0, end.sent - this.next);
    const { received, missing } = this;
    const { sent, truncated, droppedRows, warnings } = end;
    const note = { sent, received, missing, truncated, droppedRows, warnings };
    const recording = (await this.recording?.close(note)) ?? null;
    const { name, vehicle } = this.begin;
    const dropped = this.invalid + this.lost;
    return { name, vehicle, sent, received, recorded: this.recorded, dropped, missing, truncated, recording };
  }
}
