import { type Arena, alignedBytes } from './kernels/arena.ts';
import { type Kernels, LINEAR, TANH, TANH_SLOPE } from './kernels/load.ts';
import { type Mlp, mlpFromWeights, mlpWeights } from './mlp.ts';

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * A multilayer perceptron that learns by the compiled kernels alone, without TF.js and without allocation: forward,
 * backward and Adam in one memory, which threads may share.
 *
 * One step on a minibatch: {@link begin}, then for each part of at most `maxRows` rows fill {@link input},
 * {@link forward}, overwrite {@link output} with the gradient of the loss, {@link backward}; then {@link step}.
 */
export class MlpTraining {
  readonly sizes: readonly number[];
  readonly maxRows: number;
  /** `[maxRows, sizes[0]]` */
  readonly input: Float32Array;
  /** `[maxRows, sizes.at(-1)]`: what {@link forward} gives, and where {@link backward} takes its gradient from. */
  readonly output: Float32Array;
  /** Views of the weights: k0, b0, k1, b1, …, then `extra` parameters. */
  readonly weights: readonly Float32Array[];
  /** Their gradients; those of `extra` are the caller's to add to. */
  readonly gradients: readonly Float32Array[];
  /** Weights in one piece with the gaps between them, as Adam takes them. */
  private readonly all: Float32Array;
  private readonly allGradients: Float32Array;
  private readonly means: Float32Array;
  private readonly squares: Float32Array;
  private readonly steps: Uint32Array;
  /** `[maxRows, sizes[l]]` of each layer, the input first: what {@link forward} leaves. */
  readonly activations: readonly Float32Array[];
  /** Room for signals on their way back, shaped as `activations`. */
  readonly deltas: readonly Float32Array[];
  /** Kernels with rows and columns exchanged, from {@link begin} on; that of the first layer is not used. */
  readonly transposed: readonly Float32Array[];
  private readonly kernels: Kernels;

  /**
   * @param extra further parameters that take part in the optimiser's step, such as log standard deviations
   * @param arena with room for {@link trainingBytes}
   */
  constructor(sizes: readonly number[], maxRows: number, extra: number, arena: Arena, kernels: Kernels) {
    this.sizes = [...sizes];
    this.maxRows = maxRows;
    this.kernels = kernels;
    const lengths = parameterLengths(sizes, extra);
    const total = parameterTotal(lengths);
    [this.all, this.allGradients, this.means, this.squares] = [0, 1, 2, 3].map(() => arena.floats(total));
    this.steps = arena.words(1);
    this.weights = split(this.all, lengths);
    this.gradients = split(this.allGradients, lengths);
    this.activations = sizes.map((size) => arena.floats(size * maxRows));
    this.deltas = sizes.map((size) => arena.floats(size * maxRows));
    this.transposed = sizes.slice(1).map((size, l) => arena.floats(sizes[l] * size));
    this.input = this.activations[0];
    this.output = this.activations[sizes.length - 1];
  }

  /** Steps taken so far. */
  get t(): number {
    return this.steps[0];
  }

  load(mlp: Mlp, extra?: ArrayLike<number>): void {
    mlpWeights(mlp).forEach((array, i) => this.weights[i].set(array));
    if (extra) this.weights[this.weights.length - 1].set(extra);
  }

  /** A copy of the network as it is now. */
  mlp(): Mlp {
    return mlpFromWeights(
      [...this.sizes],
      this.weights.slice(0, 2 * this.layers).map((array) => Float32Array.from(array)),
    );
  }

  /** Forgets the gradients of the last minibatch, and gets ready to send signals back through the weights as they are. */
  begin(): void {
    this.allGradients.fill(0);
    for (let l = 1; l < this.layers; l++)
      this.kernels.transpose(
        this.weights[2 * l].byteOffset,
        this.transposed[l].byteOffset,
        this.sizes[l],
        this.sizes[l + 1],
      );
  }

