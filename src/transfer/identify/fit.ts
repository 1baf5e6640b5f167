import { inverse, Matrix, solve } from 'ml-matrix';
import type { Motion } from './candidate.ts';
import type { EffectSizes } from './flight-effects.ts';
import { motionAt, PARAMETERS, vectorOf } from './parameters.ts';
import { Problem, type Task } from './problem.ts';

/** A vehicle's motion as fitted to windows of flights. */
export interface Fit {
  /** In the order of `PARAMETERS`. */
  vector: number[];
  motion: Motion;
  /** Of the vector: how far it would scatter if other chunks of flights had been flown. */
  covariance: Matrix;
  /** Each flight's own thrust ratio and wind's pull, `[flights][3]`. */
  effects: number[][];
  sizes: EffectSizes;
}

/** Iterations of each round; the errors' weights are found anew before it. */
const ROUNDS = [2, 2, 2];
/** Before them, from the vehicle file's lag and from one this many times as long: a slow vehicle's errors have a hollow at each. */
const BEGINNING = 2;
const SLOWER = 2.2;
/** Of a whole fit, at most. */
export const FIT_ITERATIONS = 2 * BEGINNING + ROUNDS.reduce((sum, iterations) => sum + iterations, 0);

/**
 * Fits all parameters to translation and rotation windows at once: least squares of weighted errors, the weights found
 * anew a few times.
 *
 * @param onIteration called with the iterations made, of `FIT_ITERATIONS`; a descent that ends early leaps
 */
export function fitMotion(task: Task, onIteration: (done: number) => void = () => {}): Fit {
  const problem = new Problem(task);
  let done = 2 * BEGINNING;
  let vector = begun(problem, vectorOf(task.start), onIteration);
  for (const maxIterations of ROUNDS) {
    problem.reweigh(vector);
    const before = done;
    vector = descend(problem, vector, maxIterations, (k) => onIteration(before + k));
    done += maxIterations;
    onIteration(done);
  }
  return {
    vector,
    motion: motionAt(vector, task.start),
    covariance: covarianceAt(problem, vector),
    effects: problem.flightEffectsAt(vector),
    sizes: problem.sizes,
  };
}

/** Where the descent goes on: the better of two beginnings, by the same weights. */
function begun(problem: Problem, start: number[], onIteration: (done: number) => void): number[] {
  problem.reweigh(start);
  const slow = PARAMETERS.map(({ name, range }, p) =>
    name === 'lag_s' ? Math.min(range[1], start[p] + Math.log(SLOWER)) : start[p],
  );
  const [usual, late] = [start, slow].map((vector, n) =>
    descend(problem, vector, BEGINNING, (k) => onIteration(n * BEGINNING + k)),
  );
  return squares(problem.errors(late)) < squares(problem.errors(usual)) ? late : usual;
}

/** Shares of a step that are tried. */
const SHARES = [1, 0.5, 0.2, 0.05];

/**
 * Gauss–Newton steps, each shortened until the errors shrink. (`ml-levenberg-marquardt` goes on from a step that made
 * them grow, and with few iterations it ended where it began.)
 */
function descend(problem: Problem, from: number[], iterations: number, onIteration: (k: number) => void): number[] {
  let vector = from;
  for (let k = 0; k < iterations; k++) {
    onIteration(k);
    const errors = problem.errors(vector);
    const slopes = new Matrix(problem.slopes(vector).map((slope) => Array.from(slope)));
    const normal = slopes.mmul(slopes.transpose());
    const step = solve(normal, slopes.mmul(Matrix.columnVector(Array.from(errors)))).to1DArray();
    const before = squares(errors);
    const shorter = SHARES.map((share) => moved(vector, step, share));
    const better = shorter.find((candidate) => squares(problem.errors(candidate)) < before);
    if (!better) return vector;
    vector = better;
  }
  return vector;
}

function moved(vector: number[], step: number[], share: number): number[] {
  return PARAMETERS.map(({ range: [low, high] }, p) => Math.min(high, Math.max(low, vector[p] - share * step[p])));
}

function squares(errors: Float64Array): number {
  return errors.reduce((sum, error) => sum + error * error, 0);
}

/**
 * The sandwich `H⁻¹ (Σ_c g_c g_cᵀ) H⁻¹` over chunks of flights, whose errors hang together, but on no axis less than
 * `H⁻¹`, which takes errors for independent.
 *
 * @see Liang and Zeger 1986, https://doi.org/10.1093/biomet/73.1.13
 */
function covarianceAt(problem: Problem, vector: number[]): Matrix {
  const P = vector.length;
  const errors = problem.errors(vector);
  const slopes = problem.slopes(vector);
  const chunks = problem.chunks();
  const normal = new Matrix(slopes.map((slope) => Array.from(slope)));
  const inner = inverse(normal.mmul(normal.transpose()));
  const scores = new Map<number, Float64Array>();
  chunks.forEach((chunk, row) => {
    if (chunk < 0) return;
    if (!scores.has(chunk)) scores.set(chunk, new Float64Array(P));
    const score = scores.get(chunk)!;
    for (let p = 0; p < P; p++) score[p] += slopes[p][row] * errors[row];
  });
  const meat = Matrix.zeros(P, P);
  for (const score of scores.values())
    for (let a = 0; a < P; a++) for (let b = 0; b < P; b++) meat.set(a, b, meat.get(a, b) + score[a] * score[b]);
  const fewness = scores.size / Math.max(1, scores.size - 1);
  const sandwich = inner.mmul(meat).mmul(inner).mul(fewness);
  // the same correlations, larger by the more careful of the two on each axis
  const larger = Array.from({ length: P }, (_, p) => Math.sqrt(Math.max(1, inner.get(p, p) / sandwich.get(p, p))));
  return new Matrix(sandwich.to2DArray().map((row, a) => row.map((value, b) => value * larger[a] * larger[b])));
}
