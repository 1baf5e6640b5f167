import type { WebSocket } from 'ws';
import { FrameError } from '../protocols/windhover.ts';
import { Inbox } from './inbox.ts';

/** One client's side of a protocol: what its frames mean to the hub. */
export interface Conversation {
  /** True for a subscriber: the hub takes its leave of publishers first. */
  readonly listens: boolean;
  /**
   * One frame; the next comes when this one is handled.
   *
   * @throws FrameError for a frame that makes no sense
   */
  handle(data: string | Buffer): Promise<void>;
  /** Tells the client what was wrong with its frame. */
  complain(error: Error): void;
  leave(why: string): Promise<void>;
}

/** Is told of a frame that could not be used, and how many messages are lost with it. */
export type OnBadFrame = (problem: string, messages: number) => void;

/** One client, until its end: reads its frames in order and answers a bad one with an error. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #conversation: Conversation;
  readonly #onBadFrame: OnBadFrame;
  readonly #inbox: Inbox<string | Buffer>;
  #alive = true;
  #why = 'the publisher went away';
  /** Resolves when the client is gone and everything it sent is handled. */
  readonly done: Promise<void>;

  constructor(socket: WebSocket, conversation: Conversation, onBadFrame: OnBadFrame) {
    this.#socket = socket;
    this.#conversation = conversation;
    this.#onBadFrame = onBadFrame;
    this.#inbox = new Inbox(socket, (data) => this.#handle(data));
    socket.on('message', (data, binary) => this.#inbox.push(binary ? (data as Buffer) : data.toString()));
    socket.on('pong', () => {
      this.#alive = true;
    });
    // ws closes the connection itself: a frame too large or not of the protocol.
    socket.on('error', (error) => this.#bad(new FrameError('frame', error.message)));
    this.done = new Promise((resolve) => {
      socket.once('close', () => void this.#leave().then(resolve));
    });
  }

  get listens(): boolean {
    return this.#conversation.listens;
  }

  /** Called at intervals: a client that has not answered since the last call is gone, whatever TCP believes. */
  heartbeat(): void {
    if (this.#inbox.paused) return; // its pong waits behind the frames we do not read
    if (!this.#alive) this.#socket.terminate();
    this.#alive = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  /** Handles what has come in, then says goodbye. */
  async close(waitMs: number): Promise<void> {
    this.#why = 'the hub ended';
    await this.#inbox.idle();
    this.#socket.close(1001, 'the hub ends');
    const impatient = setTimeout(() => this.#socket.terminate(), waitMs);
    await this.done;
    clearTimeout(impatient);
  }

  async #leave(): Promise<void> {
    await this.#inbox.idle();
    await this.#conversation.leave(this.#why);
  }

  async #handle(data: string | Buffer): Promise<void> {
    this.#alive = true;
    try {
      await this.#conversation.handle(data);
    } catch (error) {
      this.#bad(error as Error);
    }
  }

  #bad(error: Error): void {
    this.#conversation.complain(error);
    this.#onBadFrame(error.message, error instanceof FrameError ? error.messages : 1);
  }
}
