import type { TopicName } from '../flight.ts';

/**
 * How a topic is read between two of its samples: `hold` keeps the earlier one (a command counts until the next one
 * comes), `linear` draws a line, `pose` draws a line for the position and turns at constant speed for the rotation.
 */
export type Method = 'hold' | 'linear' | 'pose';

export const METHODS: Record<TopicName, Method> = {
  pose: 'pose',
  velocity: 'linear',
  rates: 'linear',
  acceleration: 'linear',
  motors: 'hold',
  battery: 'hold',
  setpoint: 'hold',
  yaw_setpoint: 'hold',
  velocity_setpoint: 'hold',
  rates_setpoint: 'hold',
  wrench: 'hold',
};

/** A sample that lies this little [s] after the asked time still counts: logs and MCAP round their stamps. */
export const SAME_TIME_SECONDS = 1e-6;

/** The longest time [s] between two samples that is bridged, topic by topic. */
export type MaxGaps = Record<TopicName, number>;

/** 0.25 s everywhere but for the battery, which many vehicles report once a second. */
export const DEFAULT_MAX_GAP_SECONDS = 0.25;
export const BATTERY_MAX_GAP_SECONDS = 2;

/** One limit for all topics when a number is given, else the defaults. */
export function maxGaps(seconds?: number): MaxGaps {
  const gaps = Object.keys(METHODS).map((topic) => [topic, seconds ?? DEFAULT_MAX_GAP_SECONDS]);
  const all = Object.fromEntries(gaps) as MaxGaps;
  if (seconds === undefined) all.battery = BATTERY_MAX_GAP_SECONDS;
  return all;
}

/**
 * The value a fraction `u` in [0, 1] of the way from sample `a` to sample `b`, into `out`.
 * All three have the topic's columns, in the order of `TOPICS`.
 */
export function blend(method: Method, a: ArrayLike<number>, b: ArrayLike<number>, u: number, out: Float64Array): void {
  const linear = method === 'hold' ? 0 : method === 'pose' ? 3 : a.length;
  for (let c = 0; c < linear; c++) out[c] = a[c]! + u * (b[c]! - a[c]!);
  for (let c = linear; c < a.length; c++) out[c] = a[c]!;
  if (method === 'pose') slerp(a, b, u, out, 3);
}

/**
 * Spherical interpolation of the quaternions at `at`, the short way round: q and −q are the same rotation and logs
 * flip between them.
 *
 * @see Shoemake 1985, https://doi.org/10.1145/325334.325242
 */
function slerp(a: ArrayLike<number>, b: ArrayLike<number>, u: number, out: Float64Array, at: number): void {
  let dot = 0;
  for (let i = at; i < at + 4; i++) dot += a[i]! * b[i]!;
  const sign = dot < 0 ? -1 : 1;
  const angle = Math.acos(Math.min(1, Math.abs(dot)));
  // Below 1e-3 rad the sines lose their digits and the straight line is the same to 1e-7.
  const near = angle < 1e-3;
  const fromA = near ? 1 - u : Math.sin((1 - u) * angle) / Math.sin(angle);
  const fromB = sign * (near ? u : Math.sin(u * angle) / Math.sin(angle));
  let norm = 0;
  for (let i = at; i < at + 4; i++) {
    out[i] = fromA * a[i]! + fromB * b[i]!;
    norm += out[i]! ** 2;
  }
  for (let i = at; i < at + 4; i++) out[i] = out[i]! / Math.sqrt(norm);
}
