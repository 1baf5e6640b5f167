/** To zero mean and unit variance, as is usual for PPO. */
export function toUnitVariance(
  values: Float32Array,
  out: Float32Array = new Float32Array(values.length),
): Float32Array {
  const { mean, variance } = moments(values);
  const scale = 1 / (Math.sqrt(variance) + 1e-8);
  for (let i = 0; i < values.length; i++) out[i] = (values[i] - mean) * scale;
  return out;
}

/** Mean and variance. */
export function moments(values: ArrayLike<number>): { mean: number; variance: number } {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i] / values.length;
  let variance = 0;
  for (let i = 0; i < values.length; i++) variance += (values[i] - mean) ** 2 / values.length;
  return { mean, variance };
}

/** 1 − Var(returns − values) / Var(returns): 1 is a perfect critic, 0 one that knows nothing. */
export function explainedVariance(returns: Float32Array, values: Float32Array): number {
  const { variance } = moments(returns);
  if (variance === 0) return 0;
  return 1 - moments(returns.map((r, i) => r - values[i])).variance / variance;
}
