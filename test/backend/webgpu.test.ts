import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askChild } from '../../src/backend/ask-child.ts';

// The GPU path without a GPU: Dawn on the SwiftShader that Debian's chromium package brings, by way of libvulkan1.
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const child = new URL('./webgpu-child.ts', import.meta.url).pathname;

interface Answer {
  probe: { available: boolean; reason: string; software: boolean };
  backend: string;
  /** Loss and gradients as the cpu backend and as webgpu give them. */
  cpu: number[];
  webgpu: number[];
  adam: { cpu: number[]; webgpu: number[]; norm: number };
}

test('a dense stack and Adam on WebGPU agree with the cpu backend', async () => {
  if (!existsSync(SWIFTSHADER)) return console.log("skipped: WebGPU needs Debian's chromium package and libvulkan1");
  const runtime = mkdtempSync(join(tmpdir(), 'windhover-xdg-')); // the Vulkan loader wants XDG_RUNTIME_DIR set
  process.env.VK_ICD_FILENAMES = SWIFTSHADER;
  process.env.XDG_RUNTIME_DIR ??= runtime;
  try {
    const { answer, problem } = await askChild<Answer>(['--import', import.meta.resolve('tsx'), child], 120_000);
    assert.ok(answer, problem);
    if (!answer?.probe.available) return console.log(`skipped: WebGPU: ${answer?.probe.reason}`);
    assert.ok(answer.probe.software, answer.probe.reason);
    assert.is(answer.backend, 'webgpu');
    close(answer.webgpu, answer.cpu, 1e-4);
    close(answer.adam.webgpu, answer.adam.cpu, 1e-4);
    assert.ok(answer.adam.norm > 0, 'the norm can be read afterwards');
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
});

function close(actual: number[], expected: number[], tolerance: number): void {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `${i}: ${value} for ${expected[i]}`);
  });
}

test.run();
