import { type IWritable, McapWriter } from '@mcap/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FlightWriter, readMcap, readMcapFlights } from '../../src/episode/index.ts';

class Memory implements IWritable {
  readonly parts: Uint8Array[] = [];
  async write(buffer: Uint8Array): Promise<void> {
    this.parts.push(Uint8Array.from(buffer));
  }
  position(): bigint {
    return BigInt(this.parts.reduce((sum, part) => sum + part.length, 0));
  }
  bytes(): Uint8Array {
    return Buffer.concat(this.parts);
  }
}

async function givenEpisodes(...lengths: number[]): Promise<Uint8Array> {
  const memory = new Memory();
  const writer = new FlightWriter(memory, { chunkBytes: 500 });
  await writer.start({ kind: 'episode', name: 'run' });
  let t = 0;
  for (const [episode, length] of lengths.entries()) {
    await writer.raw('/episode', 'windhover.Episode', t, { episode, event: 'start' });
    for (let i = 0; i < length; i++, t += 0.01) await writer.write('velocity', t, [episode, i, 0]);
    await writer.raw('/episode', 'windhover.Episode', t, { episode, event: 'success' });
  }
  await writer.end();
  return memory.bytes();
}

test('each episode of a file is a flight of its own, from time zero', async () => {
  const flights = readMcapFlights(await givenEpisodes(10, 20, 30), 'run.mcap');
  assert.equal(
    flights.map(({ name }) => name),
    ['run#0', 'run#1', 'run#2'],
  );
  assert.equal(
    flights.map(({ topics }) => topics.velocity?.time.length),
    [10, 20, 30],
  );
  for (const [episode, { topics }] of flights.entries()) {
    assert.is(topics.velocity?.time[0], 0);
    assert.ok(topics.velocity?.columns[0].every((value) => value === episode));
  }
});

test('a file cut anywhere is read as far as it goes', async () => {
  const whole = await givenEpisodes(100);
  let before = 0;
  for (let size = 0; size < whole.length; size += 997) {
    const [flight] = readMcapFlights(whole.subarray(0, size), 'cut.mcap');
    const count = flight.topics.velocity?.time.length ?? 0;
    assert.is(flight.truncated, true);
    assert.ok(count >= before, `${size} bytes gave ${count} samples, fewer bytes gave ${before}`);
    before = count;
  }
  assert.ok(before >= 90, `${before} of 100 samples before the last cut`);
});

test('damage in the middle ends the reading there, and is named', async () => {
  const bytes = Uint8Array.from(await givenEpisodes(100));
  bytes.fill(0xff, 8000, 8100);
  const contents = readMcap(bytes);
  assert.is(contents.truncated, true);
  assert.ok(contents.damage);
  assert.ok(contents.channels.length > 0);
});

test('messages that are no JSON or hold no numbers are dropped and counted', async () => {
  const memory = new Memory();
  const writer = new McapWriter({ writable: memory });
  await writer.start({ profile: '', library: 'test' });
  const schemaId = await writer.registerSchema({ name: 's', encoding: 'jsonschema', data: new Uint8Array() });
  const channelId = await writer.registerChannel({
    schemaId,
    topic: '/battery',
    messageEncoding: 'json',
    metadata: new Map(),
  });
  const bodies = ['{"voltage":4}', 'not json', '{"voltage":null}', '{"voltage":3.9}'];
  for (const [i, body] of bodies.entries()) {
    const time = BigInt(i) * 1_000_000_000n;
    const data = new TextEncoder().encode(body);
    await writer.addMessage({ channelId, sequence: i, logTime: time, publishTime: time, data });
  }
  await writer.end();
  const [flight] = readMcapFlights(memory.bytes(), 'b.mcap');
  assert.equal(Array.from(flight.topics.battery?.columns[0] ?? []), [4, 3.9]);
  assert.equal(Array.from(flight.topics.battery?.time ?? []), [0, 3]);
  assert.is(flight.droppedRows, 2);
});

test.run();
