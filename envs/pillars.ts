import type { Body } from 'cannon-es';
import type { Rng } from './rng.ts';
import type { Obstacle } from './world.ts';

/** Numbers of one pillar: x, y of its axis and its radius [m]. */
export const PILLAR_SIZE = 3;

/** They stand on the ground and reach higher than any task's volume with its margin, so nothing flies over them. */
export const PILLAR_HEIGHT = 5;

/** Draws of one place before all pillars are drawn again. */
const PATIENCE = 200;

/** Where pillars may stand. */
export interface PillarField {
  count: number;
  /** Box that holds the axes [m]: x and y of two corners. */
  low: readonly number[];
  high: readonly number[];
  /** Range of radii [m]. */
  radius_m: readonly [number, number];
  /** Between the surfaces of any two [m], so that there is always a way through. */
  gap_m: number;
}

/**
 * Draws the pillars of one episode, `[count, 3]`: places evenly spread, one after another, as far apart as told.
 *
 * @throws RangeError when the field has no room for them
 */
export function drawPillars(field: PillarField, rng: Rng, out: Float64Array): void {
  for (let round = 0; round < PATIENCE; round++) if (drawAll(field, rng, out)) return;
  throw new RangeError(`pillars: expected room for ${field.count} with gaps of ${field.gap_m} m, found none`);
}

function drawAll({ count, low, high, radius_m, gap_m }: PillarField, rng: Rng, out: Float64Array): boolean {
  for (let k = 0, draws = 0; k < count; draws++) {
    if (draws === PATIENCE * count) return false;
    const x = rng.uniform(low[0], high[0]);
    const y = rng.uniform(low[1], high[1]);
    const radius = rng.uniform(radius_m[0], radius_m[1]);
    if (clearance(out, x, y, k) < radius + gap_m) continue;
    out[k * PILLAR_SIZE] = x;
    out[k * PILLAR_SIZE + 1] = y;
    out[k * PILLAR_SIZE + 2] = radius;
    k++;
  }
  return true;
}

/** Distance [m] from a point to the surface of the nearest of the first `count` pillars; infinite without any. */
export function clearance(pillars: Float64Array, x: number, y: number, count = pillars.length / PILLAR_SIZE): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let k = 0, at = 0; k < count; k++, at += PILLAR_SIZE) {
    const dx = pillars[at] - x;
    const dy = pillars[at + 1] - y;
    const distance = Math.sqrt(dx * dx + dy * dy) - pillars[at + 2];
    if (distance < nearest) nearest = distance;
  }
  return nearest;
}

/**
 * Pillars of `n` environments, other ones in each: the shared world can't hold them, since cannon-es tells bodies apart
 * by 32 bits. A vehicle's sphere touches an upright cylinder just when its centre is close enough to the axis, so the
 * contact that ends an episode needs no solver.
 */
export class Pillars {
  /** `[n, count, 3]` */
  readonly rows: Float64Array;
  private readonly views: Float64Array[] = [];
  private readonly radius: number;

  /** @param radius_m of the sphere that stands for a vehicle in contacts */
  constructor(n: number, count: number, radius_m: number) {
    const size = count * PILLAR_SIZE;
    this.rows = new Float64Array(n * size);
    for (let i = 0; i < n; i++) this.views.push(this.rows.subarray(i * size, (i + 1) * size));
    this.radius = radius_m;
  }

  /** Pillars of environment `i`, `[count, 3]`; write to it to move them. */
  of(i: number): Float64Array {
    return this.views[i];
  }

  /** 1 where vehicle `i` touches a pillar, else 0. */
  touched(i: number, { position }: Body): number {
    return clearance(this.views[i], position.x, position.y) <= this.radius ? 1 : 0;
  }

  /** Pillars of environment `i` as what the viewer draws. */
  obstacles(i: number): Obstacle[] {
    const row = this.views[i];
    return Array.from({ length: row.length / PILLAR_SIZE }, (_, k) => pillarObstacle(row, k));
  }
}

function pillarObstacle(pillars: Float64Array, k: number): Obstacle {
  const [x, y, radius_m] = pillars.subarray(k * PILLAR_SIZE, (k + 1) * PILLAR_SIZE);
  return { shape: 'cylinder', position_m: [x, y, PILLAR_HEIGHT / 2], radius_m, height_m: PILLAR_HEIGHT };
}
