import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { LiveEvent } from '../episode/live.ts';
import type { LiveHub } from '../telemetry/live/index.ts';

/** What a page is told of: hubs, of which this needs no more. */
export type LiveSources = readonly Pick<LiveHub, 'state' | 'find' | 'revision'>[];

/** How often [ms] a page is told what is new: thirty times a second looks like at once. */
const TICK_MS = 33;
/** How often [ms] the figures of flights under way are told anew. */
const FIGURES_MS = 250;
/** Bytes that may wait for a page before it is told nothing more. */
const MOST_WAITING = 256 * 1024;
/** Most samples told at a time. */
const MOST_SAMPLES = 4000;

/**
 * What one page hears of the hubs' flights, as server-sent events (`LiveEvent`), and the samples of one of them.
 *
 * All samples lie in the hubs' `LiveFlight`s and this holds nothing but the number of the last one told: a page that takes
 * nothing is told nothing, and later what there is then. So it costs no memory, and the hub never waits for it.
 */
export class LiveChannel {
  readonly #hubs: LiveSources;
  readonly #item: string | null;
  #revision = -1;
  #figuresAt = 0;
  #told = '';
  /** Number of the last sample told. */
  #last = -1;
  #first = true;
  #over = false;

  /** @param item id of the flight whose samples the page wants */
  constructor(hubs: LiveSources, item: string | null) {
    this.#hubs = hubs;
    this.#item = item;
  }

  serve(response: ServerResponse, headers: OutgoingHttpHeaders): void {
    response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' });
    if (response.req.method === 'HEAD') return void response.end();
    const tell = () => {
      if (response.writableLength > MOST_WAITING) return;
      for (const event of this.#news()) response.write(`data: ${JSON.stringify(event)}\n\n`);
    };
    response.write('retry: 1000\n\n'); // how long a browser waits until it asks again
    tell();
    const timer = setInterval(tell, TICK_MS);
    response.on('close', () => clearInterval(timer));
  }

  #news(): LiveEvent[] {
    return [...this.#samples(), ...this.#state()]; // so that a flight said to have ended has been told
  }

  #state(): LiveEvent[] {
    const revision = this.#hubs.reduce((sum, hub) => sum + hub.revision, 0);
    const now = performance.now();
    if (revision === this.#revision && now < this.#figuresAt + FIGURES_MS) return [];
    this.#revision = revision;
    this.#figuresAt = now;
    const hubs = this.#hubs.map((hub) => hub.state());
    const told = JSON.stringify(hubs);
    if (told === this.#told) return [];
    this.#told = told;
    return [{ op: 'state', hubs }];
  }

  #samples(): LiveEvent[] {
    if (this.#item === null || this.#over) return [];
    const item = this.#item;
    const flight = this.#hubs.map((hub) => hub.find(item)).find(Boolean);
    if (!flight) {
      this.#over = true;
      return [{ op: 'gone', item }];
    }
    const { samples, last, complete } = flight.after(this.#last, MOST_SAMPLES);
    const first = this.#first;
    if (samples.length === 0 && !first) return [];
    this.#first = false;
    this.#last = last;
    return [{ op: 'samples', item, first, samples, complete, thinnedSeconds: flight.thinnedSeconds }];
  }
}
