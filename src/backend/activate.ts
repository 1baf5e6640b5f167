import * as tf from '@tensorflow/tfjs';
import { cpu } from './cpu.ts';
import type { Backend, BackendName } from './names.ts';
import { cuda, native } from './tensorflow.ts';
import { wasm } from './wasm.ts';
import { webgpu } from './webgpu.ts';

/** All backends by name. */
export const backends: Record<BackendName, Backend> = { cuda, webgpu, native, wasm, cpu };

/**
 * Makes a backend TF.js's current one without looking first whether it is there: for worker threads and child
 * processes of a process that has selected it.
 */
export async function activateBackend(name: BackendName): Promise<void> {
  tf.enableProdMode(); // without it TF.js greets, and advises to install tfjs-node
  await quietly(() => backends[name].activate());
  await tf.ready();
}

/** TF.js and tfjs-node talk through the console while they load ("platform node has already been set", …). */
async function quietly(f: () => Promise<void>): Promise<void> {
  const { log, info, warn, error } = console;
  const silent = () => {};
  Object.assign(console, { log: silent, info: silent, warn: silent, error: silent });
  try {
    await f();
  } finally {
    Object.assign(console, { log, info, warn, error });
  }
}
