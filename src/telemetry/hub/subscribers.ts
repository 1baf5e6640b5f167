import type { WebSocket } from 'ws';

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
 * All who listen. A frame is encoded once and given to each; `room()` holds the publishers back until every subscriber
 * has taken enough of it, and cuts off the one that does not.
 */
export class Subscribers {
  /** Messages that left for a subscriber, counted for each of them. */
  relayed = 0;
  /** Messages that a subscriber was cut off before it took. */
  undelivered = 0;
  readonly #links = new Set<Link>();
  readonly #limits: SubscriberLimits;
  readonly #onCut: (seconds: number) => void;

  constructor(limits: SubscriberLimits, onCut: (seconds: number) => void) {
    this.#limits = limits;
    this.#onCut = onCut;
  }

  get size(): number {
    return this.#links.size;
  }

  add(socket: WebSocket): void {
    const link: Link = { socket, fullSince: null, cut: false };
    this.#links.add(link);
    socket.once('close', () => this.#links.delete(link));
  }

  /** Sends one text that holds `messages` samples (0 for a control frame) to all. */
  send(text: string, messages = 0): void {
    for (const link of this.#links) {
      link.socket.send(text, (error) => {
        if (!error) this.relayed += messages;
        else if (link.cut) this.undelivered += messages;
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
