import { diagonalFisher } from '../../policies/fisher.ts';
import type { Mlp } from '../../policies/mlp.ts';
import { kernelBytes } from '../backend/kernels.ts';

/** Bounds the scale of a weight that nothing depends on. */
const FLOOR = 1e-3;

/**
 * How far each weight may go in one step: its spread, were everything Gaussian, given flights and source task.
 *
 * `s_i = 1/√(F_i + w·F*_i + ε)` with the Fisher information of the flights and of the source task, in units in which an
 * output's bias has scale 1. Adam takes steps of one size in every weight. As the weights are, that is too short for
 * fields that hardly move in calm flight, and far too long for weights that EWC holds: those would do nothing but jump
 * from one side of the anchor to the other. In units of `s_i` one step size suits all.
 *
 * @param std of the policy's actions, `[A]`
 * @param obs normalised observations along the flights, `[n, O]`
 * @param kept Fisher information of each earlier task
 * @param weight how much these weigh (λ and rehearsal together)
 * @returns like `mlpWeights(mlp)`
 */
export function stepScales(
  mlp: Mlp,
  std: number[],
  obs: Float32Array,
  kept: Float32Array[][],
  weight: number,
): Float32Array[] {
  const O = mlp.sizes[0];
  const flights = diagonalFisher(mlp, std, thinned(obs, O), Math.min(SAMPLES, obs.length / O), kernelBytes());
  const unit = std.reduce((sum, sigma) => sum + 1 / (sigma * sigma), 0) / std.length;
  return flights.map((array, i) =>
    array.map((f, k) => {
      const held = kept.reduce((sum, fisher) => sum + fisher[i][k], 0);
      return Math.sqrt(unit / (f + weight * held + FLOOR * unit));
    }),
  );
}

const SAMPLES = 1024;

/** Rows spread evenly over all. */
function thinned(obs: Float32Array, O: number): Float32Array {
  const n = obs.length / O;
  const count = Math.min(SAMPLES, n);
  const out = new Float32Array(count * O);
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * n) / count);
    out.set(obs.subarray(row * O, (row + 1) * O), i * O);
  }
  return out;
}
