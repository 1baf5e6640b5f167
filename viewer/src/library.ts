import type { Catalogue, CatalogueGroup, CatalogueItem } from '../../src/episode/catalogue.ts';
import { fetchCatalogue, fetchRecording } from './api.ts';
import { type Recording, readRecordings } from './recording.ts';

/** An item with its recordings read: the ghost first where there is one. */
export interface OpenItem {
  item: CatalogueItem;
  group: CatalogueGroup;
  loaded: { recording: Recording; role: 'solo' | 'before' | 'after' }[];
}

/** What can be opened: what the server lists, and the files that the user opened by hand. */
export class Library {
  catalogue: Catalogue = { groups: [] };
  private readonly local = new Map<string, Recording>();
  private readonly opened: CatalogueGroup = { title: 'Opened files', items: [] };

  async refresh(): Promise<void> {
    const served = await fetchCatalogue();
    this.catalogue = { groups: this.opened.items.length > 0 ? [this.opened, ...served.groups] : served.groups };
  }

  get items(): CatalogueItem[] {
    return this.catalogue.groups.flatMap(({ items }) => items);
  }

  find(id: string | null): CatalogueItem | undefined {
    return this.items.find((item) => item.id === id);
  }

  /** Reads an item's recordings. Throws with a sentence for the page. */
  async open(item: CatalogueItem): Promise<OpenItem> {
    const group = this.catalogue.groups.find(({ items }) => items.includes(item)) ?? this.opened;
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
    if (!this.catalogue.groups.includes(this.opened)) this.catalogue.groups.unshift(this.opened);
    return items[0];
  }
}

async function fetchOne(url: string, name: string, episode: number): Promise<Recording> {
  const recordings = readRecordings(await fetchRecording(url, name), name);
  return recordings[Math.min(episode, recordings.length - 1)];
}
