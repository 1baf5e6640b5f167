import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveViewer, type ViewerServer } from '../../src/cli/watch-server.ts';
import type { Flight, Series } from '../../src/episode/flight.ts';
import { countSamples } from '../../src/episode/samples.ts';
import { streamFlights } from '../../src/telemetry/client/publisher.ts';
import { TelemetryHub } from '../../src/telemetry/hub/index.ts';
import { LiveHub } from '../../src/telemetry/live/index.ts';
import { readFlight } from '../../src/telemetry/logs/index.ts';
import { launch } from '../browser.ts';
import { flightsFolder, near } from '../given.ts';
import { endFrame, eventually, RawClient } from '../telemetry/hub/given-hub.ts';
import { givenFlight, series, times } from '../telemetry/pipeline/given-events.ts';
import { ViewerPage } from './page.ts';
import { PixelReader } from './pixels.ts';

const test = suite('live flights in a browser');

let browser: Browser;
let pixels: PixelReader;

test.before(async () => {
  browser = await launch();
  pixels = await PixelReader.in(browser);
});
test.after(() => browser?.close());

interface Given {
  viewer: ViewerPage;
  hub: TelemetryHub;
  server: ViewerServer;
}

/** Runs `use` with a hub, a server that follows it and a page of that server; the page must not complain. */
async function withLive(use: (given: Given) => Promise<void>): Promise<void> {
  const hub = await TelemetryHub.start({ port: 0 });
  const live = new LiveHub({ url: hub.url });
  const items = { catalogue: { groups: [] }, data: new Map(), warnings: [] };
  const server = await serveViewer({ port: 0, items, live: [live] });
  await eventually(() => hub.counts.subscribers === 1, 'subscriber');
  const viewer = await ViewerPage.open(browser, server.url, { width: 740, height: 420 });
  try {
    await use({ viewer, hub, server });
    assert.equal(viewer.complaints, []);
  } finally {
    await viewer.page.close();
    live.close();
    await server.close();
    await hub.close();
  }
}

type Place = [number, number, number];

/** A vehicle that sends what the test says, when it says so: 50 rows a second, the goal at the origin. */
class Vehicle {
  private readonly client: RawClient;
  private readonly id: string;
  private seq = 0;
  private row = 0;

  private constructor(client: RawClient, id: string) {
    this.client = client;
    this.id = id;
  }

  static async begin(hub: TelemetryHub, name: string): Promise<Vehicle> {
    const client = await RawClient.join(hub.url, 'publisher');
    client.send({ op: 'begin', flight: name, name, vehicle: 'crazyflie', topics: ['pose', 'setpoint'] });
    return new Vehicle(client, name);
  }

  /** Everything up to `seconds`, standing at a place. */
  flyTo(seconds: number, place: Place): void {
    const messages = [];
    for (; this.row <= 50 * seconds; this.row++) {
      const t = this.row / 50;
      messages.push({ topic: 'pose', t, values: [...place, 0, 0, 0, 1] }, { topic: 'setpoint', t, values: [0, 0, 0] });
    }
    this.client.send({ op: 'data', flight: this.id, seq: this.seq, messages });
    this.seq += messages.length;
  }

  /** Loses so many messages on the way. */
  lose(count: number): void {
    this.seq += count;
  }

  end(): void {
    this.client.send(endFrame(this.id, this.seq));
    this.client.socket.close();
  }
}

const badge = (viewer: ViewerPage) => viewer.field('live');

