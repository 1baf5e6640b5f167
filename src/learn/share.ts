/** Where share `k` of `n` things begins when `parts` divide them. */
export function share(n: number, k: number, parts: number): number {
  return Math.floor((n * k) / parts);
}
