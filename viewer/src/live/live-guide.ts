import type { Playback } from '../playback.ts';
import type { LiveFlights } from './live-flights.ts';
import type { LiveRecording } from './live-recording.ts';

/** What the guide needs of the page. */
export interface GuidedPage {
  /** The id of the open item, null where there is none. */
  openId(): string | null;
  /** Opens a flight at its end. */
  open(id: string): void;
}

/** Decides which flight under way is shown: whoever looks at the end of one is taken along to the next, nobody else. */
export class LiveGuide {
  private readonly live: LiveFlights;
  private readonly playback: Playback;
  private readonly page: GuidedPage;
  private readonly known = new Set<string>();
  /** The flight that had been followed to its end, or was opened there since it had come and gone meanwhile. */
  private followed: string | null = null;

  constructor(live: LiveFlights, playback: Playback, page: GuidedPage) {
    this.live = live;
    this.playback = playback;
    this.page = page;
  }

  /** Something has changed among the flights. */
  update(): void {
    const next = this.live.flights.findLast(({ id }) => !this.known.has(id));
    for (const { id } of this.live.flights) this.known.add(id);
    if (!next || !this.isWaiting) return;
    this.page.open(next.id);
    this.followed = next.id;
  }

  /** The open flight has ended and is here as far as it goes: from now on it is a recording like any other. */
  settle(recording: LiveRecording | null): void {
    if (!recording?.complete || !this.playback.growing) return;
    const id = this.page.openId();
    const flight = this.live.find(id ?? undefined);
    if (flight?.state === 'live') return;
    this.followed = this.playback.following ? id : null;
    this.playback.settle();
  }

  /** To the end of the open flight, where that is under way, else to the one that began last. */
  goLive(): void {
    const { newest } = this.live;
    if (this.playback.growing) this.playback.seek(this.playback.duration);
    else if (newest) this.page.open(newest.id);
  }

  private get isWaiting(): boolean {
    const openId = this.page.openId();
    return openId === null || (openId === this.followed && this.playback.time >= this.playback.duration);
  }
}