test('shows the vehicle where it is, and stays at the end until one looks back', () =>
  withLive(async ({ viewer, hub }) => {
    const { page } = viewer;
    assert.match(await page.locator('#empty').innerText(), /Waiting for a flight/);
    const vehicle = await Vehicle.begin(hub, 'mine');
    vehicle.flyTo(1, [0, 0, 1]);
    await viewer.until('time', '1.0000');
    assert.equal([await badge(viewer), await viewer.data('live')], ['LIVE', 'following']);
    assert.is(await viewer.field('title'), 'mine');
    for (const option of ['Shadows', 'Body axes', 'Trail']) await viewer.option(option, false);

    const place: Place = [1, 2, 1];
    vehicle.flyTo(2, place);
    await viewer.until('time', '2.0000');
    near(Number(await viewer.data('error')), Math.hypot(...place), 1e-6, 'error');
    const { count, middle } = await viewer.vehiclePixels(pixels);
    const [x, y] = await viewer.project(place);
    assert.ok(count > 60, `the vehicle is drawn with ${count} pixels`);
    near(middle[0], x, 6, 'pixels to the right');
    near(middle[1], y, 6, 'pixels down');

    await viewer.seek(0.5);
    assert.is(await viewer.data('live'), 'behind');
    near(Number(await viewer.data('error')), 1, 1e-6, 'error where it was');
    vehicle.flyTo(3.5, place);
    await page.locator('.clocks', { hasText: '−3.0 s' }).waitFor();
    assert.is(Number(await viewer.data('time')), 0.5, 'the cursor stays');
    await page.locator('#live').click();
    await viewer.until('time', '3.5000');
    await page.keyboard.press(' ');
    assert.equal([await viewer.data('live'), await viewer.data('playing')], ['behind', 'false']);
    await page.keyboard.press('v');
    assert.is(await viewer.data('live'), 'following');
  }));

test('tells gaps, and an ended flight can be played again from the start', () =>
  withLive(async ({ viewer, hub }) => {
    const { page } = viewer;
    const vehicle = await Vehicle.begin(hub, 'mine');
    vehicle.flyTo(1, [0, 0, 1]);
    vehicle.lose(7);
    vehicle.flyTo(2, [0, 0, 2]);
    await page.locator('#status', { hasText: '7 missing' }).waitFor();
    vehicle.end();
    await page.locator('#status', { hasText: 'ENDED' }).waitFor();
    await viewer.until('live', '');
    assert.is(await viewer.data('time'), '2.0000');
    assert.not(await page.locator('#live').isVisible(), 'nothing is live any more');
    await page.keyboard.press(' ');
    await page.waitForFunction(() => Number(document.getElementById('app')?.dataset.time) < 1.5);
    assert.is(await viewer.data('playing'), 'true');
    await page.reload();
    await viewer.settled();
    assert.is(await viewer.data('item'), 'mine', 'it is kept for whoever comes later');
    await viewer.seek(0.5);
    near(Number(await viewer.data('error')), 1, 1e-6, 'error at 0.5 s');
  }));

test('whoever followed a flight to its end is taken along to the next, whoever looks elsewhere is not', () =>
  withLive(async ({ viewer, hub }) => {
    const { page } = viewer;
    const [first, beside] = [await Vehicle.begin(hub, 'first'), await Vehicle.begin(hub, 'beside')];
    for (const vehicle of [first, beside]) vehicle.flyTo(1, [0, 0, 1]);
    await page.locator('.item', { hasText: 'beside' }).waitFor();
    assert.is(await page.locator('.item .badge.live').count(), 2, 'both are listed');
    await page.locator('.item', { hasText: 'first' }).click();
    await viewer.until('item', 'first');
    first.end();
    await viewer.until('live', '');
    const next = await Vehicle.begin(hub, 'next');
    next.flyTo(1, [0, 0, 1]);
    await viewer.until('item', 'next');
    await viewer.until('live', 'following');

    await viewer.seek(0.5);
    next.end();
    await viewer.until('live', '');
    (await Vehicle.begin(hub, 'last')).flyTo(1, [0, 0, 1]);
    await page.locator('.item', { hasText: 'last' }).waitFor();
    assert.is(await viewer.data('item'), 'next');
    await page.keyboard.press('v');
    await viewer.until('item', 'last');
  }));

test('says that the hub has gone, and goes on by itself when it is back', () =>
  withLive(async ({ viewer, hub }) => {
    const { page } = viewer;
    const vehicle = await Vehicle.begin(hub, 'mine');
    vehicle.flyTo(1, [0, 0, 1]);
    await viewer.until('time', '1.0000');
    await hub.close();
    await page.locator('#status', { hasText: 'No connection to ws:' }).waitFor();
    assert.is(await badge(viewer), 'CUT OFF');
    const again = await TelemetryHub.start({ port: Number(new URL(hub.url).port) });
    await page.locator('#status [data-field=problem]').waitFor({ state: 'hidden' });
    (await Vehicle.begin(again, 'mine')).flyTo(2, [0, 0, 1]);
    await viewer.until('item', 'mine-2');
    await viewer.until('time', '2.0000');
    assert.is(await badge(viewer), 'LIVE');
    await again.close();
  }));

