/** The 95 % confidence interval of a rate. */
export function wilson95(successes: number, trials: number): [low: number, high: number] {
  return wilson(successes, trials, 1.959964);
}

/**
 * A confidence interval of a rate, Wilson's score interval: it stays within [0, 1] and holds near its ends.
 *
 * @param z of the standard normal distribution: 1.96 for 95 %, 3.29 for 99.9 %
 * @see Wilson 1927, Probable inference, the law of succession, and statistical inference
 */
export function wilson(successes: number, trials: number, z: number): [low: number, high: number] {
  const p = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / denominator;
  const half = (z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))) / denominator;
  // at the ends the bound is exact, and rounding would leave 4e-19 there
  return [successes === 0 ? 0 : Math.max(0, centre - half), successes === trials ? 1 : Math.min(1, centre + half)];
}
