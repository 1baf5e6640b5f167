import type { Browser, Page } from 'playwright-core';

/** What differs between two pictures of the same size, in pixels of the picture. */
export interface Difference {
  count: number;
  /** Middle of the box around all that differs. */
  middle: [number, number];
  /** Mean colour of the second picture where it differs, [r, g, b] of 255. */
  colour: [number, number, number];
}

export interface Area {
  x: number;
  y: number;
  /** Half the side of the square looked at. */
  half: number;
}

/** Compares screenshots in a page of its own, since the browser is the one that reads PNG. */
export class PixelReader {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async in(browser: Browser): Promise<PixelReader> {
    return new PixelReader(await browser.newPage());
  }

  /** Pixels of `after` that differ from `before` by more than 24 of 255 in a colour, within `area` if given. */
  difference(before: Buffer, after: Buffer, area?: Area): Promise<Difference> {
    const pictures = [before, after].map((png) => png.toString('base64'));
    return this.page.evaluate(compare, { pictures, area: area ?? null });
  }
}

/** Runs in the browser. */
async function compare({ pictures, area }: { pictures: string[]; area: Area | null }): Promise<Difference> {
  const [one, two] = await Promise.all(
    pictures.map(async (png) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, image.width, image.height);
    }),
  );
  const box = { left: 1e9, right: -1, top: 1e9, bottom: -1 };
  const sum = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < two.height; y++) {
    for (let x = 0; x < two.width; x++) {
      if (area && Math.max(Math.abs(x - area.x), Math.abs(y - area.y)) > area.half) continue;
      const at = 4 * (y * two.width + x);
      const apart = [0, 1, 2].some((channel) => Math.abs(one.data[at + channel] - two.data[at + channel]) > 24);
      if (!apart) continue;
      count++;
      for (const channel of [0, 1, 2]) sum[channel] += two.data[at + channel];
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  const [r, g, b] = sum.map((total) => total / Math.max(count, 1));
  return { count, middle: [(box.left + box.right) / 2, (box.top + box.bottom) / 2], colour: [r, g, b] };
}
