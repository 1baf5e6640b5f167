import { existsSync, readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { kernelsFile } from './kernels.ts';
import { findGpu } from './machine.ts';
import { hasNativeBinding, packageFolder } from './packages.ts';

const PACKAGES = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
  'webgpu',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
];
/** Variables that take GPUs away, or bring others. */
const VARIABLES = ['CUDA_VISIBLE_DEVICES', 'VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'LD_LIBRARY_PATH'];

/**
 * All that a measurement of backends depends on and that can be read in a few milliseconds; where any of it differs,
 * an old measurement says nothing.
 */
export function machineKey(env: NodeJS.ProcessEnv = process.env): Record<string, unknown> {
  return {
    windhover: versionIn(packageRoot()),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? null,
    cores: cpus().length,
    gpu: findGpu(),
    driver: nvidiaDriver(),
    packages: Object.fromEntries(PACKAGES.map((name) => [name, installed(name)])),
    kernels: existsSync(kernelsFile()) ? statSync(kernelsFile()).size : null,
    env: Object.fromEntries(VARIABLES.map((name) => [name, env[name] ?? null])),
  };
}

function installed(name: string): string | null {
  const folder = packageFolder(name);
  if (!folder) return null;
  return /tfjs-node/.test(name) && !hasNativeBinding(folder) ? 'without its native library' : versionIn(folder);
}

function versionIn(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

function nvidiaDriver(): string | null {
  const file = '/proc/driver/nvidia/version';
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : null;
}
