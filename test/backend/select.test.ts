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

test('auto takes a GPU that is measured faster, and says both speeds', async () => {
  const speeds = { cuda: 2_000_000, wasm: 800_000 } as Record<BackendName, number>;
  const { name, reason } = await pick([there('cuda'), ...processor], async (of) => speeds[of]);
  assert.is(name, 'cuda');
  assert.match(reason, /cuda 2000 k, wasm 800 k/);
});

test('auto leaves a GPU that is slower, or that fails in use', async () => {
  const slow = { webgpu: 100_000, wasm: 800_000 } as Record<BackendName, number>;
  assert.is((await pick([there('webgpu'), ...processor], async (of) => slow[of])).name, 'wasm');
  const failed = await pick([there('webgpu'), ...processor], async (of) => (of === 'wasm' ? 800_000 : null));
  assert.is(failed.name, 'wasm');
  assert.match(failed.reason, /webgpu failed/);
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
