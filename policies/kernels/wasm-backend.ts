import * as tf from '@tensorflow/tfjs';
import { instantiateKernels, type Kernels, LINEAR, TANH, TANH_SLOPE } from './load.ts';

/** What we use of TF.js's wasm backend, which its type declarations leave out. */
interface WasmBackend {
  wasm: { asm: { memory: WebAssembly.Memory } };
  dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  disposeData(dataId: object): boolean;
}

let kernelBytes: BufferSource | null = null;
const instances = new WeakMap<object, Kernels>();

/**
 * Makes the dense stack and Adam use our kernels wherever TF.js's wasm backend is the current one.
 *
 * @param bytes contents of `dist/kernels/dense.wasm`
 */
export function registerWasmKernels(bytes: BufferSource): void {
  if (!kernelBytes) {
    tf.registerKernel({
      kernelName: 'WindhoverDenseStack',
      backendName: 'wasm',
      kernelFunc: forward as unknown as tf.KernelFunc,
    });
    tf.registerKernel({
      kernelName: 'WindhoverDenseStackGrad',
      backendName: 'wasm',
      kernelFunc: backward as unknown as tf.KernelFunc,
    });
  }
  kernelBytes = bytes;
}

/** Whether the current backend is wasm with our kernels. */
export function wasmKernelsReady(): boolean {
  return kernelBytes !== null && tf.getBackend() === 'wasm';
}

/** The kernels, working in the memory of TF.js's wasm backend, which must be the current one. */
export function wasmKernels(): Kernels {
  return kernelsOf(tf.backend() as unknown as WasmBackend);
}

/** A tensor's address in the memory of TF.js's wasm backend, which must be the current one. */
export function wasmAddress(tensor: tf.TensorInfo): number {
  return addressOf(tf.backend() as unknown as WasmBackend, tensor);
}

/**
 * A float32 tensor's numbers where they lie in the memory of TF.js's wasm backend, which must be the current one.
 *
 * For losses in closed form: read and write without a copy. Any operation that makes a tensor may grow the memory
 * and so detach the view: take it when needed, do not keep it.
 */
export function wasmData(tensor: tf.Tensor): Float32Array {
  const backend = tf.backend() as unknown as WasmBackend;
  return new Float32Array(backend.wasm.asm.memory.buffer, addressOf(backend, tensor), tensor.size);
}

function kernelsOf(backend: WasmBackend): Kernels {
  // The memory object stays the same when it grows; a backend made anew has another.
  const { memory } = backend.wasm.asm;
  let kernels = instances.get(memory);
  if (!kernels) {
    if (!kernelBytes) throw new Error('registerWasmKernels must be called first');
    kernels = instantiateKernels(kernelBytes, memory);
    instances.set(memory, kernels);
  }
  return kernels;
}

function addressOf(backend: WasmBackend, tensor: tf.TensorInfo): number {
  return backend.dataIdMap.get(tensor.dataId).memoryOffset;
}

interface KernelCall {
  inputs: Record<string, tf.TensorInfo>;
  backend: WasmBackend;
  attrs: { layers: number; inputGradient: boolean };
}

/** `{x, 0: k0, 1: b0, …}` → `[output, hidden…]` */
function forward({ inputs, backend }: KernelCall): tf.TensorInfo[] {
  const kernels = kernelsOf(backend);
  const layers = (Object.keys(inputs).length - 1) / 2;
  const [n] = inputs.x.shape;
  const outputs: tf.TensorInfo[] = [];
  let input = inputs.x;
  for (let l = 0; l < layers; l++) {
    const [inputSize, outputSize] = inputs[2 * l].shape;
    const y = backend.makeOutput([n, outputSize], 'float32');
    const w = addressOf(backend, inputs[2 * l]);
    const b = addressOf(backend, inputs[2 * l + 1]);
    const then = l < layers - 1 ? TANH : LINEAR;
    kernels.multiply(addressOf(backend, input), w, b, 0, addressOf(backend, y), n, inputSize, outputSize, then);
    outputs.push(y);
    input = y;
  }
  return [outputs[layers - 1], ...outputs.slice(0, -1)];
}

/** `{dy, x, 0: k0, 1: b0, …, then the hidden outputs}` → `[dx where asked, dk0, db0, …]` */
function backward({ inputs, backend, attrs }: KernelCall): tf.TensorInfo[] {
  const kernels = kernelsOf(backend);
  const { layers, inputGradient } = attrs;
  const at = (tensor: tf.TensorInfo) => addressOf(backend, tensor);
  const [n] = inputs.x.shape;
  const grads: tf.TensorInfo[] = new Array(2 * layers);
  let dz = inputs.dy;
  for (let l = layers - 1; l >= 0; l--) {
    const kernel = inputs[2 * l];
    const [inputSize, outputSize] = kernel.shape;
    const input = l > 0 ? inputs[2 * layers + l - 1] : inputs.x;
    const dw = backend.makeOutput([inputSize, outputSize], 'float32');
    const db = backend.makeOutput([outputSize], 'float32');
    kernels.weightGradient(at(input), at(dz), at(dw), at(db), n, inputSize, outputSize);
    grads[2 * l] = dw;
    grads[2 * l + 1] = db;
    if (l === 0 && !inputGradient) break;
    const transposed = backend.makeOutput([outputSize, inputSize], 'float32');
    const dx = backend.makeOutput([n, inputSize], 'float32');
    kernels.transpose(at(kernel), at(transposed), inputSize, outputSize);
    const then = l > 0 ? TANH_SLOPE : LINEAR;
    kernels.multiply(at(dz), at(transposed), 0, at(input), at(dx), n, outputSize, inputSize, then);
    backend.disposeData(transposed.dataId);
    if (dz !== inputs.dy) backend.disposeData(dz.dataId);
    dz = dx;
  }
  if (!inputGradient) {
    if (dz !== inputs.dy) backend.disposeData(dz.dataId);
    return grads;
  }
  return [dz, ...grads];
}
