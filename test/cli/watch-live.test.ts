import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LiveChannel } from '../../src/cli/watch-live.ts';
import { serveViewer } from '../../src/cli/watch-server.ts';
import type { LiveEvent } from '../../src/episode/live.ts';
import { countSamples, samplesInOrder } from '../../src/episode/samples.ts';
import { streamFlights } from '../../src/telemetry/client/publisher.ts';
import type { TelemetryHub } from '../../src/telemetry/hub/index.ts';
import { LiveFlight, LiveHub } from '../../src/telemetry/live/index.ts';
import { eventually, withHub } from '../telemetry/hub/given-hub.ts';
import { givenFlight, series, times } from '../telemetry/pipeline/given-events.ts';

const test = suite('watch live');

const none = { catalogue: { groups: [] }, data: new Map(), warnings: [] };
const token = 'a token that no page may see';

/** Two minutes of three topics: some 8 MB as server-sent events. */
const long = givenFlight(
  {
    pose: series(
      times(12_000, 0.01),
      Math.sin,
      Math.cos,
      Math.sin,
      () => 0,
      () => 0,
      Math.sin,
      Math.cos,
    ),
    velocity: series(times(12_000, 0.01), Math.sin, Math.cos, Math.cos),
    battery: series(times(12_000, 0.01), (t) => 4 - t / 1e3),
  },
  { name: 'long' },
);

/** Runs `use` with a hub, a server that follows it, and the address of its events. */
async function withPage(use: (hub: TelemetryHub, url: URL, live: LiveHub) => Promise<void>): Promise<void> {
  await withHub(
    async (hub) => {
      const live = new LiveHub({ url: hub.url, token });
      const server = await serveViewer({ port: 0, items: none, live: [live] });
      try {
        await eventually(() => hub.counts.subscribers === 1, 'subscriber');
        await use(hub, new URL(server.url), live);
      } finally {
        live.close();
        await server.close();
      }
    },
    { token, limits: { maxBufferedBytes: 64 * 1024, slowSeconds: 1 } },
  );
}

/** A browser that has asked for something and reads the answer when the test lets it. */
class SlowPage {
  text = '';
  readonly socket;

  constructor({ hostname, port }: URL, path: string) {
    this.socket = connect(Number(port), hostname);
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    this.socket.setEncoding('utf8').on('data', (text) => (this.text += text));
  }

  /** The events among chunk sizes and headers. */
  get events(): LiveEvent[] {
    const joined = this.text.replace(/\r\n[0-9a-f]+\r\n/g, '');
    return [...joined.matchAll(/^data: (.*)\n\n/gm)].map(([, json]) => JSON.parse(json));
  }
}

const isSamples = (event: LiveEvent) => event.op === 'samples';

test('a page that reads nothing holds up neither hub nor publisher, and finds everything later', () =>
  withPage(async (hub, url, live) => {
    const streaming = streamFlights([long], { url: hub.url, token, patienceSeconds: 5 });
    await eventually(() => live.find('long') !== undefined, 'the flight');
    const page = new SlowPage(url, '/api/live?item=long');
    page.socket.pause();
    const { acknowledged, lost } = await streaming;
    assert.equal([acknowledged, lost], [countSamples(long), null]);
    await eventually(() => live.find('long')?.state === 'ended', 'its end');
    const { subscribers, droppedBy } = hub.counts;
    assert.equal([subscribers, droppedBy.slowSubscribers], [1, 0], 'the hub has cut nobody off');

    page.socket.resume();
    const told = () => page.events.filter(isSamples).flatMap((event) => event.samples);
    await eventually(() => page.text.includes('"ended"') && told().length >= countSamples(long), 'the whole flight');
    assert.equal(told(), [...samplesInOrder(long)]);
    const [first, ...rest] = page.events.filter(isSamples).map((event) => event.first);
    assert.equal([first, rest.some(Boolean)], [true, false]);
    page.socket.destroy();
  }));

/** An answer that nobody reads: everything written waits. */
class StuckAnswer {
  readonly req = { method: 'GET' };
  writableLength = 0;
  close = () => {};
  writeHead(): void {}
  write(text: string): void {
    this.writableLength += text.length;
  }
  on(_event: 'close', close: () => void): void {
    this.close = close;
  }
}

test('what waits for a page that reads nothing is bounded', async () => {
  const flight = new LiveFlight('long', { op: 'begin', flight: '1', name: 'long', topics: [] });
  let seq = 0;
  for (const { topic, time, values } of samplesInOrder(long))
    flight.take({ op: 'sample', flight: '1', seq: seq++, topic, time, values, at: time });
  const answer = new StuckAnswer();
  const state = () => ({ url: 'ws://hub', connected: true, flights: [] });
  const hubs = [{ state, find: () => flight, revision: 0 }];
  new LiveChannel(hubs, 'long').serve(answer as unknown as ServerResponse, {});
  const first = answer.writableLength;
  assert.ok(first > 256 * 1024 && first < 1024 * 1024, `${first} bytes`);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.is(answer.writableLength, first, 'nothing more is told');
  answer.writableLength = 0;
  await eventually(() => answer.writableLength > 0, 'more, once it is read');
  answer.close();
});

test('no page hears the token', () =>
  withPage(async (hub, url) => {
    await streamFlights([givenFlight({ battery: series(times(20, 0.1), () => 4) })], { url: hub.url, token });
    const page = new SlowPage(url, '/api/live?item=flight');
    await eventually(() => page.events.some(isSamples), 'samples');
    page.socket.destroy();
    const items = await (await fetch(new URL('/api/items', url))).text();
    assert.equal(JSON.parse(items), { groups: [], live: true });
    assert.not.match(page.text + items, new RegExp(token));
  }));

test('a flight that is not there is said to be gone', () =>
  withPage(async (_hub, url) => {
    const page = new SlowPage(url, '/api/live?item=elsewhere');
    await eventually(() => page.events.length > 1, 'two events');
    assert.equal(page.events[0], { op: 'gone', item: 'elsewhere' });
    page.socket.destroy();
  }));

test.run();
