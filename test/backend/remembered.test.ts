import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { machineKey } from '../../src/backend/machine-key.ts';
import { forget, memoryFile, recall, remember } from '../../src/backend/remembered.ts';
import type { Workload } from '../../src/backend/workload.ts';

const small: Workload = { sizes: [53, 64, 64, 4], batch: 128, threads: 2 };
const large: Workload = { ...small, batch: 8192 };
const choice = { name: 'webgpu', reason: 'measured: so and so', measured: { webgpu: 2e6, wasm: 1e6 } } as const;
const folder = mkdtempSync(join(tmpdir(), 'windhover-memory-'));
let files = 0;
const newFile = () => join(folder, String(files++), 'windhover', 'backend.json');

test('what was measured is known again, for that workload and machine, and says so', () => {
  const file = newFile();
  assert.is(recall(small, file), null, 'nothing yet');
  remember(small, choice, file);
  const { name, measured, reason } = recall(small, file)!;
  assert.equal({ name, measured }, { name: choice.name, measured: choice.measured });
  assert.match(reason, /^measured: so and so; remembered of \d{4}-\d\d-\d\d, windhover doctor renews it$/);
  assert.is(recall(large, file), null, 'which is fastest depends on the minibatch');
  assert.is(recall({ ...small, threads: 1 }, file), null);
  remember(large, { ...choice, name: 'wasm' }, file);
  assert.equal([recall(small, file)?.name, recall(large, file)?.name], ['webgpu', 'wasm']);
  forget(file);
  assert.is(recall(small, file), null);
});

test('on another Node, package or GPU nothing is known, and what is measured then replaces it', () => {
  const file = newFile();
  const [before, after] = [machineKey({}), { ...machineKey({}), gpu: 'a new one' }];
  remember(small, choice, file, before);
  assert.is(recall(small, file, after), null);
  remember(large, choice, file, after);
  assert.is(recall(small, file, before), null);
  assert.is(recall(large, file, after)?.name, 'webgpu');
});

test('the key names versions and hardware, and stays the same while they do', () => {
  const key = machineKey({ CUDA_VISIBLE_DEVICES: '1' });
  assert.equal(key, machineKey({ CUDA_VISIBLE_DEVICES: '1' }));
  assert.not.equal(key, machineKey({}), 'another choice of GPUs');
  assert.is(key.node, process.versions.node);
  const { version } = JSON.parse(
    readFileSync(new URL('../../node_modules/@tensorflow/tfjs/package.json', import.meta.url), 'utf8'),
  );
  assert.is((key.packages as Record<string, string>)['@tensorflow/tfjs'], version);
});

test('a memory that is broken, or of a backend that is no more, is measured anew', () => {
  const file = newFile();
  mkdirSync(join(file, '..'), { recursive: true });
  for (const text of ['', '{', 'null', '{"key":', '[]', JSON.stringify({ key: machineKey() })]) {
    writeFileSync(file, text);
    assert.is(recall(small, file), null, text);
  }
  remember(small, { ...choice, name: 'tpu' as 'wasm' }, file);
  assert.is(recall(small, file), null);
});

test('a cache folder that cannot be written is no error', () => {
  remember(small, choice, '/proc/nowhere/backend.json');
  const inTheWay = newFile();
  mkdirSync(inTheWay, { recursive: true }); // a folder of that name
  remember(small, choice, inTheWay);
  assert.is(recall(small, inTheWay), null);
  forget(inTheWay);
});

test('it lies in the cache folder of the system', () => {
  assert.is(memoryFile({ XDG_CACHE_HOME: '/c' }, 'linux'), '/c/windhover/backend.json');
  assert.is(memoryFile({}, 'linux'), join(homedir(), '.cache', 'windhover', 'backend.json'));
  assert.is(memoryFile({}, 'darwin'), join(homedir(), 'Library', 'Caches', 'windhover', 'backend.json'));
  assert.is(memoryFile({ LOCALAPPDATA: '/l' }, 'win32'), '/l/windhover/backend.json');
});

test.run();
