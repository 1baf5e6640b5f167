import { PILLAR_SIZE } from './pillars.ts';
import type { Truth } from './sensors.ts';

/** Numbers that `writeApproach` writes. */
export const APPROACH_SIZE = 5;
/** Touches farther off than this count as none [s]. */
const HORIZON = 3;

/**
 * What a critic may know of the pillars and beams only hint at, so that a coming crash is no surprise to it: towards the
 * two nearest, in the heading frame, vectors of length e^(−clearance); and e^(−t), with t the time [s] to the first touch
 * in straight flight, 0 where there is none.
 *
 * @param pillars `[count, 3]`
 * @param radius_m of the vehicle
 */
export function writeApproach(
  truth: Truth,
  pillars: Float64Array,
  radius_m: number,
  out: Float32Array,
  offset: number,
): void {
  const { position, velocity, quaternion: q } = truth;
  let [first, second, touch] = [-1, -1, HORIZON];
  let [nearest, next] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let at = 0; at < pillars.length; at += PILLAR_SIZE) {
    const dx = pillars[at] - position[0];
    const dy = pillars[at + 1] - position[1];
    const clearance = Math.sqrt(dx * dx + dy * dy) - pillars[at + 2];
    if (clearance < nearest) {
      next = nearest;
      second = first;
      nearest = clearance;
      first = at;
    } else if (clearance < next) {
      next = clearance;
      second = at;
    }
    const time = timeToTouch(dx, dy, velocity[0], velocity[1], pillars[at + 2] + radius_m);
    if (time < touch) touch = time;
  }
  const ahead = 1 - 2 * (q[1] * q[1] + q[2] * q[2]);
  const left = 2 * (q[0] * q[1] + q[3] * q[2]);
  const size = Math.sqrt(ahead * ahead + left * left);
  const cosine = size > 0 ? ahead / size : 1;
  const sine = size > 0 ? left / size : 0;
  towards(first, nearest, truth, pillars, cosine, sine, out, offset);
  towards(second, next, truth, pillars, cosine, sine, out, offset + 2);
  out[offset + 4] = touch < HORIZON ? Math.exp(-touch) : 0;
}

/** Until two circles `reach` apart touch, one at `(dx, dy)` from the other that moves at `(vx, vy)`: |d − v·t| = reach. */
function timeToTouch(dx: number, dy: number, vx: number, vy: number, reach: number): number {
  const closing = dx * vx + dy * vy;
  if (closing <= 0) return HORIZON;
  const gap = dx * dx + dy * dy - reach * reach;
  if (gap <= 0) return 0;
  const discriminant = closing * closing - (vx * vx + vy * vy) * gap;
  return discriminant < 0 ? HORIZON : gap / (closing + Math.sqrt(discriminant));
}

function towards(
  at: number,
  clearance: number,
  { position }: Truth,
  pillars: Float64Array,
  cosine: number,
  sine: number,
  out: Float32Array,
  offset: number,
): void {
  out[offset] = out[offset + 1] = 0;
  if (at < 0) return;
  const dx = pillars[at] - position[0];
  const dy = pillars[at + 1] - position[1];
  const distance = clearance + pillars[at + 2];
  const scale = distance > 0 ? Math.exp(clearance > 0 ? -clearance : 0) / distance : 0;
  out[offset] = scale * (cosine * dx + sine * dy);
  out[offset + 1] = scale * (cosine * dy - sine * dx);
}