  /** Computes {@link output} of the first `n` rows of {@link input}. */
  forward(n: number): void {
    const { sizes, activations, weights, kernels, layers } = this;
    for (let l = 0; l < layers; l++) {
      const x = activations[l].byteOffset;
      const y = activations[l + 1].byteOffset;
      const then = l + 1 < layers ? TANH : LINEAR;
      const w = weights[2 * l].byteOffset;
      kernels.multiply(x, w, weights[2 * l + 1].byteOffset, 0, y, n, sizes[l], sizes[l + 1], then);
    }
  }

  /** Adds the gradients of the weights, from that of the loss with regard to the output, in {@link output}. */
  backward(n: number): void {
    const { sizes, activations, deltas, transposed, gradients, kernels, layers } = this;
    let dz = this.output.byteOffset;
    for (let l = layers - 1; l >= 0; l--) {
      const x = activations[l].byteOffset;
      const dw = gradients[2 * l].byteOffset;
      kernels.addWeightGradient(x, dz, dw, gradients[2 * l + 1].byteOffset, n, sizes[l], sizes[l + 1]);
      if (l === 0) return;
      const dx = deltas[l].byteOffset;
      kernels.multiply(dz, transposed[l].byteOffset, 0, x, dx, n, sizes[l + 1], sizes[l], TANH_SLOPE);
      dz = dx;
    }
  }

  /**
   * One step of Adam down the gradients, scaled down so that their global norm is at most `maxGradNorm`.
   *
   * @returns the norm before
   * @see Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1
   */
  step(learningRate: number, maxGradNorm: number): number {
    const { all, allGradients, means, squares, kernels } = this;
    const { beta1, beta2, epsilon } = ADAM;
    const t = ++this.steps[0];
    const norm = Math.sqrt(kernels.sumSquares(allGradients.byteOffset, all.length));
    kernels.adam(
      all.byteOffset,
      allGradients.byteOffset,
      means.byteOffset,
      squares.byteOffset,
      all.length,
      norm > maxGradNorm ? maxGradNorm / norm : 1,
      learningRate / (1 - beta1 ** t),
      1 / Math.sqrt(1 - beta2 ** t),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
    );
    return norm;
  }

  /** All that decides how learning goes on, copies: weights, Adam's means and squares, steps taken. */
  state(): (Float32Array | Uint32Array)[] {
    return [this.all, this.means, this.squares, this.steps].map((part) => part.slice());
  }

  /**
   * Puts back what {@link state} gave.
   *
   * @throws RangeError when it belongs to a network of another size
   */
  restore(state: ArrayLike<number>[]): void {
    [this.all, this.means, this.squares, this.steps].forEach((part, i) => {
      if (state[i]?.length !== part.length)
        throw new RangeError(`state[${i}]: expected ${part.length} numbers, got ${state[i]?.length}`);
      part.set(state[i]);
    });
  }

  private get layers(): number {
    return this.sizes.length - 1;
  }
}

/** What an {@link MlpTraining} takes of its arena. */
export function trainingBytes(sizes: readonly number[], maxRows: number, extra: number): number {
  const floats = [
    ...Array<number>(4).fill(parameterTotal(parameterLengths(sizes, extra))),
    1,
    ...sizes.flatMap((size) => [size * maxRows, size * maxRows]),
    ...sizes.slice(1).map((size, l) => sizes[l] * size),
  ];
  return floats.reduce((sum, length) => sum + alignedBytes(4 * length), 0);
}

function parameterLengths(sizes: readonly number[], extra: number): number[] {
  const layers = sizes.slice(1).flatMap((out, l) => [sizes[l] * out, out]);
  return extra > 0 ? [...layers, extra] : layers;
}

/** With each array's gap: gradients there stay zero, and so do the numbers. */
function parameterTotal(lengths: number[]): number {
  return lengths.reduce((sum, length) => sum + alignedBytes(4 * length) / 4, 0);
}

function split(all: Float32Array, lengths: number[]): Float32Array[] {
  let at = 0;
  return lengths.map((length) => {
    const part = all.subarray(at, at + length);
    at += alignedBytes(4 * length) / 4;
    return part;
  });
}
