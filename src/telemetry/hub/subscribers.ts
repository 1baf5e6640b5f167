import type { WebSocket } from 'ws';
import {
  type BeginFrame,
  type EndFrame,
  type Message,
  type StatusFrame,
  writeData,
  writeFrame,
} from '../protocols/windhover.ts';

/** What subscribers get; a flight's id is the hub's. */
export type RelayedFrame =
  | BeginFrame
  | EndFrame
  | StatusFrame
  | { op: 'data'; flight: string; seq: number; messages: readonly Message[] };

/** Those who listen in another protocol than ours. They may leave out messages, but hold nobody back. */
export interface Relay {
  readonly size: number;
  readonly relayed: number;
  readonly undelivered: number;
  take(frame: RelayedFrame): void;
}

export interface SubscriberLimits {
  /** Bytes that may wait for one subscriber before publishers are held back. */
  maxBufferedBytes: number;
  /** A subscriber that stays above that for so long [s] is cut off. */
  slowSeconds: number;
}

interface Link {
  socket: WebSocket;
  /** When it was first seen above the bound [ms], or null while it keeps up. */
  fullSince: number | null;
  cut: boolean;
}

const POLL_MS = 5;

/**
 * All who listen. A frame is encoded once for each protocol and given to each; `room()` holds the publishers back until every subscriber
 * has taken enough of it, and cuts off the one that does not.
 */
export class Subscribers {
  #relayed = 0;
  #undelivered = 0;
  readonly #links = new Set<Link>();
  readonly #limits: SubscriberLimits;
  readonly #onCut: (seconds: number) => void;

  readonly #relays: readonly Relay[];

  constructor(limits: SubscriberLimits, onCut: (seconds: number) => void, relays: readonly Relay[] = []) {
    this.#limits = limits;
    this.#onCut = onCut;
    this.#relays = relays;
  }

  get size(): number {
    return this.#relays.reduce((sum, { size }) => sum + size, this.#links.size);
  }

  /** Messages that left for a subscriber, counted for each of them. */
  get relayed(): number {
    return this.#relays.reduce((sum, { relayed }) => sum + relayed, this.#relayed);
  }

  /** Messages that a subscriber was too slow for: cut off before it took them, or left out for it. */
  get undelivered(): number {
    return this.#relays.reduce((sum, { undelivered }) => sum + undelivered, this.#undelivered);
  }

  add(socket: WebSocket): void {
    const link: Link = { socket, fullSince: null, cut: false };
    this.#links.add(link);
    socket.once('close', () => this.#links.delete(link));
  }

  /** Sends one frame to all. */
  send(frame: RelayedFrame): void {
    for (const relay of this.#relays) relay.take(frame);
    if (this.#links.size === 0) return;
    const text = frame.op === 'data' ? writeData(frame.flight, frame.seq, frame.messages) : writeFrame(frame);
    const messages = frame.op === 'data' ? frame.messages.length : 0;
    for (const link of this.#links) {
      link.socket.send(text, (error) => {
        if (!error) this.#relayed += messages;
        else if (link.cut) this.#undelivered += messages;
      });
    }
  }

  /** Resolves when no subscriber has more waiting than the bound. */
  async room(): Promise<void> {
    while (this.#anyFull()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  #anyFull(): boolean {
    let full = false;
    for (const link of this.#links) {
      if (link.socket.bufferedAmount <= this.#limits.maxBufferedBytes) link.fullSince = null;
      else {
        link.fullSince ??= performance.now();
        if (performance.now() - link.fullSince > this.#limits.slowSeconds * 1000) this.#cutOff(link);
        else full = true;
      }
    }
    return full;
  }

  #cutOff(link: Link): void {
    link.cut = true;
    this.#links.delete(link);
    // A close frame would wait behind everything else; the socket is ended instead, and its reader sees that.
    link.socket.terminate();
    this.#onCut(this.#limits.slowSeconds);
  }
}
