import type { CatalogueGroup, CatalogueItem } from '../../../src/episode/catalogue.ts';
import type { LiveEvent, LiveFlightState, LiveHubState } from '../../../src/episode/live.ts';
import { LiveRecording } from './live-recording.ts';

/** How long [ms] to wait for the server's first word. */
const PATIENCE_MS = 2000;

/** The flights of the hubs that the server follows, and the samples of the one that is open. */
export class LiveFlights {
  hubs: LiveHubState[] = [];
  /** Whether the server of the page answers; the browser tries again by itself. */
  served = true;
  /** Called whenever something other than samples has come. */
  onState: () => void = () => {};
  private source: EventSource | null = null;
  private item: string | null = null;
  private recording: LiveRecording | null = null;
  private onComplete: () => void = () => {};
  private onGone: (error: Error) => void = () => {};

  /** Begins to listen; resolves once it is known what there is. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, PATIENCE_MS);
      this.listen(null, resolve);
    });
  }

  get flights(): LiveFlightState[] {
    return this.hubs.flatMap(({ flights }) => flights);
  }

  find(id: string | undefined): LiveFlightState | undefined {
    return this.flights.find((flight) => flight.id === id);
  }

  /** The flight that began last of those under way. */
  get newest(): LiveFlightState | undefined {
    return this.flights.findLast(({ state }) => state === 'live');
  }

  /** Hubs with their flights, the newest first, for the list. */
  get groups(): CatalogueGroup[] {
    return this.hubs.map(({ url, connected, problem, flights }) => ({
      title: `Live from ${url.replace(/^wss?:\/\//, '')}`,
      detail: connected
        ? flights.length > 0
          ? ''
          : 'connected; no flight yet'
        : `not connected: ${problem ?? 'trying'}`,
      items: flights.map(toItem).reverse(),
    }));
  }

  /** A flight as far as it goes; it grows from then on. Throws with a sentence for the page. */
  async open(id: string): Promise<LiveRecording> {
    const flight = this.find(id);
    const recording = new LiveRecording(flight?.title ?? id, flight?.vehicle);
    this.recording = recording;
    const complete = new Promise<void>((resolve, reject) => {
      this.onComplete = resolve;
      this.onGone = reject;
    });
    this.listen(id);
    await complete;
    return recording;
  }

  /** Wants no samples any more. */
  leave(): void {
    if (this.item !== null) this.listen(null);
    this.recording = null;
  }

  private listen(item: string | null, onFirst: () => void = () => {}): void {
    this.source?.close();
    this.item = item;
    const source = new EventSource(item === null ? './api/live' : `./api/live?item=${encodeURIComponent(item)}`);
    this.source = source;
    source.onmessage = ({ data }) => {
      this.hear(JSON.parse(data));
      onFirst();
    };
    source.onerror = () => {
      this.served = false;
      this.onState();
    };
  }

  private hear(event: LiveEvent): void {
    if (event.op === 'state') {
      this.hubs = event.hubs;
      this.served = true;
      this.onState();
    } else if (event.op === 'gone')
      this.onGone(new Error('This flight is not kept any more; the hub has recorded it.'));
    else if (event.item === this.item) this.take(event);
  }

  private take({ first, samples, complete, thinnedSeconds }: Extract<LiveEvent, { op: 'samples' }>): void {
    const { recording } = this;
    if (!recording) return;
    if (first) recording.clear();
    recording.add(samples, thinnedSeconds);
    recording.complete = complete;
    if (complete) this.onComplete();
  }
}

function toItem({ id, title, state, durationSeconds }: LiveFlightState): CatalogueItem {
  const recordings = [{ role: 'solo' as const, name: title, url: id }];
  return { id, title, kind: 'flight', recordings, durationSeconds, live: state };
}
