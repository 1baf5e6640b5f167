import type { Rng } from '../rng.ts';

/** Numbers that describe a harmonic path: centre, amplitude [m], angular frequency [rad/s] and phase [rad] of each axis. */
export const PATH_SIZE = 12;
const AMPLITUDE = 3;
const FREQUENCY = 6;
const PHASE = 9;

/** A flight's own setpoints, evenly in time. World frame; plain data, so that it can be sent to a thread. */
export interface LoggedPath {
  /** Of the flight, for messages. */
  name: string;
  rate_Hz: number;
  /** `[T, 3]` [m] */
  positions: Float64Array;
}

/** Where paths are drawn, and how large and fast they are. */
export interface PathRanges {
  low: readonly [number, number, number];
  high: readonly [number, number, number];
  /** Of the largest amplitude [m]. */
  radius_m: readonly [number, number];
  /** The highest speed on the path [m/s]. */
  speed_m_s: readonly [number, number];
}

/** Phase that makes a sine a cosine. */
const QUARTER = Math.PI / 2;

/**
 * Paths by name: what each axis' amplitude, frequency and phase are for a path of radius 1 and one round in 2π seconds.
 * All are Lissajous curves, `centre + amplitude · sin(frequency · t + phase)`; `lissajous` itself is drawn.
 */
const PATHS: Readonly<Record<string, { amplitude: number[]; frequency: number[]; phase: number[] }>> = {
  circle: { amplitude: [1, 1, 0], frequency: [1, 1, 0], phase: [QUARTER, 0, 0] },
  figureEight: { amplitude: [1, 0.5, 0], frequency: [1, 2, 0], phase: [0, 0, 0] },
  helix: { amplitude: [1, 1, 0.5], frequency: [1, 1, 0.25], phase: [QUARTER, 0, 0] },
};
const NAMES = [...Object.keys(PATHS), 'lissajous'];
/** Frequencies of a Lissajous curve's other axes over that of its first. */
const RATIOS = [0.5, 2 / 3, 1, 1.5, 2];

/** Draws a circle, a figure-eight, a helix or a Lissajous curve, in any level direction and from anywhere on it, to `out`. */
export function drawPath(rng: Rng, ranges: PathRanges, out: Float64Array): void {
  const shape = shapeNamed(NAMES[Math.floor(rng.uniform() * NAMES.length)], rng);
  const radius = rng.uniform(...ranges.radius_m);
  const swap = rng.uniform() < 0.5;
  const backwards = rng.uniform() < 0.5 ? -1 : 1;
  const fastest = Math.hypot(...shape.amplitude.map((a, k) => a * shape.frequency[k])) * radius;
  const rate = (backwards * rng.uniform(...ranges.speed_m_s)) / fastest;
  const lead = rng.uniform(0, 2 * Math.PI);
  for (let k = 0; k < 3; k++) {
    const from = swap && k < 2 ? 1 - k : k;
    const amplitude = radius * shape.amplitude[from];
    out[k] = rng.uniform(ranges.low[k] + amplitude, ranges.high[k] - amplitude);
    out[AMPLITUDE + k] = amplitude;
    out[FREQUENCY + k] = rate * shape.frequency[from];
    out[PHASE + k] = shape.phase[from] + lead * shape.frequency[from];
  }
}

function shapeNamed(name: string, rng: Rng) {
  if (name in PATHS) return PATHS[name];
  const ratio = () => RATIOS[Math.floor(rng.uniform() * RATIOS.length)];
  return {
    amplitude: [1, rng.uniform(0.3, 1), rng.uniform(0.15, 0.5)],
    frequency: [1, ratio(), ratio()],
    phase: [0, 1, 2].map(() => rng.uniform(0, 2 * Math.PI)),
  };
}

/** Place [m] and velocity [m/s] on a harmonic path at `t` seconds. */
export function pathAt(path: Float64Array, t: number, position: Float64Array, velocity: Float64Array): void {
  for (let k = 0; k < 3; k++) {
    const angle = path[FREQUENCY + k] * t + path[PHASE + k];
    position[k] = path[k] + path[AMPLITUDE + k] * Math.sin(angle);
    velocity[k] = path[AMPLITUDE + k] * path[FREQUENCY + k] * Math.cos(angle);
  }
}

/** Half the time over which the speed of a logged path is taken [s]: setpoints may move in small jumps. */
export const SPEED_WINDOW_S = 0.05;

/** The same of a logged path, on the line between its points; it stands still before its first and after its last. */
export function loggedPathAt(path: LoggedPath, t: number, position: Float64Array, velocity: Float64Array): void {
  interpolate(path, t + SPEED_WINDOW_S, velocity);
  interpolate(path, t - SPEED_WINDOW_S, position);
  for (let k = 0; k < 3; k++) velocity[k] = (velocity[k] - position[k]) / (2 * SPEED_WINDOW_S);
  interpolate(path, t, position);
}

function interpolate({ rate_Hz, positions }: LoggedPath, t: number, out: Float64Array): void {
  const last = positions.length / 3 - 1;
  const at = Math.min(last, Math.max(0, t * rate_Hz));
  const row = Math.min(Math.floor(at), Math.max(0, last - 1));
  const share = at - row;
  const next = Math.min(row + 1, last);
  for (let k = 0; k < 3; k++)
    out[k] = positions[3 * row + k] + share * (positions[3 * next + k] - positions[3 * row + k]);
}
