import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { registerWasmKernels } from '../../policies/dense-stack.ts';
import { kernelBytes } from './kernels.ts';
import type { Backend, Probe } from './names.ts';
import { packageFolder } from './packages.ts';

function binaries(): string {
  return join(packageFolder('@tensorflow/tfjs-backend-wasm') ?? '', 'dist') + sep;
}

async function probe(): Promise<Probe> {
  if (!existsSync(join(binaries(), 'tfjs-backend-wasm-simd.wasm')))
    return { available: false, reason: 'package @tensorflow/tfjs-backend-wasm is not installed completely' };
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')))
    return { available: false, reason: 'this processor lacks SIMD for WebAssembly' };
  return {
    available: true,
    reason: kernelBytes() ? "with Windhover's SIMD kernels" : "without Windhover's kernels: run npm run build:kernels",
  };
}

async function activate(): Promise<void> {
  setWasmPaths(binaries()); // read from disk: works offline
  const bytes = kernelBytes();
  if (bytes) registerWasmKernels(bytes);
  if (!(await tf.setBackend('wasm'))) throw new Error('wasm: TF.js could not start its WebAssembly backend');
}

/** WebAssembly with SIMD, and our own kernels on it: there on every machine. */
export const wasm: Backend = { name: 'wasm', probe, activate };
