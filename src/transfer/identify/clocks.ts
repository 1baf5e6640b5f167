import { multiply } from '../../../envs/quaternion.ts';

/** Offsets that are thought of: so many cells to either side, of so many seconds. */
const CELLS = 30;
const CELL_SECONDS = 0.01;
const OFFSETS = 2 * CELLS + 1;
/** Rates are compared as means over so many cells to either side: single ones are mostly noise. */
const REACH = 3;
/** Cells of one block, over which the offset stays. */
const BLOCK = 5;
/** Standard deviation of the offset's change from one block to the next [cells]. */
const CHANGE = 1;
/** Of an offset before anything is known [cells]. */
const FIRST = 10;
/** Logarithm of the likelihood ratio from which on a wandering clock is believed rather than a steady one. */
const BELIEVED = 50;
const ROUNDS = 3;
/** Median of chi-squared with one degree of freedom. */
const MEDIAN_CHI2 = 0.455;

/**
 * How far pose and gyro run apart in a log, and how that changes: the offset at which the gyro reads the body rates that
 * the pose implies, as a random walk through blocks of 50 ms, by forward and backward recursion over a grid of offsets.
 * Only these two measurements of the same motion are compared; motor commands have no part in it.
 *
 * Poses from motion capture and values from on board come by different ways, and waits on these ways differ: on
 * NanoBench by up to 0.2 s, within a flight.
 *
 * @param quaternion `worldFromBody`, `[4][T]`, at `rateHz`; NaN where there is none
 * @param rates body rates by the gyro, `[3][T]`
 * @returns seconds by which the gyro's stamps are late, `[T]` at the pose's time; null where a steady offset, whatever its
 *   size, explains the flight
 * @see Furgale, Rehder and Siegwart 2013, https://doi.org/10.1109/IROS.2013.6696514, for offsets between clocks from rates;
 *   Rabiner 1989, https://doi.org/10.1109/5.18626, §III, for the recursions
 */
export function gyroLateness(quaternion: Float64Array[], rates: Float64Array[], rateHz: number): Float64Array | null {
  const rowsPerCell = CELL_SECONDS * rateHz;
  const cells = Math.floor((rates[0].length - 1) / rowsPerCell);
  const blocks = Math.floor(cells / BLOCK);
  if (blocks < 2) return null;
  const rowOf = (cell: number) => Math.round(cell * rowsPerCell);
  const pose = ratesOfPose(quaternion, cells, rowOf);
  const gyro = meanRates(rates, cells, rowOf, rateHz);
  const steady = steadyOffset(pose, gyro, blocks);
  const path = wanderingOffset(pose, gyro, blocks, steady.sizes);
  if (!(path.logLikelihood - steady.logLikelihood > BELIEVED)) return null;
  return Float64Array.from(rates[0], (_, row) => CELL_SECONDS * between(path.offsets, row / rowsPerCell));
}

/** Mean body rates between `REACH` cells before and after each cell, from the turn between the two poses, `[cells, 3]`. */
function ratesOfPose(quaternion: Float64Array[], cells: number, rowOf: (cell: number) => number): Float64Array {
  const out = new Float64Array(cells * 3).fill(Number.NaN);
  const [before, after, turn] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
  for (let c = REACH; c < cells - REACH; c++) {
    for (let k = 0; k < 4; k++) {
      before[k] = (k < 3 ? -1 : 1) * quaternion[k][rowOf(c - REACH)];
      after[k] = quaternion[k][rowOf(c + REACH)];
    }
    multiply(before, after, turn);
    const scale = Math.sign(turn[3]) / (REACH * CELL_SECONDS); // 2 / time, small angles
    for (let k = 0; k < 3; k++) out[c * 3 + k] = turn[k] * scale;
  }
  return out;
}

/** The same by the gyro. */
function meanRates(rates: Float64Array[], cells: number, rowOf: (cell: number) => number, rateHz: number) {
  const out = new Float64Array(cells * 3).fill(Number.NaN);
  rates.forEach((column, k) => {
    for (let c = REACH; c < cells - REACH; c++) {
      const [from, end] = [rowOf(c - REACH), rowOf(c + REACH)];
      let sum = -(column[from] + column[end]) / 2;
      for (let row = from; row <= end; row++) sum += column[row];
      out[c * 3 + k] = sum / (2 * REACH * CELL_SECONDS * rateHz);
    }
  });
  return out;
}

/** Squared differences at one offset, an axis at a time, handed to `visit`. */
function differences(
  pose: Float64Array,
  gyro: Float64Array,
  block: number,
  offset: number,
  visit: (axis: number, square: number) => void,
): void {
  for (let c = block * BLOCK; c < (block + 1) * BLOCK; c++)
    for (let k = 0; k < 3; k++) {
      const square = (pose[c * 3 + k] - gyro[(c + offset) * 3 + k]) ** 2; // beyond the ends undefined: NaN
      if (square >= 0) visit(k, square);
    }
}

/** Robust variances of the differences by axis, along offsets. */
function sizesAlong(pose: Float64Array, gyro: Float64Array, blocks: number, offsetOf: (block: number) => number) {
  const squares: number[][] = [[], [], []];
  for (let b = 0; b < blocks; b++)
    differences(pose, gyro, b, Math.round(offsetOf(b)), (k, square) => squares[k].push(square));
  return squares.map((each) => (each.sort((a, b) => a - b)[each.length >> 1] ?? 1) / MEDIAN_CHI2 + 1e-8);
}

