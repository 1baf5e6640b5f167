import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collectItems } from '../../src/cli/watch-items.ts';
import { serveViewer, type ViewerServer } from '../../src/cli/watch-server.ts';
import { launch } from '../browser.ts';
import { flightsFolder, near } from '../given.ts';
import { givenItems, ViewerPage, withCurve } from './page.ts';
import { PixelReader } from './pixels.ts';
import { givenForeignMcap, givenRecording } from './recordings.ts';

const test = suite('viewer in a browser');

/** A circle of 1 m around the goal, rising 0.1 m a second: the error is sqrt(1 + (0.1 t)²). */
const circle = await givenRecording({
  seconds: 4,
  position: (t) => [Math.cos(t), Math.sin(t), 1 + 0.1 * t],
  goal: [0, 0, 1],
  voltage: (t) => 4.1 - 0.05 * t,
});
/** Rests at three corners of a triangle, a second each. */
const corners: [number, number, number][] = [[0, 0, 1], [1, 0, 1], [0, 1, 1]]; // biome-ignore format: a table
const cornerAt = (t: number) => corners[Math.min(Math.floor(t), 2)];
const triangle = await givenRecording({ seconds: 3, position: cornerAt, goal: [0.4, 0.4, 1], obstacle: [1, 1, 0.25] });
const before = await givenRecording({
  seconds: 3,
  position: (t) => [1 - 0.1 * t, 0, 1],
  goal: [0, 0, 1],
  outcome: 'timeout',
});
const after = await givenRecording({
  seconds: 3,
  position: (t) => [1 - 0.1 * t, 1, 1],
  goal: [0, 0, 1],
  outcome: 'success',
});
/** Stands still before a pillar that the scene has from 1 s on, 1 m high on the ground. */
const pillar = await givenRecording({
  seconds: 2,
  position: () => [0, 0, 1],
  appearing: { time: 1, obstacles: [{ shape: 'cylinder', position_m: [1, 0.5, 0.5], radius_m: 0.2, height_m: 1 }] },
});
/** A long way, alone and past a pillar that is 0.4 m wide. */
const long = { seconds: 2, position: (t: number): [number, number, number] => [10 * t, 0, 1] };
const past = {
  time: 0,
  obstacles: [{ shape: 'cylinder', position_m: [9, 1, 1], radius_m: 0.2, height_m: 2 }],
} as const;
const alone = await givenRecording(long);
const slalom = await givenRecording({ ...long, appearing: { ...past, obstacles: [...past.obstacles] } });
/** No goal was logged, the vehicle is one that nobody knows, and the flight reaches 400 m. */
const goalless = await givenRecording({ seconds: 2, position: (t) => [400 * t, 0, 1], vehicle: 'Kestrel 9' });
const curve = { steps: [1000, 2000, 3000], successRate: [0, 0.5, 0.7], evaluation: [null, 0.4, 0.9] };

let browser: Browser;
let server: ViewerServer;
let pixels: PixelReader;

test.before(async () => {
  browser = await launch();
  pixels = await PixelReader.in(browser);
  server = await serveViewer({
    port: 0,
    items: withCurve(givenItems({ circle, triangle, pillar, alone, slalom, goalless, pair: [before, after] }), curve),
  });
});

test.after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens the page, hands it over, and demands afterwards that it never complained and asked nobody else. */
async function onPage(query: string, look: (viewer: ViewerPage) => Promise<void>): Promise<void> {
  const viewer = await ViewerPage.open(browser, `${server.url}${query}`);
  try {
    await look(viewer);
    assert.equal(viewer.complaints, []);
    for (const url of viewer.requests) assert.ok(url.startsWith(server.url), `the page asked for ${url}`);
  } finally {
    await viewer.page.close();
  }
}

const vehiclePixels = (viewer: ViewerPage, at?: readonly number[]) => viewer.vehiclePixels(pixels, at);

