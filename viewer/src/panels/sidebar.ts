import type { Catalogue, CatalogueGroup, CatalogueItem } from '../../../src/episode/catalogue.ts';
import { byId, clock, element } from './dom.ts';
import { icon } from './icons.ts';

const KINDS = { episode: 'episode', flight: 'flight', pair: 'before / after' } as const;

/** The list at the left, or behind a button where the window is narrow: runs with their episodes and flights, and files opened by hand. */
export class Sidebar {
  private readonly list = element('nav', { id: 'items' });
  private readonly file = element('input', { type: 'file', id: 'file', accept: '.mcap', multiple: '', hidden: '' });
  private readonly onPick: (item: CatalogueItem) => void;
  /** Titles of the groups that the user has closed. */
  private readonly closed = new Set<string>();

  constructor(onPick: (item: CatalogueItem) => void, onFiles: (files: File[]) => void) {
    this.onPick = onPick;
    const brand = element('div', { class: 'brand' }, logo(), element('b', {}, 'Windhover'));
    const open = element(
      'button',
      { id: 'open', type: 'button', title: 'Open an .mcap file (o)' },
      icon('open'),
      'Open file…',
    );
    open.addEventListener('click', () => this.file.click());
    this.file.addEventListener('change', () => {
      onFiles([...(this.file.files ?? [])]);
      this.file.value = '';
    });
    const show = element('button', { id: 'list', type: 'button', title: 'Runs and flights' }, icon('menu'));
    show.setAttribute('aria-label', 'Runs and flights');
    show.addEventListener('click', () => byId('app').classList.toggle('listing'));
    byId('transport').prepend(show);
    byId('sidebar').append(brand, this.list, element('div', { class: 'foot' }, open, this.file));
  }

  openDialog(): void {
    this.file.click();
  }

  /** Shows the list after something was picked. */
  show(catalogue: Catalogue, selected: string | null): void {
    this.refresh(catalogue, selected);
    byId('app').classList.remove('listing');
    this.list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  /** Shows the list as it is now, under the user's hands. */
  refresh(catalogue: Catalogue, selected: string | null): void {
    const groups = catalogue.groups.filter(({ items, curve, detail }) => items.length > 0 || curve || detail);
    this.list.replaceChildren(...groups.map((group) => this.group(group, selected)));
    if (groups.length === 0) this.list.append(element('p', { class: 'hint' }, 'No run or flight was given.'));
  }

  /** Brings what is said below an item's name up to date. */
  setFacts(item: CatalogueItem): void {
    const line = this.list.querySelector(`button[data-item="${CSS.escape(item.id)}"] small`);
    if (line) line.textContent = factsOf(item);
  }

  private group({ title, detail, items }: CatalogueGroup, selected: string | null): HTMLElement {
    const summary = element('summary', {}, element('span', {}, title), element('small', {}, detail ?? ''));
    const details = element('details', {}, summary, ...items.map((item) => this.item(item, item.id === selected)));
    details.open = !this.closed.has(title);
    details.addEventListener('toggle', () => (details.open ? this.closed.delete(title) : this.closed.add(title)));
    return details;
  }

  private item(item: CatalogueItem, current: boolean): HTMLElement {
    const { id, title, kind, recordings, live } = item;
    const badges = recordings.flatMap(({ outcome, role }) =>
      outcome
        ? [
            element(
              'span',
              { class: `badge ${outcome}`, title: `${role === 'solo' ? '' : `${role}: `}${outcome}` },
              outcome,
            ),
          ]
        : [],
    );
    if (live === 'live') badges.push(element('span', { class: 'badge live' }, 'live'));
    if (live === 'lost')
      badges.push(element('span', { class: 'badge timeout', title: 'the hub went away' }, 'cut off'));
    const name = element('span', { class: 'name' }, title);
    const button = element(
      'button',
      { class: `item ${kind}`, type: 'button', 'data-item': id, title },
      element('span', { class: 'lines' }, name, element('small', {}, factsOf(item))),
      element('span', { class: 'badges' }, ...badges),
    );
    button.setAttribute('aria-current', String(current));
    button.addEventListener('click', () => this.onPick(item));
    return button;
  }
}

function factsOf({ kind, durationSeconds }: CatalogueItem): string {
  return [KINDS[kind], durationSeconds === undefined ? '' : clock(durationSeconds)].filter(Boolean).join(' · ');
}

function logo(): SVGSVGElement {
  const svg = icon('play');
  svg.setAttribute('viewBox', '0 0 32 32');
  svg
    .querySelector('path')
    ?.setAttribute('d', 'M3 9c6 0 10 2 13 7 3-5 7-7 13-7-3 2-5 5-7 8-2 2-4 3-6 9-2-6-4-7-6-9-2-3-4-6-7-8z');
  svg.classList.add('logo');
  return svg;
}