/**
 * Log-likelihood of one block at one offset, but for a constant. Means over 2 · REACH cells overlap, so that one cell
 * counts as that share of a measurement; each is a Cauchy-like one, since captures now and then jump.
 */
function logLikelihood(pose: Float64Array, gyro: Float64Array, block: number, offset: number, sizes: number[]): number {
  let sum = 0;
  differences(pose, gyro, block, offset, (k, square) => {
    sum -= 1.5 * Math.log(1 + square / (2 * sizes[k])) + Math.log(sizes[k]) / 2;
  });
  return sum / (2 * REACH);
}

function steadyOffset(pose: Float64Array, gyro: Float64Array, blocks: number) {
  let best = { sizes: [1, 1, 1], logLikelihood: Number.NEGATIVE_INFINITY };
  for (let offset = -CELLS; offset <= CELLS; offset++) {
    const sizes = sizesAlong(pose, gyro, blocks, () => offset);
    let sum = 0;
    for (let b = 0; b < blocks; b++) sum += logLikelihood(pose, gyro, b, offset, sizes);
    if (sum > best.logLikelihood) best = { sizes, logLikelihood: sum };
  }
  return best;
}

function wanderingOffset(pose: Float64Array, gyro: Float64Array, blocks: number, first: number[]) {
  let sizes = first;
  let found = { offsets: new Float64Array(blocks), logLikelihood: Number.NEGATIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round++) {
    const each = new Float64Array(blocks * OFFSETS);
    for (let b = 0; b < blocks; b++)
      for (let o = 0; o < OFFSETS; o++) each[b * OFFSETS + o] = logLikelihood(pose, gyro, b, o - CELLS, sizes);
    found = smoothed(each, blocks);
    sizes = sizesAlong(pose, gyro, blocks, (b) => found.offsets[b]);
  }
  return found;
}

/** Mean offset of each block given all blocks, and the log-likelihood of all, by forward and backward recursion. */
function smoothed(each: Float64Array, blocks: number) {
  const steps = Float64Array.from({ length: OFFSETS }, (_, d) => Math.exp(-((d / CHANGE) ** 2) / 2));
  const norms = Float64Array.from({ length: OFFSETS }, (_, from) => {
    let sum = 0;
    for (let to = 0; to < OFFSETS; to++) sum += steps[Math.abs(to - from)];
    return sum;
  });
  const forward = new Float64Array(blocks * OFFSETS);
  let now = Float64Array.from({ length: OFFSETS }, (_, o) => Math.exp(-(((o - CELLS) / FIRST) ** 2) / 2));
  normalise(now);
  let total = 0;
  for (let b = 0; b < blocks; b++) {
    if (b > 0) {
      const next = new Float64Array(OFFSETS);
      for (let from = 0; from < OFFSETS; from++)
        for (let to = 0; to < OFFSETS; to++) next[to] += (now[from] * steps[Math.abs(to - from)]) / norms[from];
      now = next;
    }
    const most = highest(each, b);
    for (let o = 0; o < OFFSETS; o++) now[o] *= Math.exp(each[b * OFFSETS + o] - most);
    total += most + Math.log(normalise(now));
    forward.set(now, b * OFFSETS);
  }
  const offsets = new Float64Array(blocks);
  let later = new Float64Array(OFFSETS).fill(1);
  for (let b = blocks - 1; b >= 0; b--) {
    let [mean, sum] = [0, 0];
    for (let o = 0; o < OFFSETS; o++) {
      const weight = forward[b * OFFSETS + o] * later[o];
      mean += weight * (o - CELLS);
      sum += weight;
    }
    offsets[b] = mean / sum;
    const most = highest(each, b);
    const before = new Float64Array(OFFSETS);
    for (let to = 0; to < OFFSETS; to++) {
      const weight = later[to] * Math.exp(each[b * OFFSETS + to] - most);
      for (let from = 0; from < OFFSETS; from++) before[from] += (steps[Math.abs(to - from)] / norms[from]) * weight;
    }
    normalise(before);
    later = before;
  }
  return { offsets, logLikelihood: total };
}

function highest(each: Float64Array, block: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let o = 0; o < OFFSETS; o++) most = Math.max(most, each[block * OFFSETS + o]);
  return most;
}

/** Scales to a sum of 1 and returns what it was. */
function normalise(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  for (let i = 0; i < values.length; i++) values[i] /= sum;
  return sum;
}

/** Offset at a cell, by lines between the blocks' middles. */
function between(offsets: Float64Array, cell: number): number {
  const at = Math.min(offsets.length - 1, Math.max(0, cell / BLOCK - 0.5));
  const below = Math.min(offsets.length - 2, Math.floor(at));
  return offsets[below] + (at - below) * (offsets[below + 1] - offsets[below]);
}

/** Columns as they are `late` seconds later, at each row; by lines between rows, or as they are held. */
export function readLater(columns: Float64Array[], late: Float64Array, rateHz: number, held: boolean): Float64Array[] {
  return columns.map((column) =>
    Float64Array.from(column, (_, row) => {
      const at = Math.min(column.length - 1, Math.max(0, row + late[row] * rateHz));
      const below = Math.min(column.length - 2, Math.floor(at));
      const part = at - below;
      return held || part === 0 ? column[below] : column[below] + part * (column[below + 1] - column[below]);
    }),
  );
}
