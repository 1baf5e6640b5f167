import { Arena, alignedBytes, arenaPages } from './kernels/arena.ts';
import { instantiateKernels, type Kernels, LINEAR, TANH } from './kernels/load.ts';
import type { Mlp } from './mlp.ts';

/**
 * A network that only computes, for rollouts, evaluation and the viewer: no TF.js, no allocation in {@link run}.
 *
 * With the compiled kernels a row's output is the same bytes wherever it stands in whichever batch; without them
 * plain JavaScript computes the same to within float32 rounding.
 */
export class MlpInference {
  /** `[maxBatch, sizes[0]]`: write here and pass it to {@link run} to save a copy. */
  readonly input: Float32Array;
  /** `[maxBatch, sizes.at(-1)]`: pass it to {@link run} to save a copy. */
  readonly output: Float32Array;
  readonly sizes: readonly number[];
  readonly maxBatch: number;
  private readonly kernels: Kernels | null;
  private readonly weights: Float32Array[];
  private readonly biases: Float32Array[];
  private readonly activations: Float32Array[];

  /**
   * @param mlp the weights are copied; {@link load} replaces them
   * @param maxBatch most rows of one {@link run}
   * @param kernelBytes contents of `dist/kernels/dense.wasm`; without them it runs in plain JavaScript
   */
  constructor(mlp: Mlp, maxBatch: number, kernelBytes?: BufferSource) {
    const { sizes } = mlp;
    this.sizes = [...sizes];
    this.maxBatch = maxBatch;
    const lengths = [
      ...sizes.slice(1).flatMap((out, l) => [sizes[l] * out, out]),
      ...sizes.map((size) => size * maxBatch),
    ];
    const arena = kernelBytes ? arenaFor(lengths) : null;
    const arrays = lengths.map((length) => arena?.floats(length) ?? new Float32Array(length));
    this.kernels = arena && kernelBytes ? instantiateKernels(kernelBytes, arena.memory) : null;
    const layers = sizes.length - 1;
    this.weights = arrays.slice(0, 2 * layers).filter((_, i) => i % 2 === 0);
    this.biases = arrays.slice(0, 2 * layers).filter((_, i) => i % 2 === 1);
    this.activations = arrays.slice(2 * layers);
    this.input = this.activations[0];
    this.output = this.activations[layers];
    this.load(mlp);
  }

  /**
   * Takes other weights of the same shape.
   *
   * @throws RangeError when the sizes differ
   */
  load(mlp: Mlp): void {
    if (mlp.sizes.join() !== this.sizes.join())
      throw new RangeError(`mlp.sizes: expected ${this.sizes.join('-')}, got ${mlp.sizes.join('-')}`);
    for (let l = 0; l < this.weights.length; l++) {
      this.weights[l].set(mlp.kernels[l]);
      this.biases[l].set(mlp.biases[l]);
    }
  }

  /**
   * The network's output for `n` rows.
   *
   * @param x `[n, in]`, read from its start; {@link input} itself saves a copy
   * @param n rows, at most maxBatch
   * @param out `[n, out]`, written from its start; {@link output} itself saves a copy
   * @throws RangeError when there are more rows than maxBatch
   */
  run(x: Float32Array, n: number, out: Float32Array): void {
    if (n > this.maxBatch) throw new RangeError(`n: expected at most maxBatch = ${this.maxBatch} rows, got ${n}`);
    const { sizes, activations } = this;
    if (x !== this.input) copy(x, this.input, n * sizes[0]);
    for (let l = 0; l < this.weights.length; l++) {
      if (this.kernels) this.compiledLayer(this.kernels, l, n);
      else
        plainLayer(activations[l], this.weights[l], this.biases[l], activations[l + 1], n, l + 1 < this.weights.length);
    }
    if (out !== this.output) copy(this.output, out, n * sizes[sizes.length - 1]);
  }

  private compiledLayer(kernels: Kernels, l: number, n: number): void {
    const { sizes, activations } = this;
    const then = l + 1 < this.weights.length ? TANH : LINEAR;
    const y = activations[l + 1].byteOffset;
    const b = this.biases[l].byteOffset;
    kernels.multiply(activations[l].byteOffset, this.weights[l].byteOffset, b, 0, y, n, sizes[l], sizes[l + 1], then);
  }
}

function arenaFor(lengths: number[]): Arena {
  const bytes = lengths.reduce((sum, length) => sum + alignedBytes(4 * length), 0);
  return new Arena(new WebAssembly.Memory({ initial: arenaPages(bytes) }));
}

function copy(from: Float32Array, to: Float32Array, length: number): void {
  for (let i = 0; i < length; i++) to[i] = from[i];
}

/** `y = x · w + b`, then tanh where `hidden`; four outputs at a time, twice as fast as one by one. */
function plainLayer(
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
  y: Float32Array,
  n: number,
  hidden: boolean,
): void {
  const outputs = b.length;
  const inputs = w.length / outputs;
  const blocks = outputs - (outputs % 4);
  for (let i = 0; i < n; i++) {
    const from = i * inputs;
    const to = i * outputs;
    for (let j = 0; j < blocks; j += 4) {
      let s0 = b[j];
      let s1 = b[j + 1];
      let s2 = b[j + 2];
      let s3 = b[j + 3];
      for (let k = 0, at = j; k < inputs; k++, at += outputs) {
        const v = x[from + k];
        s0 += v * w[at];
        s1 += v * w[at + 1];
        s2 += v * w[at + 2];
        s3 += v * w[at + 3];
      }
      y[to + j] = s0;
      y[to + j + 1] = s1;
      y[to + j + 2] = s2;
      y[to + j + 3] = s3;
    }
    for (let j = blocks; j < outputs; j++) {
      let sum = b[j];
      for (let k = 0, at = j; k < inputs; k++, at += outputs) sum += x[from + k] * w[at];
      y[to + j] = sum;
    }
    if (hidden) for (let j = 0; j < outputs; j++) y[to + j] = Math.tanh(y[to + j]);
  }
}
