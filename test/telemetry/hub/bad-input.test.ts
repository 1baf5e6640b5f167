import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countSamples } from '../../../src/episode/samples.ts';
import type { Frame } from '../../../src/telemetry/protocols/windhover.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import { beginFrame, dataFrame, endFrame, eventually, RawClient, withHub } from './given-hub.ts';

const isFinal = (frame: Frame) => frame.op === 'ack' && frame.final;
const isError = (field: string) => (frame: Frame) => frame.op === 'error' && frame.field === field;

test('a bad message is dropped and counted, the good ones around it are recorded', async () => {
  await withHub(async (hub) => {
    const listener = await RawClient.join(hub.url, 'subscriber');
    const client = await RawClient.join(hub.url, 'publisher');
    client.send(beginFrame('a'));
    const frame = dataFrame('a', 0, 5);
    (frame.messages[2] as { values: unknown }).values = ['high'];
    client.send(frame);
    client.send(endFrame('a', 5));
    const ack = await client.until(isFinal);
    assert.equal(ack, { op: 'ack', flight: 'a', seq: 4, received: 5, accepted: 4, dropped: 1, final: true });
    const error = await client.until((f) => f.op === 'error');
    assert.match((error as { message: string }).message, /^messages\[2\]\.values\[0\]: expected a number for voltage/);
    await listener.until((f) => f.op === 'end');
    const relayed = listener.frames.flatMap((f) => (f.op === 'data' ? f.messages.map((_, i) => f.seq + i) : []));
    assert.equal(relayed, [0, 1, 3, 4], 'the numbers keep the hole');
    const { received, recorded, dropped, recordings } = await hub.close();
    assert.equal([received, recorded, dropped], [5, 4, 1]);
    assert.is(countSamples(await readFlight(recordings[0])), 4);
  });
});

test('numbers left out are missing, numbers sent twice are dropped', async () => {
  await withHub(async (hub) => {
    const client = await RawClient.join(hub.url, 'publisher');
    client.send(beginFrame('a'));
    client.send(dataFrame('a', 0, 4));
    client.send(dataFrame('a', 2, 4));
    client.send(dataFrame('a', 10, 2));
    client.send(endFrame('a', 15));
    const ack = await client.until(isFinal);
    assert.equal(ack, { op: 'ack', flight: 'a', seq: 5, received: 10, accepted: 8, dropped: 2, final: true });
    const { received, recorded, dropped, missing } = await hub.close();
    assert.equal({ received, recorded, dropped, missing }, { received: 10, recorded: 8, dropped: 2, missing: 7 });
  });
});

test('frames in the wrong order are answered by the field and counted', async () => {
  await withHub(async (hub) => {
    const early = await RawClient.open(hub.url);
    early.send(beginFrame('a'));
    await early.until(isError('op'));
    const client = await RawClient.join(hub.url, 'publisher');
    client.send(dataFrame('ghost', 0, 7));
    await client.until(isError('flight'));
    client.send(endFrame('ghost', 0));
    client.send({ op: 'hello', version: 1, role: 'publisher' });
    client.send(beginFrame('a'));
    client.send(beginFrame('a'));
    client.send(endFrame('a', 0));
    await client.until(isFinal);
    const listener = await RawClient.join(hub.url, 'subscriber');
    listener.send(dataFrame('a', 0, 1));
    await listener.until(isError('op'));
    const { received, recorded, dropped } = await hub.close();
    assert.equal({ received, recorded, dropped }, { received: 12, recorded: 0, dropped: 12 });
  });
});

test('a publisher that vanishes leaves a readable recording, marked as truncated, and subscribers are told', async () => {
  await withHub(async (hub) => {
    const listener = await RawClient.join(hub.url, 'subscriber');
    const client = await RawClient.join(hub.url, 'publisher');
    client.send(beginFrame('a', 'gone'));
    client.send(dataFrame('a', 0, 100));
    await client.until((f) => f.op === 'ack');
    client.socket.terminate();
    const end = await listener.until((f) => f.op === 'end');
    assert.equal(end.op === 'end' && [end.sent, end.truncated], [100, true]);
    await listener.until(
      (f) => f.op === 'status' && f.publishers === 0 && f.flights === 0 && listener.frames.includes(end),
    );
    const { recordings, flightReports, recorded } = await hub.close();
    assert.is(flightReports[0].truncated, true);
    assert.is(recorded, 100);
    assert.is(countSamples(await readFlight(recordings[0])), 100);
  });
});

