import * as tf from '@tensorflow/tfjs';
import { kernelBytes } from '../backend/kernels.ts';
import type { CloneNetwork } from './clone-network.ts';
import { KernelNetwork } from './kernel-network.ts';
import { TensorNetwork } from './tensor-network.ts';

/** By the compiled kernels where TF.js would use them too, else by TF.js on its current backend. */
export function openCloneNetwork(sizes: number[], precision: number[]): CloneNetwork {
  const bytes = tf.getBackend() === 'wasm' ? kernelBytes() : undefined;
  return bytes ? new KernelNetwork(sizes, precision, bytes) : new TensorNetwork(sizes, precision);
}
