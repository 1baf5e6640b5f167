import type { WebSocket } from 'ws';
import {
  CLOSE,
  type ControlFrame,
  type Frame,
  FrameError,
  readFrame,
  VERSION,
  writeFrame,
} from '../protocols/windhover.ts';
import type { Conversation } from './connection.ts';
import { tokenMatches } from './listen.ts';

/** What a client does after its hello. */
export interface Role {
  /** True for a subscriber. */
  listens: boolean;
  /** @throws FrameError for a frame that makes no sense */
  handle(frame: Frame): Promise<void>;
  leave(why: string): Promise<void>;
}

export interface WindhoverContext {
  token?: string;
  helloSeconds: number;
  publisher(send: (frame: ControlFrame) => void): Role;
  subscriber(socket: WebSocket): Role;
}

/** A client that speaks our own subprotocol: says hello first, and is what it said from there on. */
export class WindhoverClient implements Conversation {
  readonly #socket: WebSocket;
  readonly #hub: WindhoverContext;
  #role: Role | null = null;

  constructor(socket: WebSocket, hub: WindhoverContext) {
    this.#socket = socket;
    this.#hub = hub;
    const hello = setTimeout(() => {
      if (!this.#role) socket.close(CLOSE.badHello, 'expected a hello');
    }, hub.helloSeconds * 1000);
    socket.once('close', () => clearTimeout(hello));
  }

  get listens(): boolean {
    return this.#role?.listens ?? false;
  }

  async handle(data: string | Buffer): Promise<void> {
    const frame = readFrame(typeof data === 'string' ? data : '');
    if (this.#role) await this.#role.handle(frame);
    else this.#hello(frame);
  }

  complain(error: Error): void {
    const field = error instanceof FrameError ? error.field : undefined;
    this.#send({ op: 'error', message: error.message, field });
    if (field === 'token') this.#socket.close(CLOSE.badToken, 'expected the token of this hub');
  }

  async leave(why: string): Promise<void> {
    await this.#role?.leave(why);
  }

  #hello(frame: Frame): void {
    if (frame.op !== 'hello') throw new FrameError('op', `expected hello first, got ${frame.op}`);
    if (!tokenMatches(this.#hub.token, frame.token)) throw new FrameError('token', 'expected the token of this hub', 0);
    if (frame.role === 'hub') throw new FrameError('role', 'expected publisher or subscriber, got hub', 0);
    this.#send({ op: 'hello', version: VERSION, role: 'hub' });
    this.#role =
      frame.role === 'publisher'
        ? this.#hub.publisher((frame) => this.#send(frame))
        : this.#hub.subscriber(this.#socket);
  }

  #send(frame: ControlFrame): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(writeFrame(frame));
  }
}
