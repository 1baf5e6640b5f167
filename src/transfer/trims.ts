import { ACTION_SIZE } from '../../envs/actions.ts';
import type { SelfFed } from './self-fed.ts';

/**
 * Logged actions less a share of each flight's own trim: of the mean by which they differ, motor by motor, from what the
 * policy does along that flight, over the mean of that over all flights.
 *
 * Each flight has a trim (propellers, battery, where the load sits) that its state hardly tells. Learnt from a handful of
 * flights as if it did, it is pinned on whatever else differs between them. This is a random effect of the flight, with
 * the expectation and the maximisation step taken in turn, once an epoch.
 *
 * @param logged `[n, 4]`, in the order of `flown`
 * @param share in [0, 1]; 0 learns the actions as they are, 1 only what varies within a flight and the mean of all
 * @see Laird and Ware 1982, Random-Effects Models for Longitudinal Data, https://doi.org/10.2307/2529876
 */
export function withoutTrims(logged: Float32Array, { actions, starts }: SelfFed, share: number): Float32Array {
  const trims = starts.slice(1).map((end, f) => meanDifference(logged, actions, starts[f], end));
  const overall = trims[0].map((_, a) => trims.reduce((sum, trim) => sum + trim[a], 0) / trims.length);
  const targets = logged.slice();
  trims.forEach((trim, f) => {
    for (let i = starts[f]; i < starts[f + 1]; i++)
      for (let a = 0; a < ACTION_SIZE; a++) targets[i * ACTION_SIZE + a] -= share * (trim[a] - overall[a]);
  });
  return targets;
}

function meanDifference(logged: Float32Array, actions: Float32Array, from: number, end: number): number[] {
  return Array.from({ length: ACTION_SIZE }, (_, a) => {
    let sum = 0;
    for (let i = from; i < end; i++) sum += logged[i * ACTION_SIZE + a] - actions[i * ACTION_SIZE + a];
    return sum / (end - from);
  });
}
