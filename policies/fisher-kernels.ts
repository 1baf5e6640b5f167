import { Arena, alignedBytes, arenaPages } from './kernels/arena.ts';
import { instantiateKernels, type Kernels, TANH_SLOPE } from './kernels/load.ts';
import type { Mlp } from './mlp.ts';
import { MlpTraining, trainingBytes } from './mlp-training.ts';

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
    work.network.input.set(obs.subarray(at * O, (at + rows) * O));
    work.forward(rows);
    for (let j = 0; j < std.length; j++) work.addSquares(j, 1 / std[j], rows);
  }
  return work.network.gradients.map((sum) => sum.slice());
}

class Work {
  /** Its gradients are where the squares are added up. */
  readonly network: MlpTraining;
  private readonly squares: Float32Array[];
  private readonly squaredSignal: Float32Array;
  private readonly kernels: Kernels;

  constructor(mlp: Mlp, kernelBytes: BufferSource) {
    const { sizes } = mlp;
    const more = [...sizes, Math.max(...sizes)].map((size) => 4 * ROWS * size);
    const bytes = more.reduce((sum, each) => sum + alignedBytes(each), trainingBytes(sizes, ROWS, 0));
    const arena = new Arena(new WebAssembly.Memory({ initial: arenaPages(bytes) }));
    this.kernels = instantiateKernels(kernelBytes, arena.memory);
    this.network = new MlpTraining(sizes, ROWS, 0, arena, this.kernels);
    this.squares = sizes.map((size) => arena.floats(ROWS * size));
    this.squaredSignal = arena.floats(ROWS * Math.max(...sizes));
    this.network.load(mlp);
    this.network.begin();
  }

  forward(rows: number): void {
    const { sizes, activations } = this.network;
    this.network.forward(rows);
    for (let l = 0; l + 1 < sizes.length; l++) square(activations[l], this.squares[l], rows * sizes[l]);
  }

  /** Sends `signal` back from output `j` and adds the squared derivative of every weight. */
  addSquares(j: number, signal: number, rows: number): void {
    const { squares, squaredSignal, kernels } = this;
    const { sizes, activations, deltas, transposed, gradients } = this.network;
    const last = sizes.length - 1;
    const outputs = sizes[last];
    deltas[last].fill(0);
    for (let i = 0; i < rows; i++) deltas[last][i * outputs + j] = signal;
    for (let l = last - 1; l >= 0; l--) {
      square(deltas[l + 1], squaredSignal, rows * sizes[l + 1]);
      const [x, z] = [squares[l].byteOffset, squaredSignal.byteOffset];
      const [dw, db] = [gradients[2 * l].byteOffset, gradients[2 * l + 1].byteOffset];
      kernels.addWeightGradient(x, z, dw, db, rows, sizes[l], sizes[l + 1]);
      if (l === 0) return;
      const [dz, dx] = [deltas[l + 1].byteOffset, deltas[l].byteOffset];
      const [w, h] = [transposed[l].byteOffset, activations[l].byteOffset];
      kernels.multiply(dz, w, 0, h, dx, rows, sizes[l + 1], sizes[l], TANH_SLOPE);
    }
  }
}

function square(x: Float32Array, out: Float32Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = x[i] * x[i];
}
