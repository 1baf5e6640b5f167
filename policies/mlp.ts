import type { Rng } from '../envs/rng.ts';

/**
 * The weights of a multilayer perceptron with tanh on its hidden layers and a linear output, as plain arrays.
 *
 * Layer `l` computes `x · kernels[l] + biases[l]`; `kernels[l]` is row-major `[sizes[l], sizes[l + 1]]`,
 * the layout of a TF.js dense layer.
 */
export interface Mlp {
  /** Widths from input to output, for example `[48, 64, 64, 4]`. */
  sizes: number[];
  kernels: Float32Array[];
  biases: Float32Array[];
}

/**
 * A new network with Glorot-uniform kernels and zero biases.
 *
 * @param outputScale shrinks the last layer: a policy that starts near its mean action learns to fly sooner
 * @see Glorot and Bengio 2010, equation 16
 */
export function createMlp(sizes: number[], rng: Rng, outputScale = 1): Mlp {
  const kernels: Float32Array[] = [];
  const biases: Float32Array[] = [];
  for (let l = 0; l + 1 < sizes.length; l++) {
    const scale = l + 2 === sizes.length ? outputScale : 1;
    const limit = scale * Math.sqrt(6 / (sizes[l] + sizes[l + 1]));
    kernels.push(Float32Array.from({ length: sizes[l] * sizes[l + 1] }, () => rng.uniform(-limit, limit)));
    biases.push(new Float32Array(sizes[l + 1]));
  }
  return { sizes: [...sizes], kernels, biases };
}

/** A copy that shares no memory. */
export function copyMlp(mlp: Mlp): Mlp {
  return {
    sizes: [...mlp.sizes],
    kernels: mlp.kernels.map((kernel) => kernel.slice()),
    biases: mlp.biases.map((bias) => bias.slice()),
  };
}

/** All weights in the order k0, b0, k1, b1, …: the order of `weights.bin`, of `fisher.bin` and of the optimiser. */
export function mlpWeights(mlp: Mlp): Float32Array[] {
  return mlp.kernels.flatMap((kernel, l) => [kernel, mlp.biases[l]]);
}

/** The inverse of {@link mlpWeights}; the arrays are taken over, not copied. */
export function mlpFromWeights(sizes: number[], weights: Float32Array[]): Mlp {
  const mlp: Mlp = { sizes: [...sizes], kernels: [], biases: [] };
  for (let l = 0; l + 1 < sizes.length; l++) {
    mlp.kernels.push(weights[2 * l]);
    mlp.biases.push(weights[2 * l + 1]);
  }
  return mlp;
}
