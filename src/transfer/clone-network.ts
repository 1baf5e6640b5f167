/** Samples of one kind, and how much they weigh in a step. */
export interface CloneBatch {
  /** Normalised observations, `[n, O]`. */
  obs: Float32Array;
  /** Actions to learn, `[n, A]`. */
  actions: Float32Array;
  n: number;
  /** Factor of their mean loss. */
  weight: number;
  /** For each hidden layer `[n, H]` what its output is multiplied by: 0 where a unit is dropped. */
  masks: Float32Array[] | null;
}

/** Loss of each batch, without its weight, and the gradient of all together. */
export interface CloneGradients {
  losses: number[];
  /** In the order of `mlpWeights`; overwritten by the next call. */
  gradients: Float32Array[];
}

/**
 * Differentiates `Σ_b weight_b · mean_n Σ_j precision_j (μ_j − a_j)²`, the negative log-likelihood of actions under the
 * policy's Gaussian, less its constant, with `precision_j = 1/(2σ_j²)`.
 */
export interface CloneNetwork {
  gradients(weights: Float32Array[], batches: CloneBatch[]): Promise<CloneGradients>;
  dispose(): void;
}
