import { fisherSums } from './fisher-kernels.ts';
import type { Mlp } from './mlp.ts';

/**
 * Diagonal of the Fisher information of a Gaussian policy with fixed spread, a mean over the given states.
 *
 * The action is `N(μ(s), diag(σ²))`, so the Fisher information is known without sampling actions:
 * `F_i = E_s Σ_j (∂μ_j/∂θ_i)² / σ_j²`. For one output `j` and one state, `∂μ_j/∂k[a,b] = x_a · δ_b` with the layer's
 * input `x` and the signal `δ` sent back through the network, so the squares factor too: `(x_a)² · (δ_b)²`.
 *
 * @param std standard deviation of each action, `[A]`, above 0
 * @param obs normalised observations, `[n, O]`
 * @param kernelBytes contents of `dist/kernels/dense.wasm`: thirty times as fast, with sums in float32
 * @returns not negative, one array for each of `mlpWeights(mlp)`; sums are kept in float64 where plain JavaScript adds
 * @throws RangeError when the shapes do not fit
 * @see Kirkpatrick et al. 2017, https://arxiv.org/abs/1612.00796; Martens 2020, https://arxiv.org/abs/1412.1193, section 5
 */
export function diagonalFisher(
  mlp: Mlp,
  std: ArrayLike<number>,
  obs: Float32Array,
  n: number,
  kernelBytes?: BufferSource,
): Float32Array[] {
  const { sizes } = mlp;
  const O = sizes[0];
  const A = sizes[sizes.length - 1];
  if (n < 1 || obs.length < n * O) throw new RangeError(`obs: expected n·O = ${n}·${O} numbers, got ${obs.length}`);
  if (std.length !== A) throw new RangeError(`std: expected ${A} numbers, got ${std.length}`);
  if (kernelBytes) return fisherSums(mlp, std, obs, n, kernelBytes).map((sum) => sum.map((x) => x / n));
  const sums = mlp.kernels.map((kernel, l) => ({
    kernel: new Float64Array(kernel.length),
    bias: new Float64Array(sizes[l + 1]),
  }));
  const activations = sizes.map((size) => new Float64Array(size));
  const signals = sizes.map((size) => new Float64Array(size));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < O; k++) activations[0][k] = obs[i * O + k];
    forward(mlp, activations);
    for (let j = 0; j < A; j++) {
      signals[signals.length - 1].fill(0)[j] = 1 / std[j];
      addSquares(mlp, activations, signals, sums);
    }
  }
  return sums.flatMap(({ kernel, bias }) => [
    Float32Array.from(kernel, (x) => x / n),
    Float32Array.from(bias, (x) => x / n),
  ]);
}

/** Fills `activations[1…]` from `activations[0]`, tanh on all but the last. */
function forward({ sizes, kernels, biases }: Mlp, activations: Float64Array[]): void {
  for (let l = 0; l < kernels.length; l++) {
    const x = activations[l];
    const y = activations[l + 1];
    const out = sizes[l + 1];
    for (let b = 0; b < out; b++) y[b] = biases[l][b];
    for (let a = 0; a < sizes[l]; a++) for (let b = 0; b < out; b++) y[b] += x[a] * kernels[l][a * out + b];
    if (l + 1 < kernels.length) for (let b = 0; b < out; b++) y[b] = Math.tanh(y[b]);
  }
}

/** Sends the last of `signals` back and adds the squared derivative of every weight to `sums`. */
function addSquares(
  { sizes, kernels }: Mlp,
  activations: Float64Array[],
  signals: Float64Array[],
  sums: { kernel: Float64Array; bias: Float64Array }[],
): void {
  for (let l = kernels.length - 1; l >= 0; l--) {
    const x = activations[l];
    const delta = signals[l + 1];
    const out = sizes[l + 1];
    for (let b = 0; b < out; b++) sums[l].bias[b] += delta[b] * delta[b];
    for (let a = 0; a < sizes[l]; a++) {
      const row = a * out;
      let back = 0;
      for (let b = 0; b < out; b++) {
        const derivative = x[a] * delta[b];
        sums[l].kernel[row + b] += derivative * derivative;
        back += kernels[l][row + b] * delta[b];
      }
      signals[l][a] = back * (1 - x[a] * x[a]); // tanh'; unused below the first layer
    }
  }
}
