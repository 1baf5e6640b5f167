import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askChild } from '../../src/backend/ask-child.ts';
import { useSwiftShader } from './swiftshader.ts';

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
  const missing = await useSwiftShader();
  if (missing) return console.log(`skipped: ${missing}`);
  const { answer, problem } = await askChild<Answer>(['--import', import.meta.resolve('tsx'), child], 120_000);
  assert.ok(answer, problem);
  if (!answer?.probe.available) return console.log(`skipped: WebGPU: ${answer?.probe.reason}`);
  assert.ok(answer.probe.software, answer.probe.reason);
  assert.is(answer.backend, 'webgpu');
  close(answer.webgpu, answer.cpu, 1e-4);
  close(answer.adam.webgpu, answer.adam.cpu, 1e-4);
  assert.ok(answer.adam.norm > 0, 'the norm can be read afterwards');
});

function close(actual: number[], expected: number[], tolerance: number): void {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `${i}: ${value} for ${expected[i]}`);
  });
}

test.run();
