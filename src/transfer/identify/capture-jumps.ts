import { multiply, normalise } from '../../../envs/quaternion.ts';

/** A jump is off what the attitude does over so long to either side [s]. */
const REACH_SECONDS = 0.4;
/** By so many robust standard deviations of what attitude and gyro differ in this flight, and by so much at the least [rad]. */
const FAR = 4;
const LEAST_SD_RAD = 0.0035;
/** Medians are found every so many rows, and by lines between. */
const MEDIAN_EVERY = 4;
/** Of a normal distribution, over its median absolute deviation. */
const SD_PER_MAD = 1.4826;

/** An attitude without jumps, and the share of its rows that had to be bridged. */
export interface Bridged {
  quaternion: Float64Array[];
  share: number;
}

/**
 * Takes jumps out of a measured attitude: stretches in which it leaves what the gyro says, and comes back within a fraction
 * of a second, as motion capture does when it mistakes a marker. There the gyro carries the attitude from one side to the other;
 * all else stays as it is. A lasting difference, such as the gyro's drift, is no jump.
 *
 * On NanoBench captures jump by 3 to 6° for 50 to 100 ms, in pitch most of all, and 3 to 10 % of the rows are off: without
 * these the gyro, summed up over 0.1 s, differs from the attitude by 0.6° rather than 0.8°.
 *
 * @param quaternion `worldFromBody`, `[4][T]`, at `rateHz`; NaN where there is none
 * @param rates body rates on the same clock, `[3][T]`
 * @see Hampel 1974, https://doi.org/10.1080/01621459.1974.10482962, for median and median deviation as a test of outliers
 */
export function withoutJumps(quaternion: Float64Array[], rates: Float64Array[], rateHz: number): Bridged {
  const off = differences(quaternion, rates, rateHz);
  const rows = off[0].length;
  const bad = new Uint8Array(rows);
  for (const column of off) {
    const left = lessMedian(column, Math.round(REACH_SECONDS * rateHz));
    const limit = FAR * Math.max(LEAST_SD_RAD, SD_PER_MAD * medianOf(left.map(Math.abs)));
    for (let t = 0; t < rows; t++) if (Math.abs(left[t]) > limit) bad[t] = 1;
  }
  const out = quaternion.map((column) => column.slice());
  const [read, turn] = [new Float64Array(4), new Float64Array(4)];
  eachStretch(bad, (from, end) => {
    for (let t = from; t < end; t++) {
      const part = (t - from + 1) / (end - from + 1);
      for (let k = 0; k < 3; k++) {
        const bridge = off[k][from - 1] + part * (off[k][end] - off[k][from - 1]);
        turn[k] = (bridge - off[k][t]) / 2;
      }
      turn[3] = 1;
      for (let k = 0; k < 4; k++) read[k] = quaternion[k][t];
      normalise(multiply(read, turn, read));
      for (let k = 0; k < 4; k++) out[k][t] = read[k];
    }
  });
  return { quaternion: out, share: bad.reduce((sum, flag) => sum + flag, 0) / rows };
}

/** By what attitude and gyro differ since the first row, small angles in the body frame summed up, `[3][T]` [rad]. */
function differences(quaternion: Float64Array[], rates: Float64Array[], rateHz: number): Float64Array[] {
  const rows = rates[0].length;
  const out = rates.map(() => new Float64Array(rows));
  const [before, after, turn] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
  for (let t = 1; t < rows; t++) {
    for (let k = 0; k < 4; k++) {
      before[k] = (k < 3 ? -1 : 1) * quaternion[k][t - 1];
      after[k] = quaternion[k][t];
    }
    multiply(before, after, turn);
    const scale = turn[3] < 0 ? -2 : 2;
    for (let k = 0; k < 3; k++) {
      const step = scale * turn[k] - (rates[k][t] + rates[k][t - 1]) / 2 / rateHz;
      out[k][t] = out[k][t - 1] + (Number.isFinite(step) ? step : 0);
    }
  }
  return out;
}

/** A column less its moving median. */
function lessMedian(column: Float64Array, reach: number): Float64Array {
  const cells = Math.ceil(column.length / MEDIAN_EVERY) + 1;
  const medians = Float64Array.from({ length: cells }, (_, c) => {
    const at = c * MEDIAN_EVERY;
    return medianOf(column.slice(Math.max(0, Math.min(at, column.length - 1) - reach), at + reach + 1));
  });
  return column.map((value, t) => {
    const cell = Math.floor(t / MEDIAN_EVERY);
    const part = t / MEDIAN_EVERY - cell;
    return value - (1 - part) * medians[cell] - part * medians[cell + 1];
  });
}

function medianOf(values: Float64Array): number {
  return Float64Array.from(values).sort()[values.length >> 1];
}

/** Runs of flagged rows that have a row on either side. */
function eachStretch(flags: Uint8Array, visit: (from: number, end: number) => void): void {
  for (let t = 1; t < flags.length; t++) {
    if (!flags[t]) continue;
    const from = t;
    while (t < flags.length && flags[t]) t++;
    if (t < flags.length && !flags[from - 1]) visit(from, t);
  }
}
