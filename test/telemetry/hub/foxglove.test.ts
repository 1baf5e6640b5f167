import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { McapStreamReader } from '@mcap/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { countSamples, samplesInOrder } from '../../../src/episode/samples.ts';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { flightsFolder } from '../../given.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';
import { type FoxgloveMessage, FoxgloveViewer } from './given-foxglove.ts';
import { beginFrame, dataFrame, endFrame, eventually, RawClient, withHub } from './given-hub.ts';

const wave = (t: number) => Math.sin(3 * t) + t / 7;
const flightOf = (name: string, count = 50) =>
  givenFlight(
    { pose: series(times(count, 0.01), wave, wave, wave, wave, wave, wave, wave), battery: series([0, 0.2], () => 4) },
    { name, startUnixSeconds: 1_700_000_000.25 },
  );

const columnsOf = ({ body }: FoxgloveMessage) => {
  const { position: p, orientation: q } = body.pose as { position: Point; orientation: Point };
  return [p.x, p.y, p.z, q.x, q.y, q.z, q.w];
};
interface Point {
  x: number;
  y: number;
  z: number;
  w: number;
}

function samePoses(messages: FoxgloveMessage[], flight: Flight): void {
  const { time, columns } = flight.topics.pose!;
  assert.is(messages.length, time.length);
  const zero = flight.startUnixSeconds ?? 0;
  for (const [i, message] of messages.entries()) {
    assert.equal(
      columnsOf(message),
      columns.map((column) => column[i]),
    );
    // Half a microsecond: what a double of Unix time resolves.
    assert.ok(Math.abs(Number(message.stamp) / 1e9 - zero - time[i]) < 5e-7, `time ${i}`);
    const { sec, nsec } = message.body.timestamp;
    assert.is(BigInt(sec) * 1_000_000_000n + BigInt(nsec), message.stamp);
  }
}

/** Publishes a flight, its messages once the viewer has subscribed. */
async function publish(flight: Flight, url: string, viewer: FoxgloveViewer): Promise<void> {
  const publisher = await RawClient.join(url, 'publisher');
  const { name, startUnixSeconds } = flight;
  const topics = Object.keys(flight.topics);
  publisher.send({ op: 'begin', flight: 'a', name, startUnixSeconds, topics });
  await eventually(() => viewer.channels.size === topics.length, 'channels');
  await viewer.roundTrip();
  const messages = Array.from(samplesInOrder(flight), ({ topic, time: t, values }) => ({ topic, t, values }));
  publisher.send({ op: 'data', flight: 'a', seq: 0, messages });
  publisher.send(endFrame('a', messages.length));
  await publisher.until((frame) => frame.op === 'ack' && frame.final);
  await eventually(() => viewer.channels.size === 0, 'the end');
}

for (const subprotocol of ['foxglove.sdk.v1', 'foxglove.websocket.v1'])
  test(`${subprotocol}: a client sees a flight's channels, every message and the end`, async () => {
    await withHub(async (hub) => {
      const viewer = await FoxgloveViewer.open(hub.url, { subprotocol });
      assert.is(viewer.socket.protocol, subprotocol);
      assert.is(viewer.serverInfo?.name, 'windhover');
      const flight = flightOf('circle');
      await publish(flight, hub.url, viewer);
      assert.equal([...viewer.topics].sort(), ['/battery', '/pose']);
      samePoses(viewer.of('/pose'), flight);
      assert.is(viewer.of('/battery').length, 2);
      assert.equal(viewer.errors, []);
      const { relayed, dropped } = await hub.close();
      assert.equal([relayed, dropped], [countSamples(flight), 0]);
    });
  });

test('channels and messages are those of the recording', async () => {
  await withHub(async (hub) => {
    const viewer = await FoxgloveViewer.open(hub.url);
    const advertised = new Map<string, unknown>();
    viewer.client.on('advertise', (channels) => {
      for (const { topic, encoding, schemaName, schema } of channels)
        advertised.set(topic, [encoding, schemaName, JSON.parse(schema)]);
    });
    await publish(flightOf('circle'), hub.url, viewer);
    const { channels, messages } = recorded((await hub.close()).recordings[0]);
    channels.delete('/recording');
    assert.equal(new Map([...advertised].sort()), new Map([...channels].sort()));
    const plain = viewer.messages.map(({ topic, stamp, body }) => ({ topic, stamp, body }));
    assert.equal(
      messages.filter(({ topic }) => topic !== '/recording'),
      plain,
    );
  });
});

