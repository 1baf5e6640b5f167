import { Arena, alignedBytes, arenaPages } from './kernels/arena.ts';
import { instantiateKernels, type Kernels, LINEAR, TANH, TANH_SLOPE } from './kernels/load.ts';
import type { Mlp } from './mlp.ts';

/** Rows at a time, so that everything stays in the second-level cache. */
const ROWS = 128;

/**
 * The sums over the states that `diagonalFisher` takes the mean of, by the compiled kernels: the squares of a layer's
 * weight derivatives are the weight gradient of squared inputs and squared signals.
 *
 * @param obs `[n, O]`
 * @returns in the order of `mlpWeights(mlp)`
 */
export function fisherSums(
  mlp: Mlp,
  std: ArrayLike<number>,
  obs: Float32Array,
  n: number,
  kernelBytes: BufferSource,
): Float32Array[] {
  const work = new Work(mlp, kernelBytes);
  const O = mlp.sizes[0];
  for (let at = 0; at < n; at += ROWS) {
    const rows = Math.min(ROWS, n - at);
    work.activations[0].set(obs.subarray(at * O, (at + rows) * O));
    work.forward(rows);
    for (let j = 0; j < std.length; j++) work.addSquares(j, 1 / std[j], rows);
  }
  return work.sums.map((sum) => sum.slice());
}

class Work {
  readonly activations: Float32Array[];
  /** In the order of `mlpWeights`. */
  readonly sums: Float32Array[];
  private readonly sizes: number[];
  private readonly weights: Float32Array[];
  private readonly transposed: Float32Array[];
  private readonly squares: Float32Array[];
  private readonly signals: Float32Array[];
  private readonly squaredSignal: Float32Array;
  private readonly kernels: Kernels;

  constructor(mlp: Mlp, kernelBytes: BufferSource) {
    const { sizes } = mlp;
    const parameters = mlp.kernels.flatMap((kernel, l) => [kernel, mlp.biases[l]]);
    const widest = Math.max(...sizes);
    const lengths = [
      ...parameters.flatMap(({ length }) => [length, length]),
      ...mlp.kernels.map(({ length }) => length),
      ...sizes.flatMap((size) => Array<number>(3).fill(ROWS * size)),
      ROWS * widest,
    ];
    const bytes = lengths.reduce((sum, length) => sum + alignedBytes(4 * length), 0);
    const arena = new Arena(new WebAssembly.Memory({ initial: arenaPages(bytes) }));
    this.sizes = sizes;
    this.kernels = instantiateKernels(kernelBytes, arena.memory);
    this.weights = parameters.map((array) => filled(arena.floats(array.length), array));
    this.sums = parameters.map(({ length }) => arena.floats(length));
    this.transposed = mlp.kernels.map(({ length }) => arena.floats(length));
    [this.activations, this.squares, this.signals] = [0, 1, 2].map(() =>
      sizes.map((size) => arena.floats(ROWS * size)),
    );
    this.squaredSignal = arena.floats(ROWS * widest);
    for (let l = 1; l + 1 < sizes.length; l++)
      this.kernels.transpose(this.weights[2 * l].byteOffset, this.transposed[l].byteOffset, sizes[l], sizes[l + 1]);
  }

  forward(rows: number): void {
    const { sizes, activations, weights, kernels } = this;
    const layers = sizes.length - 1;
    for (let l = 0; l < layers; l++) {
      const [x, y] = [activations[l].byteOffset, activations[l + 1].byteOffset];
      const [w, b] = [weights[2 * l].byteOffset, weights[2 * l + 1].byteOffset];
      kernels.multiply(x, w, b, 0, y, rows, sizes[l], sizes[l + 1], l + 1 < layers ? TANH : LINEAR);
      square(activations[l], this.squares[l], rows * sizes[l]);
    }
  }

  /** Sends `signal` back from output `j` and adds the squared derivative of every weight. */
  addSquares(j: number, signal: number, rows: number): void {
    const { sizes, activations, squares, signals, squaredSignal, transposed, sums, kernels } = this;
    const last = sizes.length - 1;
    const outputs = sizes[last];
    signals[last].fill(0);
    for (let i = 0; i < rows; i++) signals[last][i * outputs + j] = signal;
    for (let l = last - 1; l >= 0; l--) {
      const dz = signals[l + 1].byteOffset;
      square(signals[l + 1], squaredSignal, rows * sizes[l + 1]);
      const [dw, db] = [sums[2 * l].byteOffset, sums[2 * l + 1].byteOffset];
      const z = squaredSignal.byteOffset;
      kernels.addWeightGradient(squares[l].byteOffset, z, dw, db, rows, sizes[l], sizes[l + 1]);
      if (l === 0) return;
      const [x, dx] = [activations[l].byteOffset, signals[l].byteOffset];
      kernels.multiply(dz, transposed[l].byteOffset, 0, x, dx, rows, sizes[l + 1], sizes[l], TANH_SLOPE);
    }
  }
}

function square(x: Float32Array, out: Float32Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = x[i] * x[i];
}

function filled(array: Float32Array, from: Float32Array): Float32Array {
  array.set(from);
  return array;
}
