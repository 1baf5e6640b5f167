import * as tf from '@tensorflow/tfjs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { askChild, type ChildAnswer } from './ask-child.ts';
import type { Backend, Probe } from './names.ts';
import { packageFolder } from './packages.ts';

const PROBE_TIMEOUT_MS = 20_000;

interface Adapter {
  found: boolean;
  vendor?: string;
  architecture?: string;
  description?: string;
  fallback?: boolean;
}

/** Asks Dawn for an adapter and a device in a process of its own, as drivers may crash. */
const PROBE = (dawn: string) => `
const { create } = await import(${JSON.stringify(dawn)});
const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' });
const { vendor, architecture, description } = adapter?.info ?? {};
if (adapter) await adapter.requestDevice();
const fallback = Boolean(adapter?.isFallbackAdapter ?? adapter?.info?.isFallbackAdapter);
console.log(JSON.stringify({ found: Boolean(adapter), vendor, architecture, description, fallback }));
process.exit(0);`;

async function probe(): Promise<Probe> {
  const missing = missingPackage();
  if (missing) return { available: false, reason: `package ${missing} is not installed` };
  const dawn = pathToFileURL(join(packageFolder('webgpu') ?? '', 'index.js')).href;
  const result = await askChild<Adapter>(['--input-type=module', '-e', PROBE(dawn)], PROBE_TIMEOUT_MS);
  return result.answer?.found ? describe(result.answer) : { available: false, reason: obstacleOf(result) };
}

function missingPackage(): string | undefined {
  return ['webgpu', '@tensorflow/tfjs-backend-webgpu'].find((name) => !packageFolder(name));
}

/** Names the adapter, and says whether a GPU or a processor is behind it. */
export function describe({ vendor, architecture, description, fallback }: Omit<Adapter, 'found'>): Probe {
  const name = [vendor, architecture, description].filter(Boolean).join(', ') || 'an unnamed adapter';
  const software = Boolean(fallback) || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name);
  return { available: true, reason: software ? `${name} (software, not a GPU)` : name, software };
}

function obstacleOf({ answer, problem, stderr }: ChildAnswer<Adapter>): string {
  if (/Couldn't load Vulkan/.test(stderr)) return "no GPU found: Vulkan's loader is missing (Debian: libvulkan1)";
  return answer ? 'no GPU found' : `Dawn does not start: ${problem}`;
}

/** Held as long as the process lives: Dawn's objects become invalid with it. */
let gpu: GPU | null = null;

async function activate(): Promise<void> {
  const dawn = await import('webgpu');
  gpu = dawn.create([]);
  Object.assign(globalThis, dawn.globals);
  // Node 20 has no navigator; from 21 on there is one, without gpu.
  if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error('webgpu: TF.js could not use the adapter that was found');
}

/** Any GPU through Dawn: Vulkan, Metal or D3D12. */
export const webgpu: Backend = { name: 'webgpu', probe, activate };
