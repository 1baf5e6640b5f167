import { Body, Ray, RaycastResult, Sphere } from 'cannon-es';
import { BEAM_RANGE } from './observation.ts';
import { PILLAR_SIZE } from './pillars.ts';
import { yawOf } from './quaternion.ts';
import type { Rng } from './rng.ts';
import type { Truth } from './sensors.ts';

/** Standard deviation of a range's noise [m]; VL53L1x datasheet: ranging error ±20 mm in the dark. */
const NOISE = 0.01;

/**
 * Range sensors of `n` vehicles: a fan of beams, level with the horizon, beam `k` at `k / count` turns to the left of
 * the heading. Level, as an estimator that knows its tilt makes a scan; so a tilted vehicle doesn't take the ground
 * for an obstacle, and against upright pillars a beam's height is of no account.
 *
 * cannon-es casts the beams. Where a level beam meets an upright round pillar it would meet a sphere of the same radius
 * at its own height, and that is what is cast at: exact, where cannon-es's cylinders are prisms (up to 7 mm off with 16
 * sides), and in 0.1 µs instead of 1. A beam that passes a pillar's circle isn't cast at all.
 */
export class Beams {
  readonly count: number;
  /** Noise over nominal, `[n]`. */
  readonly noiseRatio: Float64Array;
  private readonly cosines: Float64Array;
  private readonly sines: Float64Array;
  /** Section of the pillar that is cast at. */
  private readonly section = new Sphere(1);
  private readonly body = new Body({ type: Body.STATIC, shape: this.section });
  private readonly ray = new Ray();
  private readonly result = new RaycastResult();

  constructor(count: number, n: number) {
    this.count = count;
    this.noiseRatio = new Float64Array(n).fill(1);
    const angles = Float64Array.from({ length: count }, (_, k) => (2 * Math.PI * k) / count);
    this.cosines = angles.map(Math.cos);
    this.sines = angles.map(Math.sin);
    this.ray.mode = Ray.CLOSEST;
  }

  /** Measures vehicle `i` among its pillars `[count, 3]`: ranges `[beams]` with noise, in (0, BEAM_RANGE]. */
  measure(i: number, truth: Truth, pillars: Float64Array, rng: Rng, out: Float64Array): void {
    const { count } = this;
    const deviation = NOISE * this.noiseRatio[i];
    this.cast(truth.position[0], truth.position[1], yawOf(truth.quaternion), pillars, out);
    for (let k = 0; k < count; k++) {
      if (out[k] >= BEAM_RANGE) continue;
      const range = out[k] + deviation * rng.normal();
      out[k] = range < 0 ? 0 : range > BEAM_RANGE ? BEAM_RANGE : range;
    }
  }

  /** True ranges from a place in a heading to `out`, `[beams]`. */
  cast(x: number, y: number, yaw: number, pillars: Float64Array, out: Float64Array): void {
    const { count, cosines, sines } = this;
    const c = Math.cos(yaw);
    const s = Math.sin(yaw);
    for (let k = 0; k < count; k++) out[k] = BEAM_RANGE;
    for (let at = 0; at < pillars.length; at += PILLAR_SIZE) {
      const dx = pillars[at] - x;
      const dy = pillars[at + 1] - y;
      const radius = pillars[at + 2];
      const squared = dx * dx + dy * dy;
      if (squared >= (BEAM_RANGE + radius) * (BEAM_RANGE + radius)) continue;
      // pillar in the heading frame
      const ahead = c * dx + s * dy;
      const left = c * dy - s * dx;
      for (let k = 0; k < count; k++) {
        const along = cosines[k] * ahead + sines[k] * left;
        if (along <= 0 || along - radius >= out[k] || squared - along * along > radius * radius) continue;
        const cosine = c * cosines[k] - s * sines[k];
        const sine = s * cosines[k] + c * sines[k];
        const range = this.castAt(pillars, at, x, y, cosine, sine);
        if (range < out[k]) out[k] = range;
      }
    }
  }

  /** Range [m] of one beam against the pillar at `at`, or BEAM_RANGE. */
  private castAt(pillars: Float64Array, at: number, x: number, y: number, cosine: number, sine: number): number {
    const { ray, result, body, section } = this;
    section.radius = section.boundingSphereRadius = pillars[at + 2];
    body.position.set(pillars[at], pillars[at + 1], 0);
    ray.from.set(x, y, 0);
    ray.to.set(x + BEAM_RANGE * cosine, y + BEAM_RANGE * sine, 0);
    result.hasHit = false; // all else in it is written by a hit
    ray.intersectBody(body, result);
    return result.hasHit ? result.distance : BEAM_RANGE;
  }
}
