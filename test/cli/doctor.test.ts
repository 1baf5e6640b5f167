import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Diagnosis, nodeDiagnosis } from '../../src/backend/diagnosis.ts';
import { describe } from '../../src/cli/doctor.ts';
import { packageRoot } from '../../src/package-root.ts';

const main = join(packageRoot(), 'src', 'cli', 'main.ts');
const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', main, 'doctor', '--json'], {
  cwd: packageRoot(),
  encoding: 'utf8',
});
const diagnosis: Diagnosis = JSON.parse(stdout);

test('doctor --json prints one object and ends with 0', () => {
  assert.is(status, 0);
  assert.is(stdout.trim().split('\n').length, 1);
  assert.is(diagnosis.node.version, process.versions.node);
  assert.ok(diagnosis.machine.cores >= 1 && diagnosis.machine.memoryGiB > 0);
});

test('every backend is there with its reason; those available are measured', () => {
  assert.equal(
    diagnosis.backends.map(({ name }) => name),
    ['cuda', 'webgpu', 'native', 'wasm', 'cpu'],
  );
  for (const { name, available, reason, samplesPerSecond } of diagnosis.backends) {
    assert.match(reason, /^\S.*$/, name);
    assert.is((samplesPerSecond ?? 0) > 0, available, `${name}: ${samplesPerSecond}`);
  }
});

test('wasm works everywhere, and auto takes something that works', () => {
  const available = diagnosis.backends.filter((backend) => backend.available).map(({ name }) => name);
  assert.ok(available.includes('wasm') && available.includes('cpu'), `${available}`);
  assert.ok(available.includes(diagnosis.auto.name));
});

test('our kernels make wasm several times as fast as plain JavaScript', () => {
  const speed = (wanted: string) => diagnosis.backends.find(({ name }) => name === wanted)?.samplesPerSecond ?? 0;
  assert.ok(diagnosis.kernels.available, `run npm run build:kernels: ${diagnosis.kernels.file}`);
  assert.ok(speed('wasm') > 3 * speed('cpu'), `wasm ${speed('wasm')}, cpu ${speed('cpu')}`);
});

test('paths are absolute', () => {
  assert.ok(isAbsolute(diagnosis.kernels.file));
  if (diagnosis.browser) assert.ok(existsSync(diagnosis.browser), diagnosis.browser);
});

test('people read one line a backend, the choice and its reason', () => {
  const text = describe({ ...diagnosis, auto: { name: 'wasm', reason: 'because' }, browser: null });
  for (const { name, reason } of diagnosis.backends) {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `)) ?? '';
    assert.ok(line.includes(reason), `${name}: ${line}`);
  }
  assert.ok(text.endsWith('auto picks wasm: because.'));
  assert.match(text, /Browser +no Chrome or Chromium found/);
});

test('Node versions that Windhover is tested with', () => {
  for (const good of ['20.19.0', '22.12.0', '24.0.0']) assert.ok(nodeDiagnosis(good).ok, good);
  for (const bad of ['18.20.0', '20.18.3', '21.7.0', '23.1.0']) assert.not(nodeDiagnosis(bad).ok, bad);
});

test.run();
