import type { Catalogue, CatalogueGroup, CatalogueItem } from '../../src/episode/catalogue.ts';
import { fetchCatalogue, fetchRecording } from './api.ts';
import type { LiveFlights } from './live/live-flights.ts';
import { type Recording, readRecordings } from './recording.ts';

/** An item with its recordings read: the ghost first where there is one. */
export interface OpenItem {
  item: CatalogueItem;
  group: CatalogueGroup;
  loaded: { recording: Recording; role: 'solo' | 'before' | 'after' }[];
}

/** What can be opened: what the server lists, and the files that the user opened by hand. */
export class Library {
  private served: Catalogue = { groups: [] };
  private readonly live: LiveFlights;
  private readonly local = new Map<string, Recording>();
  private readonly opened: CatalogueGroup = { title: 'Opened files', items: [] };

  constructor(live: LiveFlights) {
    this.live = live;
  }

  /** Asks the server what there is, and the hubs, where it follows any. */
  async refresh(): Promise<void> {
    this.served = await fetchCatalogue();
    if (this.served.live) await this.live.start();
  }

  get catalogue(): Catalogue {
    const opened = this.opened.items.length > 0 ? [this.opened] : [];
    return { groups: [...opened, ...this.live.groups, ...this.served.groups] };
  }

  get items(): CatalogueItem[] {
    return this.catalogue.groups.flatMap(({ items }) => items);
  }

  find(id: string | null): CatalogueItem | undefined {
    return this.items.find((item) => item.id === id);
  }

  /** Reads an item's recordings. Throws with a sentence for the page. */
  async open(item: CatalogueItem): Promise<OpenItem> {
    const group = this.catalogue.groups.find(({ items }) => items.some(({ id }) => id === item.id)) ?? this.opened;
    if (item.live) return { item, group, loaded: [{ role: 'solo', recording: await this.live.open(item.id) }] };
    this.live.leave();
    const loaded = await Promise.all(
      item.recordings.map(async ({ url, name, role, episode }) => ({
        role,
        recording: this.local.get(url) ?? (await fetchOne(url, name, episode ?? 0)),
      })),
    );
    return { item, group, loaded };
  }

  /** Adds a file's recordings to the list and gives the first of them. */
  addFile(name: string, bytes: Uint8Array): CatalogueItem {
    const items = readRecordings(bytes, name).map((recording, index, all): CatalogueItem => {
      const title = all.length > 1 ? `${name} #${index}` : name;
      const id = `file:${title}`;
      this.local.set(id, recording);
      const kind = recording.events.length > 0 ? 'episode' : 'flight';
      return {
        id,
        title,
        kind,
        recordings: [{ role: 'solo', name, url: id }],
        durationSeconds: recording.durationSeconds,
      };
    });
    const ids = new Set(items.map(({ id }) => id));
    this.opened.items = [...this.opened.items.filter(({ id }) => !ids.has(id)), ...items];
    return items[0];
  }
}

async function fetchOne(url: string, name: string, episode: number): Promise<Recording> {
  const recordings = readRecordings(await fetchRecording(url, name), name);
  return recordings[Math.min(episode, recordings.length - 1)];
}