test('shows the position error at the time cursor', () =>
  onPage('?item=circle', async (viewer) => {
    for (const t of [0, 1.25, 2.5, 4]) {
      await viewer.seek(t);
      const expected = Math.sqrt(1 + (0.1 * t) ** 2);
      near(Number(await viewer.data('error')), expected, 1e-4, `error at ${t} s`);
      assert.is(await viewer.field('error'), `${expected.toFixed(3)} m`);
      assert.is(await viewer.field('voltage'), `${(4.1 - 0.05 * t).toFixed(2)} V`);
    }
    assert.is(await viewer.field('altitude'), '1.40 m');
    near(Number.parseFloat(await viewer.field('speed')), Math.hypot(1, 0.1), 0.006, 'speed on the circle');
  }));

test('draws the vehicle where a pinhole camera sees its position', () =>
  onPage('?item=triangle', async (viewer) => {
    for (const option of ['Shadows', 'Body axes']) await viewer.option(option, false);
    for (const [index, corner] of corners.entries()) {
      await viewer.seek(index + 0.5);
      const { count, middle } = await vehiclePixels(viewer);
      const [x, y] = await viewer.project(corner);
      assert.ok(count > 60, `corner ${index}: only ${count} pixels changed`);
      near(middle[0], x, 6, `corner ${index}, pixels to the right`);
      near(middle[1], y, 6, `corner ${index}, pixels down`);
    }
  }));

test('has east to the right and north up from above, at the same scale', () =>
  onPage('?item=triangle&camera=top', async (viewer) => {
    for (const option of ['Shadows', 'Body axes']) await viewer.option(option, false);
    const places: [number, number][] = [];
    for (const index of [0, 1, 2]) {
      await viewer.seek(index + 0.5);
      places.push((await vehiclePixels(viewer)).middle);
    }
    const [origin, east, north] = places;
    const metre = east[0] - origin[0];
    assert.ok(metre > 40, `one metre east is ${metre} pixels to the right`);
    near(east[1], origin[1], 3, 'east leaves the height');
    near(origin[1] - north[1], metre, 4, 'one metre north, upwards');
    near(north[0], origin[0], 3, 'north leaves the side');
  }));

test('draws the pillars of a scene upright, from foot to top', () =>
  onPage('?item=pillar', async (viewer) => {
    for (const option of ['Shadows', 'Body axes', 'Vehicle']) await viewer.option(option, false);
    await viewer.seek(0.5);
    const without = await viewer.picture();
    await viewer.seek(1.5);
    const drawn = await viewer.picture();
    for (const height of [0.1, 0.5, 0.9]) {
      const [x, y] = await viewer.project([1, 0.5, height]);
      const { count } = await pixels.difference(without, drawn, { x, y, half: 3 });
      assert.ok(count > 30, `${height} m up: ${count} of 49 pixels changed`);
    }
    const [x, y] = await viewer.project([1, 0.5, 1.3]);
    assert.is((await pixels.difference(without, drawn, { x, y, half: 3 })).count, 0, 'above it');
  }));

test('a small vehicle far away is drawn larger than life, but among obstacles not so that it seems to touch them', async () => {
  const timesItsSize = async (query: string) => {
    let text = '';
    await onPage(query, async ({ page }) => {
      text = await page.locator('#legend').innerText();
    });
    return Number(/drawn (\d+)× its size/.exec(text)?.[1]);
  };
  assert.ok((await timesItsSize('?item=alone')) > 12);
  const among = await timesItsSize('?item=slalom');
  // a Crazyflie reaches 0.07 m from its middle, propellers included: at most twice as wide as the pillar
  assert.ok(among > 1 && among * 0.07 <= 2 * 0.2, `${among}`);
});

test('a flight without a goal has no error and no scale of it, and its vehicle is seen from afar', () =>
  onPage('?item=goalless&t=1', async (viewer) => {
    assert.not.match(await viewer.page.locator('#status').innerText(), /error/);
    const legend = await viewer.page.locator('#legend').innerText();
    assert.not.match(legend, /error/);
    assert.match(legend, /grid 100 m, fine lines 20 m/);
    const { count } = await vehiclePixels(viewer);
    assert.ok(count > 60, `the vehicle is drawn with ${count} pixels`);
  }));

