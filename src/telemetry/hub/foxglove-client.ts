import type { WebSocket } from 'ws';
import { readFoxglove, writeMessageData, writeStatus } from '../protocols/foxglove.ts';
import { FrameError } from '../protocols/windhover.ts';
import type { Conversation } from './connection.ts';

export interface FoxgloveClientContext {
  /** Bytes that may wait for the client. */
  maxBufferedBytes: number;
  /** Whether a channel is advertised. */
  knows(channel: number): boolean;
  relayed(): void;
  /** A message was left out, since the client has not taken those before it. */
  undelivered(): void;
}

/** Frames that cannot be left out may take so many times the bound before the client is taken for dead. */
const CONTROL_SHARE = 2;

/**
 * One Foxglove or Lichtblick. It never holds anybody back: while more than the bound waits for it, messages are left out
 * and counted, and it is told how many once it takes again.
 */
export class FoxgloveClient implements Conversation {
  readonly listens = true;
  readonly #socket: WebSocket;
  readonly #hub: FoxgloveClientContext;
  /** By channel; one subscription each, so that a client cannot have the same message sent a thousand times. */
  readonly #subscriptions = new Map<number, number>();
  #leftOut = 0;

  constructor(socket: WebSocket, hub: FoxgloveClientContext) {
    this.#socket = socket;
    this.#hub = hub;
  }

  async handle(data: string | Buffer): Promise<void> {
    const request = readFoxglove(data);
    if (request.op === 'unsubscribe') for (const id of request.subscriptionIds) this.#unsubscribe(id);
    else for (const { id, channelId } of request.subscriptions) this.#subscribe(id, channelId);
  }

  complain(error: Error): void {
    this.control(writeStatus('warning', error.message));
  }

  async leave(): Promise<void> {}

  /** Sends a message where its channel is subscribed to and the client keeps up. */
  offer(channel: number, logTime: bigint, encode: () => Uint8Array): void {
    const subscription = this.#subscriptions.get(channel);
    if (subscription === undefined || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > this.#hub.maxBufferedBytes) {
      this.#leftOut++;
      this.#hub.undelivered();
      return;
    }
    if (this.#leftOut > 0) this.#confess();
    this.#socket.send(writeMessageData(subscription, logTime, encode()), (error) => {
      if (!error) this.#hub.relayed();
    });
  }

  /** Sends what cannot be left out; a client for which too much of it waits is cut off. */
  control(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > CONTROL_SHARE * this.#hub.maxBufferedBytes) this.#socket.terminate();
    else this.#socket.send(text);
  }

  /** These channels are no more. */
  forget(channels: readonly number[]): void {
    for (const channel of channels) this.#subscriptions.delete(channel);
  }

  #subscribe(id: number, channel: number): void {
    if (!this.#hub.knows(channel))
      throw new FrameError('subscriptions.channelId', `expected a channel that is advertised, got ${channel}`, 0);
    if (this.#subscriptions.has(channel))
      throw new FrameError('subscriptions.channelId', `expected one subscription a channel, got ${channel} again`, 0);
    if ([...this.#subscriptions.values()].includes(id))
      throw new FrameError('subscriptions.id', `expected a new id, got ${id} again`, 0);
    this.#subscriptions.set(channel, id);
  }

  // Of a channel that ended meanwhile, nothing is left to take away.
  #unsubscribe(id: number): void {
    for (const [channel, subscription] of this.#subscriptions)
      if (subscription === id) this.#subscriptions.delete(channel);
  }

  #confess(): void {
    const count = this.#leftOut;
    this.#leftOut = 0;
    this.control(writeStatus('warning', `${count} messages were left out: they came faster than they were taken`));
  }
}
