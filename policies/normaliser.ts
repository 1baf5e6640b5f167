/** Brings observations to zero mean and unit spread, field by field, and bounds them. */
export interface Normaliser {
  /** `[O]`, in the fields' own units */
  mean: number[];
  /** `[O]`, above 0 */
  std: number[];
  /** Normalised values are kept within ±clip. */
  clip: number;
}

/**
 * Normalises `n` observations.
 *
 * @param obs `[n, O]` in physical units
 * @param out `[n, stride]`, the first `O` numbers of each row are written; may be `obs` itself where stride is O
 */
export function normalise(
  normaliser: Normaliser,
  obs: Float32Array,
  n: number,
  out: Float32Array,
  obsOffset = 0,
  stride = normaliser.mean.length,
): void {
  const { mean, std, clip } = normaliser;
  const O = mean.length;
  for (let i = 0; i < n; i++) {
    const from = obsOffset + i * O;
    const to = i * stride;
    for (let k = 0; k < O; k++) {
      const x = (obs[from + k] - mean[k]) / std[k];
      out[to + k] = x < -clip ? -clip : x > clip ? clip : x;
    }
  }
}