test('a screen with two dots a pixel has numbers at the axes as large as any other', async () => {
  const sizes = [];
  for (const deviceScaleFactor of [1, 2]) {
    const page = await browser.newPage({ viewport: { width: 900, height: 600 }, deviceScaleFactor });
    await page.addInitScript(() => {
      const draw = CanvasRenderingContext2D.prototype.fillText;
      const fonts = ((window as unknown as { fonts: string[] }).fonts = [] as string[]);
      CanvasRenderingContext2D.prototype.fillText = function (...text) {
        fonts.push(this.font);
        return draw.apply(this, text);
      };
    });
    const viewer = new ViewerPage(page);
    await viewer.goto(`${server.url}?item=circle`);
    const fonts = await page.evaluate(() => (window as unknown as { fonts: string[] }).fonts);
    sizes.push(Math.min(...fonts.map((font) => Number.parseFloat(font))) / deviceScaleFactor);
    await page.close();
  }
  assert.ok(sizes[0] >= 10, `${sizes[0]} px`);
  near(sizes[1], sizes[0], 0.5, 'text at the axes, in pixels of the page');
});

test('on a phone another flight can be picked, and nothing lies over anything else in the bar', async () => {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const viewer = new ViewerPage(page);
  await viewer.goto(`${server.url}?item=circle`);
  const box = async (part: string) => (await page.locator(part).boundingBox()) ?? { x: 0, width: 0 };
  const [clocks, track, speed] = [await box('.clocks > :last-child'), await box('.track'), await box('#speed')];
  assert.ok(clocks.x + clocks.width <= track.x, 'the time ends before its line begins');
  assert.ok(track.width > 60 && speed.x + speed.width <= 390);
  assert.not(await page.locator('#sidebar').isVisible());
  await page.locator('#list').click();
  await page.locator('[data-item=triangle]').click();
  await page.waitForSelector('#app[data-state=ready][data-item=triangle]');
  assert.not(await page.locator('#sidebar').isVisible());
  await page.close();
});

test('follows the vehicle, which then stays in the middle', () =>
  onPage('?item=triangle', async (viewer) => {
    await viewer.page.keyboard.press('f');
    assert.is(await viewer.data('camera'), 'follow');
    for (const option of ['Shadows', 'Body axes']) await viewer.option(option, false);
    const box = await viewer.page.locator('#world').boundingBox();
    for (const t of [0.5, 1.5]) {
      await viewer.seek(t);
      const { middle } = await vehiclePixels(viewer);
      near(middle[0], (box?.width ?? 0) / 2, 12, `side at ${t} s`);
      near(middle[1], (box?.height ?? 0) / 2, 12, `height at ${t} s`);
    }
  }));

test('draws the policy before fine-tuning as a ghost beside the solid one after it', () =>
  onPage('?item=pair', async (viewer) => {
    for (const option of ['Shadows', 'Body axes', 'Trail']) await viewer.option(option, false);
    await viewer.seek(1);
    const ghost = await vehiclePixels(viewer, [0.9, 0, 1]);
    const solid = await vehiclePixels(viewer, [0.9, 1, 1]);
    assert.ok(ghost.count > 40, `ghost: ${ghost.count} pixels`);
    assert.ok(solid.count > 40, `solid: ${solid.count} pixels`);
    assert.ok(ghost.colour[0] > ghost.colour[2] + 25, `the ghost is orange, got ${ghost.colour}`);
    assert.ok(solid.colour[2] > solid.colour[0], `the solid one is blue-grey, got ${solid.colour}`);
    near(Number.parseFloat(await viewer.field('error-before')), 0.9, 5e-4, 'error before');
    near(Number.parseFloat(await viewer.field('error')), Math.hypot(0.9, 1), 6e-4, 'error after');
    const legend = await viewer.page.locator('[data-plot=error] header').innerText();
    assert.match(legend, /before\s*0\.900/);
    assert.match(legend, /after\s*1\.345/);
    assert.match(await viewer.page.locator('[data-plot=motors] header').innerText(), /Motors\s*after/);
    assert.match(await viewer.page.locator('#legend').innerText(), /before fine-tuning\s+after fine-tuning/);
  }));

