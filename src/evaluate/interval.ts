/**
 * The 95 % confidence interval of a rate, Wilson's score interval: it stays within [0, 1] and holds near its ends.
 *
 * @see Wilson 1927, Probable inference, the law of succession, and statistical inference
 */
export function wilson95(successes: number, trials: number): [low: number, high: number] {
  const z = 1.959964;
  const p = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / denominator;
  const half = (z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))) / denominator;
  // at the ends the bound is exact, and rounding would leave 4e-19 there
  return [successes === 0 ? 0 : Math.max(0, centre - half), successes === trials ? 1 : Math.min(1, centre + half)];
}
