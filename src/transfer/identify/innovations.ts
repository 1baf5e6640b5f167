import { inverse, Matrix } from 'ml-matrix';
import type { Window } from './replay.ts';

/** Windows whose errors are foretold, sample by sample, from the ones just before. */
export interface Listening {
  windows: Window[];
  steps: number;
  stride: number;
  /** So many changes of a window's start only serve to foretell the later ones. */
  memory: number;
}

/** How errors go on, as fitted to some. */
export interface Foretelling {
  /** Of each axis's last `memory` changes, newest first: `[3][memory]`. */
  weights: Float64Array[];
  /** Inverse of the equations that the weights solve, an axis at a time. */
  inner: Matrix[];
  /** What it was fitted to: `[3][W][S - 1]`. */
  changes: Float64Array[][];
}

/** Changes that are larger by so much than usual are knocks and tell nothing of how errors go on. */
const KNOCK = 8;
/** Keeps the equations solvable where there is little but noise: a share of the changes' variance. */
const RIDGE = 1e-4;

/** Samples of a window. */
function samplesOf({ steps, stride }: Listening): number {
  return Math.floor(steps / stride) + 1;
}

/** Features of one window: three axes times the changes that are foretold. */
export function heardWidth(look: Listening): number {
  return 3 * (samplesOf(look) - 1 - look.memory);
}

/**
 * Fits how errors go on: each change of the error in the body rate, which is what torque the model lacked for a moment, by
 * least squares on the `memory` changes before it, each window less its flight's mean. An autoregression, axis by axis.
 *
 * @param gaps measured minus modelled body rates, `[W, S, 3]`
 */
export function foretellingOf(gaps: Float64Array, look: Listening): Foretelling {
  const changes = [0, 1, 2].map((axis) => changesOf(gaps, look, axis));
  const each = changes.map((windows) => fitted(windows, look.memory));
  return { weights: each.map(({ weights }) => weights), inner: each.map(({ inner }) => inner), changes };
}

function fitted(changes: Float64Array[], memory: number): { weights: Float64Array; inner: Matrix } {
  const limit = KNOCK * usual(changes);
  const normal = new Float64Array(memory * memory); // its lower half
  const right = new Float64Array(memory);
  const past = new Float64Array(memory);
  let rows = 0;
  for (const window of changes)
    for (let s = memory; s < window.length; s++) {
      let most = Math.abs(window[s]);
      for (let j = 0; j < memory; j++) {
        past[j] = window[s - 1 - j];
        most = Math.max(most, Math.abs(past[j]));
      }
      if (!(most <= limit)) continue;
      rows++;
      for (let a = 0; a < memory; a++) {
        right[a] += past[a] * window[s];
        for (let b = 0; b <= a; b++) normal[a * memory + b] += past[a] * past[b];
      }
    }
  if (rows <= 2 * memory || normal[0] === 0)
    return { weights: new Float64Array(memory), inner: Matrix.zeros(memory, memory) };
  const inner = inverseOf(normal, memory);
  return { weights: Float64Array.from(inner.mmul(Matrix.columnVector(Array.from(right))).to1DArray()), inner };
}

function inverseOf(lower: Float64Array, n: number): Matrix {
  const ridge = RIDGE * lower[0];
  const normal = Matrix.zeros(n, n);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) normal.set(a, b, lower[Math.max(a, b) * n + Math.min(a, b)] + (a === b ? ridge : 0));
  return inverse(normal);
}

/**
 * What of each change of the error nothing before it foretold, `[W, F]`, x y z of the first moment first; linear in `gaps`.
 *
 * A vehicle under feedback is steered against what disturbed it a moment ago, so that commands and disturbances go
 * together. Least squares of plain errors then credit the vehicle with the controller's doing; of what could not be foretold
 * they don't, since no controller answers a disturbance before it comes: the direct approach to closed loops, consistent as
 * far as the foretelling is right.
 *
 * @see Ljung 1999, System Identification, 2nd ed., §13.4 and §10.3 (high-order autoregressions)
 */
export function innovationsOf(gaps: Float64Array, look: Listening, foretelling: Foretelling): Float64Array {
  const { windows, memory } = look;
  const F = heardWidth(look);
  const out = new Float64Array(windows.length * F);
  for (let axis = 0; axis < 3; axis++) {
    const weights = foretelling.weights[axis];
    changesOf(gaps, look, axis).forEach((change, w) => {
      for (let s = memory; s < change.length; s++) {
        let left = change[s];
        for (let j = 0; j < memory; j++) left -= weights[j] * change[s - 1 - j];
        out[w * F + (s - memory) * 3 + axis] = left;
      }
    });
  }
  return out;
}

/**
 * Slopes of innovations along a parameter, `[W, F]`: how errors go on is fitted anew wherever the parameter is, which takes
 * from the slopes what the errors before explain of them.
 *
 * @param gapSlopes of the gaps that `foretelling` was fitted to
 * @see Golub and Pereyra 1973, https://doi.org/10.1137/0710036 (variable projection), in Kaufman's simplification of 1975
 */
export function innovationSlopes(gapSlopes: Float64Array, look: Listening, foretelling: Foretelling): Float64Array {
  const { memory } = look;
  const out = innovationsOf(gapSlopes, look, foretelling);
  const F = heardWidth(look);
  foretelling.changes.forEach((windows, axis) => {
    const along = new Float64Array(memory);
    windows.forEach((change, w) => {
      for (let s = memory; s < change.length; s++) {
        const slope = out[w * F + (s - memory) * 3 + axis];
        for (let j = 0; j < memory; j++) along[j] += change[s - 1 - j] * slope;
      }
    });
    const share = foretelling.inner[axis].mmul(Matrix.columnVector(Array.from(along))).to1DArray();
    windows.forEach((change, w) => {
      for (let s = memory; s < change.length; s++)
        for (let j = 0; j < memory; j++) out[w * F + (s - memory) * 3 + axis] -= share[j] * change[s - 1 - j];
    });
  });
  return out;
}

/** From sample to sample, `[W][S - 1]`, less the flight's mean: its trim. */
function changesOf(gaps: Float64Array, look: Listening, axis: number): Float64Array[] {
  const S = samplesOf(look);
  const sums = new Map<number, { sum: number; n: number }>();
  look.windows.forEach(({ flight }, w) => {
    const own = sums.get(flight) ?? { sum: 0, n: 0 };
    own.sum += gaps[(w * S + S - 1) * 3 + axis] - gaps[w * S * 3 + axis];
    own.n += S - 1;
    sums.set(flight, own);
  });
  return look.windows.map(({ flight }, w) => {
    const { sum, n } = sums.get(flight)!;
    return Float64Array.from({ length: S - 1 }, (_, s) => {
      const at = (w * S + s) * 3 + axis;
      return gaps[at + 3] - gaps[at] - sum / n;
    });
  });
}

/** Median size of all changes. */
function usual(changes: Float64Array[]): number {
  const sizes = changes.flatMap((window) => Array.from(window, Math.abs)).sort((a, b) => a - b);
  return sizes[sizes.length >> 1] ?? 0;
}
