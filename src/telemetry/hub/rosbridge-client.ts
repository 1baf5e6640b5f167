import type { WebSocket } from 'ws';
import { RosbridgeTopics, readRosbridge, writeRosbridgeStatus } from '../protocols/rosbridge.ts';
import type { Conversation } from './connection.ts';
import type { FlightSource } from './flight-source.ts';

/** A robot that publishes in rosbridge's JSON. */
export class RosbridgeClient implements Conversation {
  readonly listens = false;
  readonly #socket: WebSocket;
  readonly #source: FlightSource;
  readonly #topics = new RosbridgeTopics();
  readonly #onGone: () => void;

  constructor(socket: WebSocket, source: FlightSource, onGone: () => void) {
    this.#socket = socket;
    this.#source = source;
    this.#onGone = onGone;
    source.onSilence = () => this.#notes();
  }

  async handle(data: string | Buffer): Promise<void> {
    const frame = readRosbridge(data);
    if (frame.op === 'advertise') this.#topics.advertise(frame.topic, frame.type);
    else if (frame.op === 'unadvertise') this.#topics.unadvertise(frame.topic);
    else if (frame.op === 'publish') {
      const sample = this.#topics.read(frame.topic, frame.msg);
      const expected = this.#source.flying ? [] : this.#topics.expected;
      if (sample) await this.#source.add(sample.stamp, sample.told, expected);
    }
  }

  complain(error: Error): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(writeRosbridgeStatus('error', error.message));
  }

  async leave(why: string): Promise<void> {
    await this.#source.end(why, why === 'the hub ended', this.#notes());
    this.#onGone();
  }

  #notes(): string[] {
    const notes = [...this.#topics.notes];
    this.#topics.forgetSources();
    return notes;
  }
}
