import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileHandleReadable } from '@mcap/nodejs';
import { McapIndexedReader } from '@mcap/core';
import { open } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFlightFile, readMcap, readMcapFlights, writeFlight } from '../../src/episode/index.ts';
import { near } from '../given.ts';
import { givenFlight, topicNames } from './given-flight.ts';

const test = suite<{ folder: string }>('writer');
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'windhover-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a flight comes back from its file, to the nanosecond and the last digit', async ({ folder }) => {
  const flight = givenFlight({ startUnixSeconds: 1_772_681_685.5 });
  const path = join(folder, 'slope.mcap');
  await writeFlight(path, flight);
  const [back] = readMcapFlights(readFileSync(path), path);
  assert.equal(topicNames(back).sort(), topicNames(flight).sort());
  for (const topic of topicNames(flight)) {
    assert.equal(back.topics[topic]?.columns, flight.topics[topic]?.columns, topic);
    const times = flight.topics[topic]?.time ?? [];
    for (const [i, time] of times.entries())
      near(back.topics[topic]?.time[i] ?? Number.NaN, time, 1e-9, `${topic} ${i}`);
  }
  assert.is(back.vehicle, 'test vehicle');
  assert.is(back.name, 'slope');
  assert.is(back.truncated, false);
  near(back.startUnixSeconds ?? 0, 1_772_681_685.5, 1e-6);
});

test("MCAP's own indexed reader finds every message, in order of time", async ({ folder }) => {
  const path = join(folder, 'slope.mcap');
  await writeFlight(path, givenFlight());
  const handle = await open(path);
  const reader = await McapIndexedReader.Initialize({ readable: new FileHandleReadable(handle) });
  let before = -1n;
  let count = 0;
  for await (const message of reader.readMessages()) {
    assert.ok(message.logTime >= before);
    before = message.logTime;
    count++;
  }
  assert.is(count, 151);
  assert.match(reader.header.library, /^windhover \d+\.\d+\.\d+/);
  assert.equal(
    [...reader.schemasById.values()].map((s) => s.encoding),
    Array(3).fill('jsonschema'),
  );
  await handle.close();
});

test('a file has its name only once it is complete, and an aborted one leaves nothing', async ({ folder }) => {
  const path = join(folder, 'a.mcap');
  const file = await createFlightFile(path);
  await file.start({ kind: 'episode', name: 'a' });
  await file.write('battery', 0, [3.7]);
  assert.not.ok(existsSync(path));
  await file.end();
  assert.equal(readdirSync(folder), ['a.mcap']);
  const other = await createFlightFile(join(folder, 'b.mcap'));
  await other.start({ kind: 'episode', name: 'b' });
  await other.abort();
  assert.equal(readdirSync(folder), ['a.mcap']);
});

test('a recording made to survive a kill can be read before it is complete', async ({ folder }) => {
  const path = join(folder, 'live.mcap');
  const file = await createFlightFile(path, { survivesKill: true });
  await file.start({ kind: 'recording', name: 'live', vehicle: 'v' });
  for (let i = 0; i < 2000; i++) await file.write('velocity', i / 100, [i, 0, 0]);
  const [flight] = readMcapFlights(readFileSync(path), path);
  const got = flight.topics.velocity?.time.length ?? 0;
  assert.ok(got > 1700 && got < 2000, `${got} of 2000 messages on disk`);
  assert.is(flight.truncated, true);
  assert.is(flight.vehicle, 'v');
  await file.end();
  assert.is(readMcapFlights(readFileSync(path), path)[0].topics.velocity?.time.length, 2000);
});

test('calls need not be awaited one by one', async ({ folder }) => {
  const path = join(folder, 'fast.mcap');
  const file = await createFlightFile(path, { chunkBytes: 1000 });
  file.start({ kind: 'episode', name: 'fast' });
  for (let i = 0; i < 500; i++) file.write('battery', i, [i]);
  await file.end();
  assert.is(file.written, 500);
  const [flight] = readMcapFlights(readFileSync(path), path);
  assert.equal(
    Array.from(flight.topics.battery?.columns[0] ?? []),
    Array.from({ length: 500 }, (_, i) => i),
  );
});

test('a topic of one’s own is written under its schema', async ({ folder }) => {
  const path = join(folder, 'own.mcap');
  const file = await createFlightFile(path);
  await file.start({ kind: 'episode', name: 'own' });
  await file.raw('/scene', 'foxglove.SceneUpdate', 0, { deletions: [], entities: [] });
  await file.raw('/notes', 'my.Note', 0, { text: 'up' });
  await file.end();
  const { channels } = readMcap(readFileSync(path));
  assert.equal(
    channels.map(({ topic, schema }) => [topic, schema]),
    [
      ['/scene', 'foxglove.SceneUpdate'],
      ['/notes', 'my.Note'],
    ],
  );
  assert.ok((await stat(path)).size > 0);
});

test('a failed write reaches whoever waits, then and later', async () => {
  const { FlightWriter } = await import('../../src/episode/writer.ts');
  const full = { position: () => 0n, write: async () => Promise.reject(new Error('disk full')) };
  const writer = new FlightWriter(full);
  let message = '';
  await writer.start({ kind: 'episode', name: 'x' }).catch((error: Error) => (message = error.message));
  assert.is(message, 'disk full');
  await writer.end().then(
    () => assert.unreachable('end succeeded on a full disk'),
    (error: Error) => assert.is(error.message, 'disk full'),
  );
});

test.run();
