import { ACTION_SIZE } from '../../envs/actions.ts';
import type { Contract } from '../../policies/contract.ts';

/** What a policy costs where it runs, counted from its contract. */
export interface Budget {
  /** Weights and biases. */
  parameters: number;
  /** Multiply-adds of the network in one control step. */
  multiplyAdds: number;
  /** Bytes of constants in the C code: weights, padded to blocks of four outputs, and normaliser. */
  flashBytes: number;
  /** Bytes of `windhover_state`: what the policy remembers of one vehicle, and its working memory. */
  ramBytes: number;
}

/**
 * Instructions on a Cortex-M4 for each multiply-add, all else of a step included: 4.00 to 4.05 by
 * `node --import tsx test/bench/export.ts` for the zoo's networks.
 */
export const CORTEX_M4_INSTRUCTIONS = 4;

/** Outputs that the C code computes side by side. */
export const BLOCK = 4;

/** Bytes of a float. */
const FLOAT = 4;

/** Counts what the policy of a contract costs. */
export function budgetOf({ observation, network: { sizes } }: Contract): Budget {
  const layers = sizes.slice(1).map((outputs, l) => ({ inputs: sizes[l], outputs }));
  const sum = (count: (layer: { inputs: number; outputs: number }) => number) =>
    layers.reduce((total, layer) => total + count(layer), 0);
  const { actionHistory, actionAverages_s, stateAverages_s } = observation.spec;
  const remembered = ACTION_SIZE * (actionHistory + actionAverages_s.length) + 12 * stateAverages_s.length;
  return {
    parameters: sum(({ inputs, outputs }) => (inputs + 1) * outputs),
    multiplyAdds: sum(({ inputs, outputs }) => inputs * outputs),
    flashBytes: FLOAT * (sum(({ inputs, outputs }) => (inputs + 1) * padded(outputs)) + 2 * observation.size),
    ramBytes: FLOAT * (remembered + 2 * widest(sizes)),
  };
}

/** Outputs of a layer, filled up to whole blocks. */
export function padded(outputs: number): number {
  return Math.ceil(outputs / BLOCK) * BLOCK;
}

/** Numbers that hold any layer's values. */
export function widest(sizes: readonly number[]): number {
  return Math.max(...sizes.map(padded));
}