test('a page too busy to look holds up nobody, and has the whole flight afterwards', () =>
  withLive(async ({ viewer, hub }) => {
    const flight = givenFlight(
      {
        pose: series(
          times(3000, 0.01),
          Math.sin,
          Math.cos,
          () => 1,
          () => 0,
          () => 0,
          () => 0,
          () => 1,
        ),
        battery: series(times(3000, 0.01), () => 4),
      },
      { name: 'quick' },
    );
    let isBusy = true;
    const busy = viewer.page.evaluate(() => {
      for (const end = performance.now() + 1500; performance.now() < end; );
    });
    void busy.then(() => (isBusy = false));
    const { acknowledged } = await streamFlights([flight], { url: hub.url });
    assert.equal([acknowledged, isBusy], [countSamples(flight), true]);
    await busy;
    await viewer.page.locator('#status', { hasText: '6000 messages · no gaps' }).waitFor();
    await viewer.until('time', '29.9900');
    assert.equal([hub.counts.subscribers, hub.counts.droppedBy.slowSubscribers], [1, 0]);
  }));

test('on a phone nothing lies over anything else in the bar, at the end and behind it', () =>
  withLive(async ({ viewer, hub }) => {
    const { page } = viewer;
    await page.setViewportSize({ width: 390, height: 844 });
    const vehicle = await Vehicle.begin(hub, 'mine');
    vehicle.flyTo(65, [0, 0, 1]);
    await viewer.until('time', '65.0000');
    for (const t of [65, 10]) {
      await viewer.seek(t);
      const parts = ['#list', '#play', '.clocks', '.track', '#live', '#speed'].map((part) => page.locator(part));
      const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
      boxes.forEach((box, i) => {
        assert.ok(box && box.x >= (i > 0 ? right(boxes[i - 1]) : 0), `part ${i} at ${t} s`);
      });
      assert.ok(right(boxes[5]) <= 390 && (boxes[3]?.width ?? 0) >= 60);
    }
  }));

const right = (box: { x: number; width: number } | null) => (box ? box.x + box.width : Number.NaN);

test('shows a real flight as it is flown: its error at each moment is that of the log', async () => {
  const folder = flightsFolder();
  if (!folder) return console.log('skipped: no real flights (set WINDHOVER_FLIGHTS to their folder)');
  const flight = await readFlight(join(folder, 'nanobench', 'B3_figure8_medium_rep2.csv.gz'));
  await withLive(async ({ viewer, hub }) => {
    const stop = new AbortController();
    const streaming = streamFlights([flight], { url: hub.url, speed: 8, signal: stop.signal });
    const seen: number[] = [];
    for (const from of [4, 8, 12]) {
      await viewer.page.waitForFunction((t) => Number(document.getElementById('app')?.dataset.time) > t, from);
      const { time, error, live } = await viewer.page.evaluate(() => ({ ...document.getElementById('app')?.dataset }));
      assert.is(live, 'following');
      seen.push(Number(time));
      // The page may have a row's position and not its setpoint yet, which in a hundredth of a second moves a centimetre.
      near(Number(error), errorIn(flight, Number(time)), 0.02, `error at ${time} s`);
    }
    assert.ok(seen[2] < 40, 'it was seen in flight, not at its end');
    assert.match(await viewer.field('stream'), /messages\/s · played (7\.[6-9]|8\.[0-4])× · no gaps/);
    stop.abort();
    await streaming;
    await viewer.page.locator('#status', { hasText: 'CUT OFF' }).waitFor();
  });
});

/** Distance [m] from position to setpoint in the log's rows at `t`. */
function errorIn({ topics }: Flight, t: number): number {
  const at = ({ time, columns }: Series, axis: number) => columns[axis][time.findLastIndex((each) => each <= t + 1e-4)];
  const { pose, setpoint } = topics as Record<string, Series>;
  return Math.hypot(...[0, 1, 2].map((axis) => at(pose, axis) - at(setpoint, axis)));
}

test.run();
