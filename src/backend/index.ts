import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { registerWasmKernels } from '../../policies/dense-stack.ts';
import { kernelBytes } from './kernels.ts';
export async function selectBackend(name: string): Promise<{ name: string; reason: string; tried: { name: string; available: boolean; reason: string }[] }> {
  const bytes = kernelBytes();
  if (bytes) registerWasmKernels(bytes);
  await tf.setBackend('wasm');
  await tf.ready();
  return { name: 'wasm', reason: `asked ${name}`, tried: [] };
}
