import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { probeBackend } from '../../src/backend/select.ts';
import { useSwiftShader } from '../backend/swiftshader.ts';
import { near } from '../given.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
// small, as SwiftShader learns some hundred samples a second
const learn = { envs: 8, horizon: 32, minibatch: 128, epochs: 2, hidden: '[16, 16]', learningRate: 0.003 };
const settings = Object.entries(learn).flatMap(([name, value]) => ['--set', `learn.${name}=${value}`]);

type Line = Record<string, number | null>;

/** What each of the iterations measured. */
function metricsOf(backend: string, folder: string, more: string[] = []): Line[] {
  const out = join(folder, backend);
  const args = [
    '--algorithm',
    'ppo',
    '--task',
    'hover',
    '--no-randomise',
    '--steps',
    '768',
    '--seed',
    '3',
    '--backend',
    backend,
  ];
  const { status, stderr } = spawnSync(process.execPath, [
    MAIN,
    'pretrain',
    ...args,
    ...settings,
    ...more,
    '--out',
    out,
  ]);
  assert.is(status, 0, stderr.toString());
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

test('a run on WebGPU learns what a run by the kernels on wasm learns', async () => {
  const missing = await useSwiftShader();
  if (missing) return console.log(`skipped: ${missing}`);
  const { available, reason } = await probeBackend('webgpu');
  if (!available) return console.log(`skipped: WebGPU: ${reason}`);
  const folder = mkdtempSync(join(tmpdir(), 'windhover-webgpu-'));
  try {
    const [webgpu, wasm] = [metricsOf('webgpu', folder), metricsOf('wasm', folder)];
    assert.is(webgpu.length, 3);
    webgpu.forEach((line, k) => {
      assert.equal(Object.keys(line).sort(), Object.keys(wasm[k]).sort());
      for (const [name, value] of Object.entries(line)) {
        const expected = wasm[k][name];
        if (expected === null) assert.is(value, null, name);
        // float error alone: 1e-7 an operation, and what the environments make of it within 96 control steps
        else near(value!, expected, 1e-4 + 1e-3 * Math.abs(expected), `iteration ${k + 1}, ${name}`);
      }
    });
    const [first, last] = [wasm[0], wasm[2]];
    assert.ok(last.approxKl! > 1e-3 && last.clipFraction! > 0 && first.entropy !== last.entropy, 'it does learn');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
