import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gunzipAsFarAsItGoes, isGzip } from '../../../src/telemetry/logs/gunzip.ts';

const plain = Buffer.from(Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i).toFixed(6)).join(','));
const packed = gzipSync(plain);

const isPrefix = (bytes: Uint8Array) => Buffer.compare(bytes, plain.subarray(0, bytes.length)) === 0;

test('a whole gzip is unpacked', async () => {
  const { bytes, truncated } = await gunzipAsFarAsItGoes(packed);
  assert.is(Buffer.compare(bytes, plain), 0);
  assert.is(truncated, false);
  assert.ok(isGzip(packed) && !isGzip(plain));
});

test('a cut gzip gives all before the cut', async () => {
  const { bytes, truncated } = await gunzipAsFarAsItGoes(packed.subarray(0, Math.floor(packed.length * 0.6)));
  assert.ok(bytes.length > 0.55 * plain.length && isPrefix(bytes), `${bytes.length} of ${plain.length}`);
  assert.is(truncated, true);
});

test('a damaged gzip gives what stands before the damage', async () => {
  const damaged = Buffer.from(packed);
  const middle = Math.floor(damaged.length * 0.6);
  damaged.fill(0xff, middle, middle + 200);
  const { bytes, truncated } = await gunzipAsFarAsItGoes(damaged);
  assert.is(truncated, true);
  assert.ok(bytes.length > 0.5 * plain.length, `${bytes.length} of ${plain.length}`);
  assert.ok(isPrefix(bytes.subarray(0, plain.length >> 1)));
});

test.run();