/** What a recording holds, read by the MCAP library. */
function recorded(path: string) {
  const reader = new McapStreamReader();
  reader.append(readFileSync(path));
  const schemas = new Map<number, [string, unknown]>();
  const topics = new Map<number, string>();
  const channels = new Map<string, unknown>();
  const messages: FoxgloveMessage[] = [];
  const text = (data: Uint8Array) => JSON.parse(new TextDecoder().decode(data));
  for (let record = reader.nextRecord(); record; record = reader.nextRecord()) {
    if (record.type === 'Schema') schemas.set(record.id, [record.name, text(record.data)]);
    else if (record.type === 'Channel') {
      topics.set(record.id, record.topic);
      channels.set(record.topic, [record.messageEncoding, ...schemas.get(record.schemaId)!]);
    } else if (record.type === 'Message')
      messages.push({ topic: topics.get(record.channelId)!, stamp: record.logTime, body: text(record.data) });
  }
  return { channels, messages };
}

test('a flight that does not say when it began is stamped from now on', async () => {
  await withHub(async (hub) => {
    const viewer = await FoxgloveViewer.open(hub.url);
    const before = Date.now();
    const flight = flightOf('now');
    await publish({ ...flight, startUnixSeconds: undefined }, hub.url, viewer);
    const first = Number(viewer.of('/pose')[0].stamp) / 1e6;
    assert.ok(first >= before - 1 && first <= Date.now(), `${first} lies between`);
  });
});

test('only what is subscribed to comes, and no more after unsubscribing', async () => {
  await withHub(async (hub) => {
    const viewer = await FoxgloveViewer.open(hub.url, { topics: [] });
    const publisher = await RawClient.join(hub.url, 'publisher');
    publisher.send({ ...beginFrame('a'), topics: ['battery', 'pose'] });
    await eventually(() => viewer.channels.size === 2, 'channels');
    const [battery] = [...viewer.channels.values()].filter(({ topic }) => topic === '/battery');
    publisher.send(dataFrame('a', 0, 3));
    await publisher.until((frame) => frame.op === 'ack');
    assert.is(hub.counts.relayed, 0);
    const subscription = viewer.subscribe(battery);
    await viewer.roundTrip();
    publisher.send(dataFrame('a', 3, 2));
    await eventually(() => hub.counts.relayed === 2, 'two messages');
    viewer.client.unsubscribe(subscription);
    await viewer.roundTrip();
    publisher.send(dataFrame('a', 5, 2));
    publisher.send(endFrame('a', 7));
    await publisher.until((frame) => frame.op === 'ack' && frame.final);
    assert.is(hub.counts.relayed, 2);
  });
});

test('two flights at once have topics of their own; those that follow have the plain ones', async () => {
  await withHub(async (hub) => {
    const viewer = await FoxgloveViewer.open(hub.url);
    const publisher = await RawClient.join(hub.url, 'publisher');
    publisher.send(beginFrame('a', 'one'));
    publisher.send(beginFrame('b', 'two'));
    await eventually(() => viewer.channels.size === 2, 'channels');
    publisher.send(dataFrame('a', 0, 3));
    publisher.send(dataFrame('b', 0, 4));
    await eventually(() => viewer.messages.length === 7, 'messages');
    assert.equal([viewer.of('/battery').length, viewer.of('/flight_2/battery').length], [3, 4]);
    assert.match(viewer.statuses[0].message, /flight_2.* is two/);
    const late = await FoxgloveViewer.open(hub.url);
    await eventually(() => late.channels.size === 2, 'channels of a client that comes later');
    assert.equal([...late.topics].sort(), [...viewer.topics].sort());
    const old = [...viewer.channels.keys()];
    publisher.send(endFrame('a', 3));
    publisher.send(endFrame('b', 4));
    await eventually(() => viewer.channels.size === 0, 'the ends');
    publisher.send(beginFrame('c', 'three'));
    await eventually(() => viewer.channels.size === 1, 'the next');
    const [next] = viewer.channels.values();
    assert.is(next.topic, '/battery');
    assert.not(old.includes(next.id), 'an id is not used again');
  });
});

