import * as assert from 'uvu/assert';
import type { Flight, Series } from '../../../src/telemetry/flight.ts';

/**
 * What physics says about one topic from another: a wrong frame, sign or unit in either breaks it.
 *
 * Each function gives, over windows of a flight, pairs per axis `[axis][window]`, to be compared by `agree`.
 */

export interface Pairs {
  expected: number[][];
  actual: number[][];
}

/** Turn of the attitude over each window, in the body, against the mean body rates in it [rad/s]. */
export function turning(flight: Flight, windowSeconds: number): Pairs {
  const { pose, rates } = flight.topics as Record<string, Series>;
  return windows(pose, windowSeconds, (from, to) => {
    const [t0, t1] = [pose.time[from], pose.time[to]];
    const expected = rotationVector(quaternionAt(pose, from), quaternionAt(pose, to)).map((v) => v / (t1 - t0));
    return { expected, actual: meanBetween(rates, t0, t1) };
  });
}

/** Displacement over each window against the mean velocity in it [m/s]. */
export function moving(flight: Flight, windowSeconds: number): Pairs {
  const { pose, velocity } = flight.topics as Record<string, Series>;
  return windows(pose, windowSeconds, (from, to) => {
    const [t0, t1] = [pose.time[from], pose.time[to]];
    const expected = [0, 1, 2].map((axis) => (pose.columns[axis][to] - pose.columns[axis][from]) / (t1 - t0));
    return { expected, actual: meanBetween(velocity, t0, t1) };
  });
}

/** Change of velocity over each window against the mean of specific force, turned to the world, less gravity [m/s²]. */
export function accelerating(flight: Flight, windowSeconds: number): Pairs {
  const { pose, velocity, acceleration } = flight.topics as Record<string, Series>;
  return windows(velocity, windowSeconds, (from, to) => {
    const [t0, t1] = [velocity.time[from], velocity.time[to]];
    const expected = [0, 1, 2].map((axis) => (velocity.columns[axis][to] - velocity.columns[axis][from]) / (t1 - t0));
    const force = meanBetween(acceleration, t0, t1);
    const middle = indexAt(pose, (t0 + t1) / 2);
    const actual = force && rotate(quaternionAt(pose, middle), force).map((v, axis) => v - (axis === 2 ? 9.81 : 0));
    return { expected, actual };
  });
}

/** Change of horizontal velocity over each window against gravity times the lean of the body's z axis [m/s²]. */
export function leaning(flight: Flight, windowSeconds: number): Pairs {
  const { pose, velocity } = flight.topics as Record<string, Series>;
  return windows(velocity, windowSeconds, (from, to) => {
    const [t0, t1] = [velocity.time[from], velocity.time[to]];
    const expected = [0, 1, 2].map((axis) => (velocity.columns[axis][to] - velocity.columns[axis][from]) / (t1 - t0));
    const [x, y, z] = rotate(quaternionAt(pose, indexAt(pose, (t0 + t1) / 2)), [0, 0, 1]);
    return { expected, actual: [(9.81 * x) / z, (9.81 * y) / z, 0] };
  });
}

/** Fails unless the pairs of each axis named go together: correlation at least this, slope within 0.75 to 1.3. */
export function agree({ expected, actual }: Pairs, axes: number[], correlation: number, what: string): void {
  for (const axis of axes) {
    const [x, y] = [expected[axis], actual[axis]];
    assert.ok(x.length >= 10, `${what}: only ${x.length} windows`);
    const [mx, my] = [mean(x), mean(y)];
    const xy = mean(x.map((value, i) => (value - mx) * (y[i] - my)));
    const xx = mean(x.map((value) => (value - mx) ** 2));
    const yy = mean(y.map((value) => (value - my) ** 2));
    const r = xy / Math.sqrt(xx * yy);
    const slope = Math.sign(r) * Math.sqrt(yy / xx);
    const found = `${what}, axis ${axis}: correlation ${r.toFixed(3)}, slope ${slope.toFixed(3)}`;
    assert.ok(r >= correlation && slope > 0.75 && slope < 1.3, found);
    if (process.env.SHOW) console.log(found, 'rms', Math.sqrt(xx).toFixed(3), 'bias', (my - mx).toFixed(3));
  }
}

export const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

function windows(
  series: Series,
  seconds: number,
  pair: (from: number, to: number) => { expected: number[]; actual: number[] | null },
): Pairs {
  const pairs: Pairs = { expected: [[], [], []], actual: [[], [], []] };
  for (let from = 0, to = 0; to < series.time.length; from = to) {
    while (to < series.time.length && series.time[to] - series.time[from] < seconds) to++;
    if (to >= series.time.length || series.time[to] - series.time[from] > 1.5 * seconds) continue;
    const { expected, actual } = pair(from, to);
    if (actual === null) continue;
    for (const axis of [0, 1, 2]) {
      pairs.expected[axis].push(expected[axis]);
      pairs.actual[axis].push(actual[axis]);
    }
  }
  return pairs;
}

function meanBetween(series: Series, from: number, to: number): number[] | null {
  const rows = Array.from(series.time.keys()).filter((i) => series.time[i] >= from && series.time[i] <= to);
  return rows.length === 0 ? null : series.columns.slice(0, 3).map((column) => mean(rows.map((row) => column[row])));
}

function indexAt(series: Series, time: number): number {
  const after = series.time.findIndex((t) => t >= time);
  return after < 0 ? series.time.length - 1 : after;
}

type Quaternion = [number, number, number, number];

function quaternionAt(pose: Series, row: number): Quaternion {
  return [3, 4, 5, 6].map((column) => pose.columns[column][row]) as Quaternion;
}

/** The rotation from `a` to `b` as an axis times an angle [rad], in the frame of `a`. */
function rotationVector(a: Quaternion, b: Quaternion): number[] {
  const [x, y, z, w] = product([-a[0], -a[1], -a[2], a[3]], b);
  const sine = Math.hypot(x, y, z);
  if (sine < 1e-12) return [0, 0, 0];
  const angle = 2 * Math.atan2(sine * Math.sign(w || 1), Math.abs(w));
  return [x, y, z].map((value) => (value / sine) * angle);
}

function rotate(q: Quaternion, [x, y, z]: number[]): number[] {
  return product(product(q, [x, y, z, 0]), [-q[0], -q[1], -q[2], q[3]]).slice(0, 3);
}

function product(a: Quaternion, b: Quaternion): Quaternion {
  const [ax, ay, az, aw] = a;
  const [bx, by, bz, bw] = b;
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by + ay * bw + az * bx - ax * bz,
    aw * bz + az * bw + ax * by - ay * bx,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}
