import type { FlightSamples } from '../../../src/transfer/samples.ts';
import { compiled } from '../figures.ts';

/** Share of the unit variance of each standardised feature. */
const RIDGE = 0.01;

/**
 * Action error of ridge regression from the state and its leaky averages to the motor commands: all that a policy of
 * the zoo sees but its own actions, and no network.
 */
export async function ridgeError(train: FlightSamples[], test: FlightSamples[]): Promise<number> {
  const learnt = await rowsOf(train);
  const { weights, mean, std } = fit(learnt);
  const judged = await rowsOf(test);
  let squares = 0;
  judged.x.forEach((row, i) => {
    const z = [...row.map((value, k) => (value - mean[k]) / std[k]), 1];
    judged.y[i].forEach((command, motor) => {
      const said = z.reduce((sum, value, k) => sum + value * weights[k][motor], 0);
      squares += (said - command) ** 2;
    });
  });
  return squares / (4 * judged.x.length);
}

interface Rows {
  x: number[][];
  y: number[][];
}

async function rowsOf(flights: FlightSamples[]): Promise<Rows> {
  const { readPolicy } = await compiled<typeof import('../../../src/policy-folder.ts')>('src/policy-folder.js');
  const { flyAlong } = await compiled<typeof import('../../../src/transfer/self-fed.ts')>('src/transfer/self-fed.js');
  const { eachAirborne } = await compiled<typeof import('../../../src/transfer/errors.ts')>('src/transfer/errors.js');
  const { contract, actor } = readPolicy('hover-motors');
  const { obs } = flyAlong(contract, actor, flights);
  const O = contract.observation.size;
  const state = contract.observation.fields.flatMap(({ name, size }) => Array(size).fill(!name.startsWith('action')));
  const columns = state.flatMap((is, k) => (is ? [k] : []));
  const rows: Rows = { x: [], y: [] };
  eachAirborne(flights, (flight, t, row) => {
    rows.x.push(columns.map((k) => obs[row * O + k]));
    rows.y.push(flight.commands.map((motor) => motor[t]));
  });
  return rows;
}

/** `(ZᵀZ + ridge · n · I) W = ZᵀY` for standardised features `Z` and a constant that is not shrunk. */
function fit({ x, y }: Rows): { weights: number[][]; mean: number[]; std: number[] } {
  const [n, D] = [x.length, x[0].length];
  const mean = x[0].map((_, k) => x.reduce((sum, row) => sum + row[k], 0) / n);
  const std = mean.map((m, k) => Math.sqrt(x.reduce((sum, row) => sum + (row[k] - m) ** 2, 0) / n) || 1);
  const gram = Array.from({ length: D + 1 }, () => new Array<number>(D + 1).fill(0));
  const right = Array.from({ length: D + 1 }, () => new Array<number>(4).fill(0));
  const z = new Array<number>(D + 1).fill(1);
  x.forEach((row, i) => {
    for (let k = 0; k < D; k++) z[k] = (row[k] - mean[k]) / std[k];
    for (let a = 0; a <= D; a++) {
      for (let b = 0; b <= D; b++) gram[a][b] += z[a] * z[b];
      for (let motor = 0; motor < 4; motor++) right[a][motor] += z[a] * y[i][motor];
    }
  });
  for (let k = 0; k < D; k++) gram[k][k] += RIDGE * n;
  return { weights: solve(gram, right), mean, std };
}

/** Gaussian elimination; the matrix is positive definite, so that no pivoting is needed. */
function solve(matrix: number[][], right: number[][]): number[][] {
  const n = matrix.length;
  for (let c = 0; c < n; c++)
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = matrix[r][c] / matrix[c][c];
      for (let k = c; k < n; k++) matrix[r][k] -= factor * matrix[c][k];
      for (let k = 0; k < right[r].length; k++) right[r][k] -= factor * right[c][k];
    }
  return right.map((row, r) => row.map((value) => value / matrix[r][r]));
}
