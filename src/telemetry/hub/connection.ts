import type { WebSocket } from 'ws';
import { CLOSE, type Frame, FrameError, readFrame, VERSION, writeFrame } from '../protocols/windhover.ts';
import { Inbox } from './inbox.ts';
import { tokenMatches } from './listen.ts';

/** What a connection does after its hello. */
export interface Role {
  /** True for a subscriber. */
  listens: boolean;
  /** @throws FrameError for a frame that makes no sense */
  handle(frame: Frame): Promise<void>;
  leave(why: string): Promise<void>;
}

export interface ConnectionContext {
  token?: string;
  helloSeconds: number;
  publisher(send: (text: string) => void): Role;
  subscriber(socket: WebSocket): Role;
  /** A frame that could not be used, and how many messages are lost with it. */
  badFrame(problem: string, messages: number): void;
}

/** One client, from its hello to its end: reads its frames in order and answers a bad one with an error. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #hub: ConnectionContext;
  readonly #inbox: Inbox<string>;
  #role: Role | null = null;
  #alive = true;
  #why = 'the publisher went away';
  /** Resolves when the client is gone and everything it sent is handled. */
  readonly done: Promise<void>;

  constructor(socket: WebSocket, hub: ConnectionContext) {
    this.#socket = socket;
    this.#hub = hub;
    this.#inbox = new Inbox(socket, (text) => this.#handle(text));
    socket.on('message', (data, binary) => this.#inbox.push(binary ? '' : data.toString()));
    socket.on('pong', () => {
      this.#alive = true;
    });
    // ws closes the connection itself: a frame too large or not of the protocol.
    socket.on('error', (error) => this.#bad(new FrameError('frame', error.message)));
    const hello = setTimeout(() => {
      if (!this.#role) socket.close(CLOSE.badHello, 'expected a hello');
    }, hub.helloSeconds * 1000);
    this.done = new Promise((resolve) => {
      socket.once('close', () => {
        clearTimeout(hello);
        void this.#leave().then(resolve);
      });
    });
  }

  get listens(): boolean {
    return this.#role?.listens ?? false;
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
    await this.#role?.leave(this.#why);
  }

  async #handle(text: string): Promise<void> {
    this.#alive = true;
    try {
      const frame = readFrame(text);
      if (this.#role) await this.#role.handle(frame);
      else this.#hello(frame);
    } catch (error) {
      this.#bad(error as Error);
    }
  }

  #hello(frame: Frame): void {
    if (frame.op !== 'hello') throw new FrameError('op', `expected hello first, got ${frame.op}`);
    if (!tokenMatches(this.#hub.token, frame.token)) {
      this.#bad(new FrameError('token', 'expected the token of this hub'));
      this.#socket.close(CLOSE.badToken, 'expected the token of this hub');
      return;
    }
    if (frame.role === 'hub') throw new FrameError('role', 'expected publisher or subscriber, got hub');
    this.#send(writeFrame({ op: 'hello', version: VERSION, role: 'hub' }));
    this.#role =
      frame.role === 'publisher' ? this.#hub.publisher((text) => this.#send(text)) : this.#hub.subscriber(this.#socket);
  }

  #bad(error: Error): void {
    const { field, messages } = error instanceof FrameError ? error : { field: undefined, messages: 1 };
    this.#send(writeFrame({ op: 'error', message: error.message, field }));
    this.#hub.badFrame(error.message, messages);
  }

  #send(text: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text);
  }
}
