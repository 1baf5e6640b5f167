import type { Flight, Series, TopicName } from '../flight.ts';
import { medianInterval } from './gaps.ts';
import { multiply, type Quaternion } from './rotations.ts';

/**
 * What one topic says of another, by physics: the attitude turns as the rates say, and the position moves as the
 * velocity says. A wrong unit, frame, sign or order of columns in either breaks it.
 */

/** Means over the same windows of a flight, by the one topic and by the other, per axis: `[3][windows]`. */
interface Pairs {
  changes: number[][];
  means: number[][];
}

/** Two topics of one flight that cannot both be right. */
export interface Disagreement {
  between: [TopicName, TopicName];
  /** What does not go together, and what it may come from. */
  why: string;
}

const WINDOW_SECONDS = 0.2;
const LONGEST_WINDOW_SECONDS = 0.5;
const FEWEST_WINDOWS = 20;
/** Spread from which a motion stands out of noise: turning [rad/s] and moving [m/s]. */
const MOTION = { turning: 0.1, moving: 0.2 };
/** On real flights with that much motion the correlation is 0.69 to 1.00, the ratio of the spreads 0.75 to 1.28. */
const LEAST_CORRELATION = 0.5;
const MOST_RATIO = 2;
/** Gyros glitch, and vehicles crash: the outermost values at either end count as the ones within. */
const OUTERMOST = 0.1;

const AXES = ['x', 'y', 'z'];

/** Where the topics of a flight contradict each other; none where there is too little motion to tell. */
export function disagreements({ topics: { pose, rates, velocity } }: Flight): Disagreement[] {
  const found: Disagreement[] = [];
  if (pose && rates) {
    const why = turningFault(axesOf(turningOf(pose, rates), MOTION.turning));
    if (why) found.push({ between: ['pose', 'rates'], why });
  }
  if (pose && velocity) {
    const why = movingFault(axesOf(movingOf(pose, velocity), MOTION.moving));
    if (why) found.push({ between: ['pose', 'velocity'], why });
  }
  return found;
}

interface Axis {
  name: string;
  correlation: number;
  /** Spread of the means for that of the changes. */
  ratio: number;
}

/** The axes with motion enough to be compared. */
function axesOf({ changes, means }: Pairs, motion: number): Axis[] {
  if (changes[0].length < FEWEST_WINDOWS) return [];
  return AXES.flatMap((name, axis) => {
    const { correlation, ratio, spread } = compare(clipped(changes[axis]), clipped(means[axis]));
    return Math.max(...spread) < motion ? [] : [{ name, correlation, ratio }];
  });
}

function turningFault(axes: Axis[]): string | null {
  const apart = axes.filter(({ correlation }) => !(correlation >= LEAST_CORRELATION));
  if (apart.length > 0) {
    const turnedRound = apart.every(({ name, correlation }) => correlation <= -LEAST_CORRELATION && name !== 'x');
    const hint = turnedRound
      ? 'is the body FRD where FLU is said, or the other way round?'
      : 'is the quaternion wxyz where xyzw is said, or the other way round, or a frame or sign another?';
    return `the attitude does not turn as the rates say (${shown(apart)}): ${hint}`;
  }
  const times = oddRatio(axes);
  return (
    times &&
    `the rates are ${times} times what the attitude turns by: is it deg/s or deg where rad is said, or the other way round?`
  );
}

function movingFault(axes: Axis[]): string | null {
  const apart = axes.filter(({ correlation }) => !(correlation >= LEAST_CORRELATION));
  if (apart.length > 0)
    return `the position does not move as the velocity says (${shown(apart)}): is the world NED where ENU is said, the velocity one in the body, or a column or sign another?`;
  const times = oddRatio(axes);
  return (
    times &&
    `the velocity is ${times} times what the position moves by: is it mm or cm where m is said, or the other way round?`
  );
}

function shown(axes: Axis[]): string {
  const values = axes.map(({ correlation }) => (Number.isFinite(correlation) ? correlation.toFixed(2) : '0'));
  return `correlation ${values.join(', ')} for ${axes.map(({ name }) => name).join(', ')}`;
}

/** The first ratio that no noise explains, in two digits; null where there is none. */
function oddRatio(axes: Axis[]): string | null {
  const odd = axes.find(({ ratio }) => ratio > MOST_RATIO || ratio < 1 / MOST_RATIO);
  return odd ? String(Number(odd.ratio.toPrecision(2))) : null;
}

function clipped(values: number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = Math.ceil(OUTERMOST * values.length);
  const [low, high] = [sorted[cut], sorted[values.length - 1 - cut]];
  return values.map((value) => Math.min(high, Math.max(low, value)));
}

/** How the attitude turns over each window, in the body, and the mean rates in it [rad/s]. */
function turningOf(pose: Series, rates: Series): Pairs {
  return pairsOf(pose, rates, (from, to) => turn(attitudeAt(pose, from), attitudeAt(pose, to)));
}

/** How the position moves over each window, and the mean velocity in it [m/s]. */
function movingOf(pose: Series, velocity: Series): Pairs {
  return pairsOf(pose, velocity, (from, to) => [0, 1, 2].map((k) => pose.columns[k][to] - pose.columns[k][from]));
}

function pairsOf(pose: Series, other: Series, change: (from: number, to: number) => number[]): Pairs {
  const pairs: Pairs = { changes: [[], [], []], means: [[], [], []] };
  const seconds = Math.max(WINDOW_SECONDS, 2 * medianInterval(pose.time), 2 * medianInterval(other.time));
  if (seconds > LONGEST_WINDOW_SECONDS) return pairs;
  let first = 0;
  for (let from = 0, to = 0; to < pose.time.length; from = to) {
    while (to < pose.time.length && pose.time[to] - pose.time[from] < seconds) to++;
    const [start, end] = [pose.time[from], pose.time[to]];
    if (to >= pose.time.length || end - start > 1.5 * seconds) continue;
    while (first < other.time.length && other.time[first] < start) first++;
    let last = first;
    while (last < other.time.length && other.time[last] <= end) last++;
    if (last - first < 2) continue;
    const changes = change(from, to);
    for (let axis = 0; axis < 3; axis++) {
      pairs.changes[axis].push(changes[axis] / (end - start));
      pairs.means[axis].push(mean(other.columns[axis].subarray(first, last)));
    }
  }
  return pairs;
}

function attitudeAt({ columns }: Series, row: number): Quaternion {
  return [columns[3][row], columns[4][row], columns[5][row], columns[6][row]];
}

/** The rotation from `a` to `b` as an axis times an angle [rad], in the frame of `a`. */
function turn(a: Quaternion, b: Quaternion): number[] {
  const [x, y, z, w] = multiply([-a[0], -a[1], -a[2], a[3]], b);
  const sine = Math.hypot(x, y, z);
  if (sine < 1e-12) return [0, 0, 0];
  const angle = 2 * Math.atan2(w < 0 ? -sine : sine, Math.abs(w));
  return [x, y, z].map((value) => (value / sine) * angle);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** How two lists go together: Pearson's correlation, and how much the second spreads for the first. */
function compare(a: number[], b: number[]): { correlation: number; ratio: number; spread: [number, number] } {
  const [middleA, middleB] = [mean(a), mean(b)];
  const product = mean(a.map((value, i) => (value - middleA) * (b[i] - middleB)));
  const spread: [number, number] = [deviation(a, middleA), deviation(b, middleB)];
  return { correlation: product / (spread[0] * spread[1]), ratio: spread[1] / spread[0], spread };
}

function deviation(values: number[], middle: number): number {
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
