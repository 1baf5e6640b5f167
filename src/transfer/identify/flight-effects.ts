import { inverse, Matrix } from 'ml-matrix';
import { rotateInverse } from '../../../envs/quaternion.ts';
import type { FlightData } from './flight-data.ts';
import { type Look, width } from './residuals.ts';
import { shapes } from './shapes.ts';

/** What each flight has of its own: thrust as a ratio, and the pull of a steady wind to east and north. */
export const EFFECTS = 3;

const NOTHING = [0, 0, 0];

/** How far flights of one vehicle differ: standard deviations of thrust [1] and of the wind's pull [m/s²]. */
export type EffectSizes = readonly [number, number, number];

/**
 * How a flight's own wind shows in the features of its translation windows, `[W · F, 3]`: a straight line in velocity,
 * so only in the shapes of degree 1. The first column, for its thrust, is left to be found by replay.
 */
export function windColumns(look: Look, flights: FlightData[]): Float64Array {
  const { windows, steps, stride, degrees } = look;
  const F = width(look);
  const S = Math.floor(steps / stride) + 1;
  const out = new Float64Array(windows.length * F * EFFECTS);
  if (degrees[0] > 1) return out;
  const line = shapes(S, 2)[1];
  windows.forEach(({ flight, from }, w) => {
    const { quaternion, rateHz } = flights[flight];
    const slope = line.reduce((sum, q, s) => sum + (q * s * stride) / rateHz, 0);
    const middle = quaternion!.map((column) => column[from + (steps >> 1)]);
    const row = (k: number) => (w * F + (1 - degrees[0]) * 3 + k) * EFFECTS;
    [1, 2].forEach((effect) => {
      const pull = rotateInverse(middle, effect === 1 ? [1, 0, 0] : [0, 1, 0], [0, 0, 0]);
      for (let k = 0; k < 3; k++) out[row(k) + effect] = pull[k] * slope;
    });
  });
  return out;
}

/** One flight's rows of a weighted problem, from which its own effects can be taken out. */
export class FlightEffects {
  private readonly rows: Int32Array;
  private readonly columns: Float64Array;
  private readonly solve: Matrix;
  private readonly sizes: EffectSizes;

  /**
   * @param rows which rows of the problem are the flight's
   * @param columns the effects in these rows, weighted as they are, `[rows, 3]`
   */
  constructor(rows: Int32Array, columns: Float64Array, sizes: EffectSizes) {
    this.rows = rows;
    this.columns = columns;
    this.sizes = sizes;
    const normal = Matrix.zeros(EFFECTS, EFFECTS);
    for (let r = 0; r < rows.length; r++)
      for (let a = 0; a < EFFECTS; a++)
        for (let b = 0; b < EFFECTS; b++)
          normal.set(a, b, normal.get(a, b) + columns[r * EFFECTS + a] * columns[r * EFFECTS + b]);
    for (let a = 0; a < EFFECTS; a++) normal.set(a, a, normal.get(a, a) + 1 / sizes[a] ** 2);
    this.solve = inverse(normal);
  }

  /**
   * The effects that explain weighted errors best, each held to its size: their posterior mean.
   *
   * @param already what the errors were found with, `[3]`: the result comes on top of it
   */
  estimate(errors: ArrayLike<number>, already: ArrayLike<number> = NOTHING): number[] {
    const { rows, columns, sizes } = this;
    const right = Float64Array.from({ length: EFFECTS }, (_, a) => -already[a] / sizes[a] ** 2);
    for (let r = 0; r < rows.length; r++)
      for (let a = 0; a < EFFECTS; a++) right[a] += columns[r * EFFECTS + a] * errors[rows[r]];
    return Array.from({ length: EFFECTS }, (_, a) => {
      let sum = 0;
      for (let b = 0; b < EFFECTS; b++) sum += this.solve.get(a, b) * right[b];
      return sum;
    });
  }

  /** Takes the effects out of `errors`, in place, and writes what they cost in all to `price`, `[3]` at `at`. */
  remove(errors: Float64Array, price: Float64Array, at: number, already: ArrayLike<number> = NOTHING): void {
    const { rows, columns, sizes } = this;
    const effects = this.estimate(errors, already);
    for (let r = 0; r < rows.length; r++)
      for (let a = 0; a < EFFECTS; a++) errors[rows[r]] -= columns[r * EFFECTS + a] * effects[a];
    for (let a = 0; a < EFFECTS; a++) price[at + a] = (already[a] + effects[a]) / sizes[a];
  }

  /** Posterior variance of an effect. */
  variance(effect: number): number {
    return this.solve.get(effect, effect);
  }
}
