import { Arena, arenaPages } from '../../policies/kernels/arena.ts';
import { instantiateKernels, type Kernels, LINEAR, TANH, TANH_SLOPE } from '../../policies/kernels/load.ts';
import { mlpFromWeights } from '../../policies/mlp.ts';
import { MlpTraining, trainingBytes } from '../../policies/mlp-training.ts';
import type { CloneBatch, CloneGradients, CloneNetwork } from './clone-network.ts';

/** Rows at a time, so that everything stays in the second-level cache. */
const ROWS = 128;

/** Forward and backward by the compiled kernels; some ten times as fast as TF.js at batches of a few hundred. */
export class KernelNetwork implements CloneNetwork {
  private readonly network: MlpTraining;
  private readonly kernels: Kernels;
  private readonly precision: number[];
  /** Outputs of the hidden layers before units were dropped, `[ROWS, H]`: what the slope of tanh is told by. */
  private readonly whole: Float32Array[];

  constructor(sizes: number[], precision: number[], kernelBytes: BufferSource) {
    const hidden = sizes.slice(1, -1);
    const bytes = trainingBytes(sizes, ROWS, 0) + hidden.reduce((sum, size) => sum + 4 * ROWS * size + 64, 0);
    const arena = new Arena(new WebAssembly.Memory({ initial: arenaPages(bytes) }));
    this.kernels = instantiateKernels(kernelBytes, arena.memory);
    this.network = new MlpTraining(sizes, ROWS, 0, arena, this.kernels);
    this.whole = hidden.map((size) => arena.floats(ROWS * size));
    this.precision = precision;
  }

  async gradients(weights: Float32Array[], batches: CloneBatch[]): Promise<CloneGradients> {
    const { network } = this;
    network.load(mlpFromWeights([...network.sizes], weights));
    network.begin();
    const losses = batches.map((batch) => this.add(batch));
    return { losses, gradients: network.gradients as Float32Array[] };
  }

  private add(batch: CloneBatch): number {
    let loss = 0;
    for (let from = 0; from < batch.n; from += ROWS) {
      const rows = Math.min(ROWS, batch.n - from);
      this.forward(batch, from, rows);
      loss += this.differ(batch, from, rows);
      this.backward(batch, from, rows);
    }
    return loss / batch.n;
  }

  private forward({ obs, masks }: CloneBatch, from: number, rows: number): void {
    const { sizes, input, activations, weights } = this.network;
    const [O, last] = [sizes[0], sizes.length - 1];
    input.set(obs.subarray(from * O, (from + rows) * O));
    for (let l = 0; l < last; l++) {
      const [x, y] = [activations[l].byteOffset, activations[l + 1].byteOffset];
      const [w, b] = [weights[2 * l].byteOffset, weights[2 * l + 1].byteOffset];
      this.kernels.multiply(x, w, b, 0, y, rows, sizes[l], sizes[l + 1], l + 1 < last ? TANH : LINEAR);
      if (!masks || l + 1 === last) continue;
      const count = rows * sizes[l + 1];
      this.whole[l].set(activations[l + 1].subarray(0, count));
      drop(activations[l + 1], masks[l], from * sizes[l + 1], count);
    }
  }

  /** Turns the output into the loss's gradient; returns the loss summed over the rows. */
  private differ({ actions, n, weight }: CloneBatch, from: number, rows: number): number {
    const { output } = this.network;
    const A = this.precision.length;
    let loss = 0;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < A; j++) {
        const at = i * A + j;
        const error = output[at] - actions[(from + i) * A + j];
        loss += this.precision[j] * error * error;
        output[at] = (2 * weight * this.precision[j] * error) / n;
      }
    return loss;
  }

  private backward({ masks }: CloneBatch, from: number, rows: number): void {
    const { sizes, activations, deltas, transposed, gradients, output } = this.network;
    let dz = output.byteOffset;
    for (let l = sizes.length - 2; l >= 0; l--) {
      const [dw, db] = [gradients[2 * l].byteOffset, gradients[2 * l + 1].byteOffset];
      this.kernels.addWeightGradient(activations[l].byteOffset, dz, dw, db, rows, sizes[l], sizes[l + 1]);
      if (l === 0) return;
      const [h, dx] = [(masks ? this.whole[l - 1] : activations[l]).byteOffset, deltas[l].byteOffset];
      const wT = transposed[l].byteOffset;
      this.kernels.multiply(dz, wT, 0, h, dx, rows, sizes[l + 1], sizes[l], TANH_SLOPE);
      if (masks) drop(deltas[l], masks[l - 1], from * sizes[l], rows * sizes[l]);
      dz = dx;
    }
  }

  dispose(): void {}
}

function drop(values: Float32Array, mask: Float32Array, from: number, count: number): void {
  for (let k = 0; k < count; k++) values[k] *= mask[from + k];
}