test('a flight without any message leaves no file', async () => {
  await withHub(async (hub, folder) => {
    const client = await RawClient.join(hub.url, 'publisher');
    client.send(beginFrame('a'));
    client.send(endFrame('a', 0));
    await client.until(isFinal);
    assert.equal((await hub.close()).recordings, []);
    assert.equal(readdirSync(folder), []);
  });
});

test('whoever joins in mid-flight learns of the flight and from which number on', async () => {
  await withHub(async (hub) => {
    const client = await RawClient.join(hub.url, 'publisher');
    client.send(beginFrame('a', 'late'));
    client.send(dataFrame('a', 0, 30));
    await client.until((f) => f.op === 'ack');
    const listener = await RawClient.join(hub.url, 'subscriber');
    const begin = await listener.until((f) => f.op === 'begin');
    assert.equal(begin.op === 'begin' && [begin.name, begin.fromSeq], ['late', 30]);
    client.send(dataFrame('a', 30, 5));
    const data = await listener.until((f) => f.op === 'data');
    assert.equal(data.op === 'data' && [data.seq, data.messages.length], [30, 5]);
  });
});

test('noise does not bring the hub down: bytes, half frames, odd JSON, a frame too large', async () => {
  await withHub(async (hub) => {
    const noise = [
      '',
      '{',
      'null',
      '[]',
      '{"op":"data"}',
      '{"op":"__proto__"}',
      '{"op":"data","flight":"a","seq":1e99,"messages":[]}',
    ];
    const whole = JSON.stringify(dataFrame('a', 0, 3));
    for (let i = 0; i < 60; i++) noise.push(whole.slice(0, (i * 7) % whole.length));
    const client = await RawClient.join(hub.url, 'publisher');
    client.send(beginFrame('a'));
    for (const text of noise) client.socket.send(text);
    for (let i = 0; i < 60; i++) {
      const bytes = randomBytes(1 + ((i * 37) % 300));
      client.socket.send(i % 2 === 0 ? bytes : bytes.toString('latin1'));
    }
    client.send(dataFrame('a', 0, 3));
    await client.until((f) => f.op === 'ack');
    client.socket.send('x'.repeat(2 * 1024 * 1024));
    await client.closed();
    const garbled = await RawClient.join(hub.url, 'publisher');
    garbled.socket.send(Buffer.of(0xff, 0xfe, 0xc0), { binary: false }); // a text frame must be UTF-8
    await garbled.closed();
    await eventually(() => hub.counts.publishers === 0, 'the clients are forgotten');
    const next = await RawClient.join(hub.url, 'publisher');
    next.send(beginFrame('b'));
    next.send(dataFrame('b', 0, 3));
    next.send(endFrame('b', 3));
    await next.until(isFinal);
    const { received, recorded, dropped } = await hub.close();
    assert.is(recorded, 6);
    assert.is(received, recorded + dropped);
    assert.ok(dropped >= noise.length);
  });
});

test('a client that never says hello is sent away, one that says it wrongly is told why', async () => {
  await withHub(
    async (hub) => {
      const silent = await RawClient.open(hub.url);
      const wrong = await RawClient.open(hub.url);
      wrong.send({ op: 'hello', version: 99, role: 'publisher' });
      await wrong.until(isError('version'));
      await silent.closed();
      await wrong.closed();
    },
    { helloSeconds: 0.1 },
  );
});

test('a client whose network died without a word is found out by the heartbeat', async () => {
  await withHub(
    async (hub) => {
      const client = await RawClient.join(hub.url, 'publisher');
      client.send(beginFrame('a', 'unplugged'));
      client.send(dataFrame('a', 0, 3));
      await client.until((f) => f.op === 'ack');
      client.socket.pause(); // reads nothing any more, so it answers no ping
      await eventually(() => hub.counts.publishers === 0, 'the client is given up');
      assert.is((await hub.close()).flightReports[0].truncated, true);
      client.socket.terminate();
    },
    { heartbeatSeconds: 0.1 },
  );
});

test.run();
