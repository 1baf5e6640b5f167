import * as tf from '@tensorflow/tfjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import type { Availability, BackendName } from '../../src/backend/names.ts';
import { chooseAutomatically, pick, probeBackend, selectBackend } from '../../src/backend/select.ts';
import { describe } from '../../src/backend/webgpu.ts';

const there = (name: BackendName, more: Partial<Availability> = {}): Availability => ({
  name,
  available: true,
  reason: `a ${name}`,
  ...more,
});
const processor = [there('native'), there('wasm'), there('cpu')];
const unmeasured = async (): Promise<number | null> => {
  throw new Error('nothing to measure here');
};

test('auto takes wasm where there is no GPU, without measuring', async () => {
  const { name, reason } = await pick([there('cuda', { available: false }), ...processor], unmeasured);
  assert.is(name, 'wasm');
  assert.match(reason, /no usable GPU/);
});

const givenSpeeds = (speeds: Partial<Record<BackendName, number>>) => async (name: BackendName) => speeds[name] ?? null;

test('auto takes what is measured fastest, and says all speeds', async () => {
  const gpus = [there('cuda'), there('webgpu')];
  const speeds = { cuda: 2_000_000, webgpu: 900_000, native: 300_000, wasm: 800_000 };
  const chosen = await pick([...gpus, ...processor], givenSpeeds(speeds));
  assert.is(chosen.name, 'cuda');
  assert.equal(chosen.measured, speeds);
  assert.is(
    chosen.reason,
    'measured: cuda 2000 k, webgpu 900 k, native 300 k, wasm 800 k training samples/s (a cuda; a webgpu)',
  );
  const slowCuda = { ...speeds, cuda: 700_000 };
  assert.is((await pick([...gpus, ...processor], givenSpeeds(slowCuda))).name, 'webgpu', 'no order of preference');
  assert.is((await pick([...gpus, ...processor], givenSpeeds({ ...slowCuda, native: 1e6 }))).name, 'native');
});

test('auto leaves a GPU that is slower, or that fails in use', async () => {
  const slow = givenSpeeds({ webgpu: 100_000, native: 300_000, wasm: 800_000 });
  assert.is((await pick([there('webgpu'), ...processor], slow)).name, 'wasm');
  const failed = await pick([there('webgpu'), ...processor], givenSpeeds({ wasm: 800_000 }));
  assert.is(failed.name, 'wasm');
  assert.match(failed.reason, /webgpu failed, native failed, wasm 800 k/);
  assert.is((await pick([there('webgpu'), ...processor], givenSpeeds({}))).name, 'wasm', 'all failed');
});

test('wasm counts once for each thread that our kernels learn in', async () => {
  const speeds = givenSpeeds({ webgpu: 1_000_000, wasm: 800_000 });
  assert.is((await pick([there('webgpu'), ...processor], speeds, 1)).name, 'webgpu');
  const { name, reason } = await pick([there('webgpu'), ...processor], speeds, 2);
  assert.is(name, 'wasm');
  assert.match(reason, /wasm 800 k in each of 2 threads/);
});

test('auto leaves a processor that plays a GPU', async () => {
  const { name, reason } = await pick([there('webgpu', { software: true }), ...processor], unmeasured);
  assert.is(name, 'wasm');
  assert.match(reason, /no GPU, only a webgpu/);
});

test('without wasm auto falls back, and says so', async () => {
  const { name, reason } = await pick([there('wasm', { available: false }), there('cpu')], unmeasured);
  assert.is(name, 'cpu');
  assert.match(reason, /wasm is not available/);
});

test('software adapters are told from GPUs by what they call themselves', () => {
  assert.ok(describe({ vendor: 'google', architecture: 'swiftshader' }).software);
  assert.ok(describe({ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }).software);
  assert.ok(describe({ vendor: 'x', fallback: true }).software);
  assert.not(describe({ vendor: 'nvidia', architecture: 'ampere', fallback: false }).software);
});

test('wasm and cpu are selected on any machine, and TF.js then computes on them', async () => {
  for (const name of ['wasm', 'cpu'] as const) {
    const selection = await selectBackend(name);
    assert.is(selection.name, name);
    assert.is(tf.getBackend(), name);
    assert.equal([...tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()], [11]);
  }
});

test('selecting a backend prints nothing', async () => {
  const printed: unknown[] = [];
  const { log, warn, error } = console;
  const keep = (...args: unknown[]) => printed.push(args);
  Object.assign(console, { log: keep, warn: keep, error: keep });
  try {
    await selectBackend('cpu');
    tf.tensor1d([1]).square().dataSync();
  } finally {
    Object.assign(console, { log, warn, error });
  }
  assert.equal(printed, []);
});

test('an explicit backend that is not there is an input error with the reason', async () => {
  for (const name of ['cuda', 'native', 'webgpu'] as const) {
    const { available, reason } = await probeBackend(name);
    if (available) continue; // this machine has it
    try {
      await selectBackend(name);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, InputError);
      assert.is((error as Error).message, `--backend ${name}: not available: ${reason}`);
      assert.not.match(reason, /\n/);
    }
  }
  try {
    await selectBackend('tpu' as BackendName);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /expected auto, cuda, webgpu, native, wasm, cpu, got "tpu"/);
  }
});

test('auto says what it looked at', async () => {
  const { tried } = await chooseAutomatically();
  assert.equal(
    tried.map(({ name }) => name),
    ['cuda', 'webgpu', 'native', 'wasm', 'cpu'],
  );
  for (const { name, reason } of tried) assert.ok(reason.length > 0, name);
});

test.run();
