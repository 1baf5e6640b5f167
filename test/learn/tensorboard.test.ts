import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32c } from '../../src/learn/crc32c.ts';
import { EventWriter, record, restartEvent, scalarsEvent, versionEvent } from '../../src/learn/tensorboard.ts';
import { eventsOf, shown } from './events-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-events-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => text.replaceAll(' ', '');
const TIME = 1_700_000_000.5; // 0x41d954fc40200000 as a double

// The bytes were put together field by field, their checksums bit by bit without a table, in another language.

test('CRC-32C gives the check value of its definition, and that of RFC 3720 for zeros', () => {
  assert.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
});

test('a file begins as every event file does', () => {
  const expected =
    '1800000000000000 a37f4b22' + // a length of 24 and its checksum, as in files that TensorFlow wrote
    '09 00002040fc54d941 1a 0d 627261696e2e4576656e743a32 2b353110';
  assert.is(hex(record(versionEvent(TIME))), bytes(expected));
});

test('scalars are simple values of one summary; steps beyond 32 bits fit', () => {
  const event = scalarsEvent(TIME, 5_000_000_000, [
    ['rollout/success', 0.5],
    ['eval/success', 1],
  ]);
  const expected =
    '3e00000000000000 d9d240e7' +
    '09 00002040fc54d941 10 80e497d012 2a 2d' +
    '0a 16 0a 0f 726f6c6c6f75742f73756363657373 15 0000003f' +
    '0a 13 0a 0c 6576616c2f73756363657373 15 0000803f' +
    '41627dd2';
  assert.is(hex(record(event)), bytes(expected));
});

test('a restart is a session log that starts', () => {
  const expected = '1100000000000000 9d6db52e 09 00002040fc54d941 10 818001 3a 02 08 01 69b32532';
  assert.is(hex(record(restartEvent(TIME, 16385))), bytes(expected));
});

test('another reader finds what was written, and nothing where there was no number', () => {
  const writer = new EventWriter(mkdtempSync(join(folder, 'read-')), 0, () => TIME * 1000);
  writer.scalars(1024, { 'rollout/success': null, 'train/approx_kl': 0.25, 'train/value_loss': Number.NaN });
  writer.scalars(2048, { 'rollout/success': null });
  writer.close();
  assert.equal(eventsOf(readFileSync(writer.file)), [
    { wallTime: TIME, fileVersion: 'brain.Event:2' },
    { wallTime: TIME, step: 1024, summary: { value: [{ tag: 'train/approx_kl', simpleValue: 0.25 }] } },
  ]);
});

test('a run killed and resumed in the same second shows one curve, each step once', () => {
  const run = mkdtempSync(join(folder, 'resumed-'));
  const write = (from: number, steps: number[], value: number) => {
    const writer = new EventWriter(run, from, () => TIME * 1000);
    for (const step of steps) writer.scalars(step, { a: value });
    writer.close();
  };
  write(0, [100, 200, 300, 400], 1);
  write(200, [300, 400, 500], 2);
  write(500, [600], 3);
  assert.equal(shown(run, 'a'), [
    [100, 1],
    [200, 1],
    [300, 2],
    [400, 2],
    [500, 2],
    [600, 3],
  ]);
});

test('a new file is read after those of other processes, even where they are from the same second', () => {
  const run = mkdtempSync(join(folder, 'order-'));
  const earlier = join(run, `events.out.tfevents.${Math.floor(TIME)}.zebra.999999999.0`);
  writeFileSync(earlier, record(versionEvent(TIME)));
  const writer = new EventWriter(run, 0, () => TIME * 1000);
  writer.close();
  assert.ok(writer.file > earlier, writer.file);
});

test.run();
