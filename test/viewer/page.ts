import type { Browser, Page } from 'playwright-core';
import type { Catalogue, CatalogueItem } from '../../src/episode/catalogue.ts';
import type { WatchItems } from '../../src/cli/watch-items.ts';
import type { Difference, PixelReader } from './pixels.ts';

/** Items for a viewer's server, from MCAP bytes by item id; an array of two is a pair, before and after. */
export function givenItems(recordings: Record<string, Uint8Array | [Uint8Array, Uint8Array]>): WatchItems {
  const items: WatchItems = { catalogue: { groups: [{ title: 'made', items: [] }] }, data: new Map(), warnings: [] };
  for (const [id, bytes] of Object.entries(recordings)) {
    const parts = Array.isArray(bytes) ? bytes : [bytes];
    const roles = parts.length === 2 ? (['before', 'after'] as const) : (['solo'] as const);
    const kind: CatalogueItem['kind'] = parts.length === 2 ? 'pair' : 'flight';
    const files = roles.map((role) => ({ role, name: `${role}.mcap`, url: `data/${id}-${role}` }));
    roles.forEach((role, index) => items.data.set(`${id}-${role}`, async () => parts[index]));
    items.catalogue.groups[0].items.push({ id, title: id, kind, recordings: files });
  }
  return items;
}

export function withCurve(items: WatchItems, curve: Catalogue['groups'][0]['curve']): WatchItems {
  items.catalogue.groups[0].curve = curve;
  return items;
}

/** The viewer's page, driven as a user would drive it. */
export class ViewerPage {
  readonly page: Page;
  /** Everything the page asked for, and what it complained about. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, viewport = { width: 900, height: 600 }): Promise<ViewerPage> {
    const viewer = new ViewerPage(await browser.newPage({ viewport }));
    await viewer.goto(url);
    return viewer;
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url);
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.page.waitForSelector('#app:is([data-state=ready], [data-state=empty], [data-state=failed])');
    await this.drawn();
  }

  /** Waits until what was asked for is on the canvas: two frames after the last change. */
  async drawn(): Promise<void> {
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  async seek(t: number): Promise<void> {
    await this.page.locator('#scrub').fill(String(t));
    await this.drawn();
  }

  async data(name: string): Promise<string> {
    return (await this.page.locator('#app').getAttribute(`data-${name}`)) ?? '';
  }

  field(name: string): Promise<string> {
    return this.page.locator(`#status [data-field="${name}"]`).innerText();
  }

  /** Ticks or unticks one of the view's options. */
  async option(label: string, on: boolean): Promise<void> {
    const box = this.page.locator('#settings .lil-controller.lil-boolean', { hasText: new RegExp(`^${label}$`) });
    await box.locator('input').evaluate((input, wanted) => {
      if ((input as HTMLInputElement).checked !== wanted) (input as HTMLInputElement).click();
    }, on);
    await this.drawn();
  }

  /** A screenshot of the three-dimensional picture without what lies over it. */
  async picture(): Promise<Buffer> {
    await this.drawn();
    const style = '#status, #cameras, #settings, #legend, #notice { visibility: hidden !important }';
    return this.page.locator('#world').screenshot({ style });
  }

  /** What of the picture is vehicle: the difference that hiding it makes, near a point of the world if one is given. */
  async vehiclePixels(pixels: PixelReader, at?: readonly number[]): Promise<Difference> {
    const area = at ? await this.project(at).then(([x, y]) => ({ x, y, half: 60 })) : undefined;
    await this.option('Vehicle', false);
    const without = await this.picture();
    await this.option('Vehicle', true);
    return pixels.difference(without, await this.picture(), area);
  }

  /** Waits until the page's data attribute has a value. */
  async until(name: string, value: string): Promise<void> {
    await this.page.waitForSelector(`#app[data-${name}="${value}"]`, { timeout: 10_000 });
  }

  /** Where a point of the world must appear in the picture, by the camera's place and field of view alone. */
  async project([x, y, z]: readonly number[]): Promise<[number, number]> {
    const { eye, target, fov, width, height } = await this.page.locator('#world').evaluate((canvas) => {
      const { eye, target, fov } = (canvas as HTMLElement).dataset;
      return { eye, target, fov, width: canvas.clientWidth, height: canvas.clientHeight };
    });
    return pinhole([x, y, z], numbers(eye), numbers(target), Number(fov), width, height);
  }
}

function numbers(text: string | undefined): number[] {
  return (text ?? '').split(',').map(Number);
}

/** A pinhole camera at `eye` that looks at `target` with z up; `fov` [degrees] is vertical. */
function pinhole(
  point: number[],
  eye: number[],
  target: number[],
  fov: number,
  width: number,
  height: number,
): [number, number] {
  const forward = unit(minus(target, eye));
  const right = unit(cross(forward, [0, 0, 1]));
  const up = cross(right, forward);
  const ray = minus(point, eye);
  const focal = height / 2 / Math.tan((fov * Math.PI) / 360);
  const depth = dot(ray, forward);
  return [width / 2 + (focal * dot(ray, right)) / depth, height / 2 - (focal * dot(ray, up)) / depth];
}

const minus = (a: number[], b: number[]) => a.map((value, axis) => value - b[axis]);
const dot = (a: number[], b: number[]) => a.reduce((sum, value, axis) => sum + value * b[axis], 0);
const cross = (a: number[], b: number[]) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a: number[]) => a.map((value) => value / Math.hypot(...a));