test('a topic that the beginning did not name is shown when it comes', async () => {
  await withHub(async (hub) => {
    const viewer = await FoxgloveViewer.open(hub.url);
    const publisher = await RawClient.join(hub.url, 'publisher');
    publisher.send({ ...beginFrame('a'), topics: [] });
    publisher.send(dataFrame('a', 0, 1));
    await eventually(() => viewer.channels.size === 1, 'the channel');
    await viewer.roundTrip();
    publisher.send(dataFrame('a', 1, 2));
    await eventually(() => viewer.of('/battery').length === 2, 'messages');
  });
});

test('a client that goes and comes again sees the same server and what is under way', async () => {
  await withHub(async (hub) => {
    const publisher = await RawClient.join(hub.url, 'publisher');
    publisher.send(beginFrame('a'));
    const first = await FoxgloveViewer.open(hub.url);
    await eventually(() => first.channels.size === 1, 'channels');
    first.client.close();
    await eventually(() => hub.counts.subscribers === 0, 'it is gone');
    publisher.send(dataFrame('a', 0, 5));
    await publisher.until((frame) => frame.op === 'ack');
    const again = await FoxgloveViewer.open(hub.url);
    await eventually(() => again.channels.size === 1, 'channels again');
    assert.is(again.serverInfo?.sessionId, first.serverInfo?.sessionId);
    await again.roundTrip();
    publisher.send(dataFrame('a', 5, 5));
    await eventually(() => again.messages.length === 5, 'the rest');
  });
});

// About 20 MB of bodies: more than the system's own buffers take.
const long = givenFlight({ pose: series(times(60_000, 0.001), ...Array(7).fill(wave)) }, { name: 'long' });

test('a client that takes nothing holds nobody back: messages are left out for it, counted and told', async () => {
  await withHub(
    async (hub) => {
      const slow = await FoxgloveViewer.open(hub.url);
      const quick = await RawClient.join(hub.url, 'subscriber');
      const publisher = await RawClient.join(hub.url, 'publisher');
      publisher.send({ ...beginFrame('a'), topics: ['battery'] });
      await eventually(() => slow.channels.size === 1, 'channels');
      await slow.roundTrip();
      slow.socket.pause();
      const report = await streamFlights([long], { url: hub.url });
      assert.is(report.acknowledged, 60_000);
      assert.is(hub.counts.dropped, 0, 'it subscribes to another flight, and this one is not sent to it');
      for (let seq = 0; seq < 200_000; seq += 2000) {
        publisher.send(dataFrame('a', seq, 2000));
        await publisher.until((frame) => frame.op === 'ack' && frame.seq === seq + 1999);
      }
      const { dropped, droppedBy } = hub.counts;
      assert.ok(droppedBy.slowSubscribers > 0);
      assert.is(dropped, droppedBy.slowSubscribers);
      slow.socket.resume();
      await eventually(() => slow.messages.length + dropped >= 200_000, 'what waited');
      publisher.send(dataFrame('a', 200_000, 1));
      await eventually(() => slow.statuses.some(({ message }) => message.startsWith(`${dropped} messages`)), 'a word');
      await eventually(() => slow.messages.length + dropped === 200_001, 'the last');
      await quick.until((frame) => frame.op === 'data' && frame.seq === 200_000);
    },
    { recordFolder: undefined, limits: { maxBufferedBytes: 100_000, slowSeconds: 20 } },
  );
});

