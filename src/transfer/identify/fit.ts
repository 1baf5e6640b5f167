import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { inverse, Matrix } from 'ml-matrix';
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
const ROUNDS = (process.env.ROUNDS ?? '4,2,2').split(',').map(Number);

/**
 * Fits all parameters to translation and rotation windows at once: Levenberg–Marquardt on weighted errors, the weights
 * found anew a few times.
 */
export function fitMotion(task: Task): Fit {
  const problem = new Problem(task);
  let vector = vectorOf(task.start);
  for (const maxIterations of ROUNDS) {
    problem.reweigh(vector);
    vector = descend(problem, vector, maxIterations);
  }
  return {
    vector,
    motion: motionAt(vector, task.start),
    covariance: covarianceAt(problem, vector),
    effects: problem.flightEffectsAt(vector),
    sizes: problem.sizes,
  };
}

function descend(problem: Problem, from: number[], maxIterations: number): number[] {
  const rows = Array.from({ length: problem.rows }, (_, i) => i);
  const { parameterValues } = levenbergMarquardt(
    { x: rows, y: new Float64Array(problem.rows) },
    (at) => {
      const errors = problem.errors(Array.from(at));
      return (row) => errors[row];
    },
    {
      initialValues: from,
      minValues: PARAMETERS.map(({ range }) => range[0]),
      maxValues: PARAMETERS.map(({ range }) => range[1]),
      maxIterations,
      damping: 1e-3,
      errorTolerance: 1e-9,
      jacobianFunction: (at) => {
        const slopes = problem.slopes(Array.from(at));
        return (row) => slopes.map((slope) => slope[row]);
      },
    },
  );
  return Array.from(parameterValues);
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