test('draws both error curves into the plot', () =>
  onPage('?item=pair', async (viewer) => {
    const found = await viewer.page.locator('[data-plot=error] canvas').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const context = (canvas as HTMLCanvasElement).getContext('2d') as CanvasRenderingContext2D;
      const { data } = context.getImageData(0, 0, width, height);
      const [orange, blue] = [
        [0xf4, 0xa2, 0x61],
        [0x4c, 0xc9, 0xf0],
      ].map(([r, g, b]) => {
        let count = 0;
        for (let at = 0; at < data.length; at += 4)
          if (Math.hypot(data[at] - r, data[at + 1] - g, data[at + 2] - b) < 30 && data[at + 3] > 150) count++;
        return count;
      });
      return { orange, blue, width };
    });
    assert.ok(found.orange > found.width / 3, `orange pixels: ${found.orange} of ${found.width} columns`);
    assert.ok(found.blue > found.width / 3, `blue pixels: ${found.blue} of ${found.width} columns`);
  }));

test('names the outcome once it has come', () =>
  onPage('?item=pair', async (viewer) => {
    const badge = viewer.page.locator('#status [data-field=event]');
    assert.not(await badge.isVisible());
    await viewer.page.keyboard.press('End');
    assert.is(await badge.innerText(), 'success');
  }));

test('plays to the end and stops there, or begins again', () =>
  onPage('?item=circle', async (viewer) => {
    const { page } = viewer;
    await page.locator('#speed').selectOption('2');
    await page.locator('#play').click();
    assert.is(await viewer.data('playing'), 'true');
    await page.waitForFunction(() => Number(document.getElementById('app')?.dataset.time) > 0.5);
    await page.keyboard.press(' ');
    const stopped = await viewer.data('time');
    assert.is(await viewer.data('playing'), 'false');
    await viewer.drawn();
    assert.is(await viewer.data('time'), stopped);
    await viewer.seek(3.9);
    await page.keyboard.press(' ');
    await page.waitForSelector('#app[data-playing=false]');
    assert.is(Number(await viewer.data('time')), 4);
    await page.keyboard.press('l');
    await page.keyboard.press(' ');
    await page.waitForFunction(() => Number(document.getElementById('app')?.dataset.time) > 3);
    await page.waitForFunction(() => Number(document.getElementById('app')?.dataset.time) < 3);
    assert.is(await viewer.data('playing'), 'true');
  }));

test('a click in a plot goes to that time, and the cursor lines of all plots stand there', () =>
  onPage('?item=circle', async (viewer) => {
    const over = viewer.page.locator('[data-plot=error] .u-over');
    const box = await over.boundingBox();
    assert.ok(box);
    await over.click({ position: { x: box.width * 0.75, y: box.height / 2 } });
    near(Number(await viewer.data('time')), 3, 0.05, 'three quarters of 4 s');
    for (const plot of ['error', 'altitude', 'speed']) {
      const line = await viewer.page.locator(`[data-plot=${plot}] .time-cursor`).boundingBox();
      near((line?.x ?? 0) + (line?.width ?? 0) / 2, box.x + box.width * 0.75, 1.5, `cursor of ${plot}`);
    }
    await viewer.page.keyboard.press('ArrowLeft');
    near(Number(await viewer.data('time')), 2.9, 0.05, 'an arrow steps a tenth of a second');
  }));

test('keeps the address in step, and opens what an address says', () =>
  onPage('?item=triangle&t=1.5&camera=top', async (viewer) => {
    assert.is(await viewer.data('item'), 'triangle');
    assert.is(Number(await viewer.data('time')), 1.5);
    assert.is(await viewer.data('camera'), 'top');
    await viewer.page.locator('[data-item=pair]').click();
    await viewer.page.waitForSelector('#app[data-state=ready][data-item=pair]');
    await viewer.seek(2);
    await viewer.page.waitForURL(/item=pair&t=2\.00&camera=top/);
  }));

test('shows the learning curve of the run', () =>
  onPage('', async (viewer) => {
    const plot = viewer.page.locator('[data-plot=learning]');
    assert.is(await plot.getAttribute('data-points'), '3');
    assert.match(await plot.innerText(), /while exploring\s+evaluated\s+best 90 %, 3 k steps/);
  }));