test('wrong, missing and right tokens, in the address', async () => {
  await withHub(
    async (hub) => {
      for (const query of ['', '/?token=', '/?token=guess', '/?token=secretx', '/secret'])
        await FoxgloveViewer.open(`${hub.url}${query}`).then(
          () => assert.unreachable(`${query} came in`),
          (error: Error) => assert.match(error.message, /401/),
        );
      const viewer = await FoxgloveViewer.open(`${hub.url}/?token=a%20secret`, { origin: 'https://app.foxglove.dev' });
      assert.is(viewer.serverInfo?.name, 'windhover');
    },
    { token: 'a secret' },
  );
});

test('pages of the web get no channels without a token, those of this machine and its disk do', async () => {
  await withHub(async (hub) => {
    for (const origin of ['https://example.org', 'null', 'http://127.0.0.1.example.org', 'file://example.org'])
      await FoxgloveViewer.open(hub.url, { origin }).then(
        () => assert.unreachable(`${origin} came in`),
        (error: Error) => assert.match(error.message, /403/),
      );
    for (const origin of ['http://localhost:8080', 'file://']) await FoxgloveViewer.open(hub.url, { origin });
    await RawClient.open(hub.url, { origin: 'file://' }).then(
      () => assert.unreachable('a page of the disk may publish'),
      (error: Error) => assert.match(error.message, /403/),
    );
  });
});

test('malformed frames are answered by the field and change nothing', async () => {
  await withHub(async (hub) => {
    const viewer = await FoxgloveViewer.open(hub.url);
    const publisher = await RawClient.join(hub.url, 'publisher');
    publisher.send(beginFrame('a'));
    await eventually(() => viewer.channels.size === 1, 'channels');
    const wrong: [string | Buffer, RegExp][] = [
      ['{', /JSON/],
      ['[]', /frame/],
      ['{"op":"advertise","channels":[]}', /op/],
      ['{"op":"subscribe"}', /subscriptions/],
      ['{"op":"subscribe","subscriptions":[{"id":-1,"channelId":1}]}', /subscriptions\.0\.id/],
      ['{"op":"subscribe","subscriptions":[{"id":7,"channelId":99}]}', /advertised, got 99/],
      ['{"op":"subscribe","subscriptions":[{"id":7,"channelId":1}]}', /one subscription a channel/],
      [Buffer.of(1, 0, 0, 0, 0, 255), /expected text/],
    ];
    for (const [i, [frame, answer]] of wrong.entries()) {
      viewer.socket.send(frame);
      await eventually(() => viewer.statuses.length === i + 1, `an answer to ${frame}`);
      assert.match(viewer.statuses[i].message, answer);
      assert.is(viewer.statuses[i].level, 1);
    }
    publisher.send(dataFrame('a', 0, 2));
    await eventually(() => viewer.messages.length === 2, 'messages all the same');
    const { received, recorded, dropped } = await hub.close();
    assert.equal({ received, recorded, dropped }, { received: 2, recorded: 2, dropped: 0 });
    assert.is(viewer.socket.readyState === WebSocket.OPEN, false, 'the hub says goodbye');
  });
});

const nanobench = flightsFolder();
const real = nanobench && join(nanobench, 'nanobench', 'B2_circle_fast_rep2.csv.gz');
if (!real) console.log('skipped: no folder of real flights, so none was shown');
else
  test("a real flight at ten times its speed: the client's poses are the log's", async () => {
    await withHub(async (hub) => {
      const flight = await readFlight(real);
      const viewer = await FoxgloveViewer.open(hub.url);
      await streamFlights([flight], { url: hub.url, speed: 10 });
      await eventually(() => viewer.channels.size === 0 && viewer.topics.size > 0, 'the end');
      const lost = countSamples(flight) - viewer.messages.length;
      assert.ok(lost < 300, `what came before it had subscribed is a moment's, not ${lost} messages`);
      const { time, columns } = flight.topics.pose!;
      const poses = viewer.of('/pose');
      const from = time.length - poses.length;
      const tail = { time: time.slice(from), columns: columns.map((column) => column.slice(from)) };
      // The log does not say when it began.
      const startUnixSeconds = Number(poses[0].stamp) / 1e9 - tail.time[0];
      samePoses(poses, { ...flight, startUnixSeconds, topics: { pose: tail } });
      assert.is((await hub.close()).dropped, 0);
    });
  });

test.run();
