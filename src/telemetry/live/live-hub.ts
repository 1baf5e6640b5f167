import type { Subscription } from 'rxjs';
import type { LiveHubState } from '../../episode/live.ts';
import { type FollowHubOptions, followHub, type LinkEvent } from '../client/follow-hub.ts';
import type { TelemetryEvent } from '../pipeline/event.ts';
import { LiveFlight } from './live-flight.ts';

/** Flights of one hub that are kept; with eleven topics full to the brim each holds 11 MB. */
export const MOST_FLIGHTS = 16;

export interface LiveHubOptions extends Omit<FollowHubOptions, 'now'> {
  /** The receiver's clock [s]. */
  now?: () => number;
  /** Makes a flight's id out of its name; by default the name, numbered where several have it. */
  idOf?: (name: string) => string;
  onLink?: (event: LinkEvent) => void;
}

/**
 * The flights of a hub as they come: those under way and the ones before.
 *
 * Memory is bounded whatever the hub sends: a flight by its series, their number by `MOST_FLIGHTS`, where the flight goes
 * first that ended first.
 */
export class LiveHub {
  /** In the order in which they began. */
  readonly flights: LiveFlight[] = [];
  /** Counts up with every change other than a sample. */
  revision = 0;
  link: LinkEvent | null = null;
  readonly #url: string;
  readonly #now: () => number;
  readonly #idOf: (name: string) => string;
  readonly #onLink: (event: LinkEvent) => void;
  readonly #open = new Map<string, LiveFlight>();
  readonly #subscription: Subscription;
  #retryAt = 0;

  constructor(options: LiveHubOptions) {
    const { url, now = unixSeconds, idOf = numbered(), onLink = () => {} } = options;
    this.#url = url;
    this.#now = now;
    this.#idOf = idOf;
    this.#onLink = onLink;
    this.#subscription = followHub({ ...options, now }).subscribe((event) => this.#take(event));
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  find(id: string): LiveFlight | undefined {
    return this.flights.find((flight) => flight.id === id);
  }

  state(): LiveHubState {
    const now = this.#now();
    const { link } = this;
    return {
      url: shown(this.#url),
      connected: link?.connected ?? false,
      ...(link?.connected === false
        ? { problem: link.why, retrySeconds: Math.max(0, Math.ceil(this.#retryAt - now)) }
        : {}),
      flights: this.flights.map((flight) => flight.about(now)),
    };
  }

  #take(event: TelemetryEvent | LinkEvent): void {
    if (event.op === 'sample') {
      this.#open.get(event.flight)?.take(event);
      return;
    }
    if (event.op === 'begin') this.#begin(new LiveFlight(this.#idOf(event.name), event), event.flight);
    else if (event.op === 'end') {
      this.#open.get(event.flight)?.finish(event);
      this.#open.delete(event.flight);
    } else if (event.op === 'link') this.#linked(event);
    this.revision++;
  }

  #begin(flight: LiveFlight, hubId: string): void {
    this.#open.set(hubId, flight);
    this.flights.push(flight);
    if (this.flights.length <= MOST_FLIGHTS) return;
    const oldest = this.flights.findIndex(({ state }) => state !== 'live');
    const [gone] = this.flights.splice(Math.max(oldest, 0), 1);
    for (const [id, open] of this.#open) if (open === gone) this.#open.delete(id);
  }

  /** With the hub its flights go: when it comes back, it may be another one that numbers them anew. */
  #linked(event: LinkEvent): void {
    this.link = event;
    if (!event.connected) {
      for (const flight of this.#open.values()) flight.finish(null);
      this.#open.clear();
      this.#retryAt = this.#now() + event.retrySeconds;
    }
    this.#onLink(event);
  }
}

const unixSeconds = () => (performance.timeOrigin + performance.now()) / 1000;

/** An address without what it may hold of secrets. */
function shown(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** Gives each name once: as it is, or with a number behind it. */
export function numbered(): (name: string) => string {
  const taken = new Set<string>();
  return (name) => {
    for (let count = 1; ; count++) {
      const id = count === 1 ? name : `${name}-${count}`;
      if (taken.has(id)) continue;
      taken.add(id);
      return id;
    }
  };
}