test('opens a file from the disk', () =>
  onPage('', async (viewer) => {
    const file = { name: 'mine.mcap', mimeType: 'application/octet-stream', buffer: Buffer.from(triangle) };
    await viewer.page.locator('#file').setInputFiles(file);
    await viewer.page.waitForSelector('#app[data-item="file:mine.mcap"]');
    assert.match(await viewer.page.locator('#items').innerText(), /Opened files\s+mine\.mcap/);
    near(Number(await viewer.data('error')), Math.hypot(0.4, 0.4), 1e-6, 'error at the first corner');
  }));

test('takes a file that is dropped onto the page', () =>
  onPage('', async (viewer) => {
    const transfer = await viewer.page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'dropped.mcap'));
      return data;
    }, Array.from(circle));
    await viewer.page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await viewer.page.waitForSelector('#app[data-item="file:dropped.mcap"]');
  }));

for (const [what, bytes, message] of [
  ['a text file', Buffer.from('time,x,y\n0,1,2\n'), /bad\.mcap: expected an MCAP recording, but the file begins with/],
  ['an empty file', Buffer.alloc(0), /bad\.mcap: the file is empty/],
  ['a file cut before any data', Buffer.from(circle.subarray(0, 60)), /bad\.mcap: the file ends before any data/],
  ['another program’s MCAP', Buffer.from(await givenForeignMcap()), /expected Windhover's topics.*found \/joy \(cdr\)/],
] as const)
  test(`says what is wrong with ${what} and stays with what was open`, () =>
    onPage('?item=circle&t=1', async (viewer) => {
      await viewer.page.locator('#file').setInputFiles({ name: 'bad.mcap', mimeType: '', buffer: bytes });
      await viewer.page.waitForSelector('#notice.error');
      assert.match(await viewer.page.locator('#notice').innerText(), message);
      const [notice, legend] = [
        await viewer.page.locator('#notice').boundingBox(),
        await viewer.page.locator('#legend').boundingBox(),
      ];
      assert.ok((notice?.y ?? 0) + (notice?.height ?? 0) <= (legend?.y ?? 0), 'the legend stays to be seen');
      assert.is(await viewer.data('item'), 'circle');
      assert.is(Number(await viewer.data('time')), 1);
    }));

test('shows a file cut in the middle as far as it goes, and says so', () =>
  onPage('', async (viewer) => {
    const buffer = Buffer.from(circle.subarray(0, circle.length * 0.75));
    await viewer.page.locator('#file').setInputFiles({ name: 'cut.mcap', mimeType: '', buffer });
    await viewer.page.waitForSelector('#notice.warning');
    assert.match(await viewer.page.locator('#notice').innerText(), /ends in the middle/);
    near(Number(await viewer.data('error')), 1, 1e-6, 'error at the start');
  }));

test('shows a real flight: error and battery as in its log', async () => {
  const folder = flightsFolder();
  if (!folder) return console.log('skipped: no real flights (set WINDHOVER_FLIGHTS to their folder)');
  const file = join(folder, 'nanobench', 'B3_figure8_medium_rep2.csv.gz');
  const [header, ...rows] = gunzipSync(await readFile(file))
    .toString()
    .trim()
    .split('\n');
  const value = (row: string, name: string) => Number(row.split(',')[header.split(',').indexOf(name)]);
  const real = await serveViewer({ port: 0, items: await collectItems([file]) });
  const viewer = await ViewerPage.open(browser, real.url);
  try {
    for (const row of [rows[1000], rows[2500]]) {
      // Unix seconds with six decimals: a microsecond more, and the row's own setpoint holds.
      const t = value(row, 't') - value(rows[0], 't') + 1e-6;
      await viewer.seek(t);
      const apart = ['x', 'y', 'z'].map((axis) => value(row, `p${axis}`) - value(row, `sp_ctrltarget_${axis}`));
      near(Number(await viewer.data('error')), Math.hypot(...apart), 1e-5, `error at ${t} s`);
      near(Number.parseFloat(await viewer.field('voltage')), value(row, 'pwr_pm_vbat'), 0.006, `battery at ${t} s`);
    }
    const { count } = await vehiclePixels(viewer);
    assert.ok(count > 60, `the vehicle is drawn with ${count} pixels`);
  } finally {
    await viewer.page.close();
    await real.close();
  }
});

test.run();
