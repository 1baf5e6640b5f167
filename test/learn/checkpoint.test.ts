import { mkdtempSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCheckpoint, writeCheckpoint } from '../../src/learn/checkpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-checkpoint-'));

test('what was written comes back bit for bit, NaN and odd lengths included', () => {
  const file = join(folder, 'a.bin');
  const arrays = {
    a: new Float32Array([1, Number.NaN, -0]),
    b: new Uint8Array([1, 2, 3]),
    c: new Uint32Array([4294967295]),
  };
  writeCheckpoint(file, { state: { steps: 7, best: null }, arrays });
  const read = readCheckpoint(file)!;
  assert.equal(read.state, { steps: 7, best: null });
  for (const [name, array] of Object.entries(arrays)) {
    assert.instance(read.arrays[name], array.constructor as never);
    assert.equal(Buffer.from(read.arrays[name].buffer), Buffer.from(array.buffer));
  }
  assert.equal(readdirSync(folder), ['a.bin']); // nothing partial stays behind
});

test('there is none before the first', () => {
  assert.is(readCheckpoint(join(folder, 'none.bin')), null);
});

test('another file is refused by name', () => {
  const file = join(folder, 'other.bin');
  writeFileSync(file, 'hello');
  assert.throws(() => readCheckpoint(file), /other\.bin: expected a checkpoint/);
});

test('one that is cut, in its header or in its numbers, is refused by name', () => {
  const file = join(folder, 'cut.bin');
  writeCheckpoint(file, { state: { steps: 7 }, arrays: { weights: new Float32Array(100) } });
  truncateSync(file, statSync(file).size - 4);
  assert.throws(() => readCheckpoint(file), /cut\.bin: expected a whole checkpoint, but it is cut in weights/);
  truncateSync(file, 50);
  assert.throws(() => readCheckpoint(file), /cut\.bin: expected a whole checkpoint, but its header is damaged/);
});

test.run();
