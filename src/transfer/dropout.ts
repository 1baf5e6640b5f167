import type { Rng } from '../../envs/rng.ts';

/**
 * What the outputs of each hidden layer are multiplied by: 0 with probability `p`, else `1/(1−p)`, so that their mean
 * stays and nothing changes in flight.
 *
 * @param sizes of the network; hidden layer `l` has `sizes[l + 1]` units
 * @returns one `[n, H]` for each hidden layer
 * @see Srivastava et al. 2014, Dropout, https://jmlr.org/papers/v15/srivastava14a.html, section 10 (inverted scaling)
 */
export function dropoutMasks(sizes: number[], n: number, p: number, rng: Rng): Float32Array[] {
  const kept = 1 / (1 - p);
  return sizes.slice(1, -1).map((H) => {
    const mask = new Float32Array(n * H);
    for (let k = 0; k < mask.length; k++) mask[k] = rng.uniform() < p ? 0 : kept;
    return mask;
  });
}
