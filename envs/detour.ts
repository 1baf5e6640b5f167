import { PILLAR_SIZE } from './pillars.ts';
import { shorten } from './shorten.ts';
import type { Flown } from './tasks/flown.ts';

/** From a vehicle's sphere to a pillar's surface that a way keeps [m], and the share of a narrow gap that it needs at most. */
const MARGIN = 0.4;
const OF_GAP = 0.9;
/**
 * A vehicle is wide for the gaps where a narrow one leaves it so much less than the margin [m]; it then chooses among so many
 * margins, from what is left up.
 */
const WIDE = 0.1;
const MARGINS = 3;
/** How far it turns aside [rad] rather than keep no margin. */
const SHYNESS = 1;
/** Faster than this [m/s] beams show too late what is in the way. */
const CRUISE = 1;
/** Pillars farther ahead than this are left for later [m]. */
const SIGHT = 2;
/** At one m/s and more, turning away from where it flies counts so much beside turning away from where it wants to. */
const INERTIA = 0.5;
/** It closes in on a pillar no faster than this [1/s] times the distance that is left, less this distance [m] or half the margin. */
const CAUTION = 1;
const KEPT = 0.15;
/** Beyond the edge of an arc [rad], so that it is open. */
const BESIDE = 1e-6;

/**
 * Leads an expert, who knows where they stand, around pillars.
 *
 * Each pillar in sight covers an arc of directions. Where the straight way is covered, of the edges of all arcs that one is
 * taken which turns least, both from the straight way and from where the vehicle moves already: so it passes a pillar that
 * it meets head-on, and does not waver. A vehicle that is wide for the gaps keeps more room where there is some. Speed towards
 * each pillar is then bounded by the distance from it.
 *
 * @see Borenstein and Koren 1991, https://doi.org/10.1109/70.88137, for open directions
 * @see Ames et al. 2019, https://arxiv.org/abs/1903.11199, for such bounds (control barrier functions)
 */
export class Detour {
  private readonly gap: number;
  /** Middle and half of the width of each arc [rad]. */
  private arcs = new Float64Array(0);
  private count = 0;

  /** @param gap_m between the surfaces of any two pillars, at least */
  constructor(gap_m: number) {
    this.gap = gap_m;
  }

  /**
   * Turns a wanted velocity so that it leads around the pillars, and slows it down; what leads up or down stays.
   *
   * @param flown its goal, up to which pillars count, and the pillars
   * @param position world frame [m]
   * @param velocity as it is [m/s]
   * @param radius_m of the vehicle
   * @param wanted velocity [m/s], changed
   */
  around(
    { goal, pillars }: Pick<Flown, 'goal' | 'pillars'>,
    position: ArrayLike<number>,
    velocity: ArrayLike<number>,
    radius_m: number,
    wanted: Float64Array,
  ): void {
    shorten(wanted, CRUISE);
    const speed = Math.hypot(wanted[0], wanted[1]);
    const away = Math.hypot(goal[0] - position[0], goal[1] - position[1]);
    const { direction, margin } = this.way(pillars, position, velocity, radius_m, Math.min(SIGHT, away), wanted);
    wanted[0] = speed * Math.cos(direction);
    wanted[1] = speed * Math.sin(direction);
    const kept = radius_m + Math.min(KEPT, margin / 2);
    for (let at = 0; at < pillars.length; at += PILLAR_SIZE) slowDown(pillars, at, position, kept, wanted);
  }

  /** The open direction, of those of all margins, that turns least for the margin that it keeps. */
  private way(
    pillars: Float64Array,
    position: ArrayLike<number>,
    velocity: ArrayLike<number>,
    radius_m: number,
    sight: number,
    wanted: Float64Array,
  ): { direction: number; margin: number } {
    const straight = Math.atan2(wanted[1], wanted[0]);
    const needed = Math.min(MARGIN, OF_GAP * (this.gap / 2 - radius_m));
    const margins = MARGIN - needed > WIDE ? MARGINS : 1;
    const best = { direction: straight, margin: needed };
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < margins; k++) {
      const margin = needed + (k / MARGINS) * (MARGIN - needed);
      this.cover(pillars, position, radius_m + margin, sight);
      const { direction, turn } = this.open(straight, velocity);
      const cost = turn + SHYNESS * (1 - margin / MARGIN);
      if (cost >= least) continue;
      least = cost;
      Object.assign(best, { direction, margin });
    }
    return best;
  }

  private cover(pillars: Float64Array, position: ArrayLike<number>, beyond: number, sight: number): void {
    const most = (2 * pillars.length) / PILLAR_SIZE;
    if (this.arcs.length < most) this.arcs = new Float64Array(most);
    this.count = 0;
    for (let at = 0; at < pillars.length; at += PILLAR_SIZE) {
      const east = pillars[at] - position[0];
      const north = pillars[at + 1] - position[1];
      const distance = Math.sqrt(east * east + north * north);
      const reach = pillars[at + 2] + beyond;
      if (distance - reach > sight) continue;
      this.arcs[2 * this.count] = Math.atan2(north, east);
      this.arcs[2 * this.count + 1] = distance > reach ? Math.asin(reach / distance) : Math.PI / 2;
      this.count++;
    }
  }

  /** The open direction that turns least, and how far; infinitely far where none is open. */
  private open(straight: number, velocity: ArrayLike<number>): { direction: number; turn: number } {
    if (this.isOpen(straight)) return { direction: straight, turn: 0 };
    const moving = Math.atan2(velocity[1], velocity[0]);
    const inertia = INERTIA * Math.min(1, Math.hypot(velocity[0], velocity[1]));
    let best = straight;
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < 2 * this.count; k++) {
      const arc = k - (k % 2);
      const edge = this.arcs[arc + 1] + BESIDE;
      const direction = this.arcs[arc] + (k === arc ? edge : -edge);
      const turn = between(direction, straight) + inertia * between(direction, moving);
      if (turn >= least || !this.isOpen(direction)) continue;
      least = turn;
      best = direction;
    }
    return { direction: best, turn: least };
  }

  private isOpen(direction: number): boolean {
    for (let k = 0; k < this.count; k++) if (between(direction, this.arcs[2 * k]) < this.arcs[2 * k + 1]) return false;
    return true;
  }
}

/** Bounds how fast a velocity leads towards one pillar. */
function slowDown(
  pillars: Float64Array,
  at: number,
  position: ArrayLike<number>,
  kept: number,
  velocity: Float64Array,
): void {
  const east = pillars[at] - position[0];
  const north = pillars[at + 1] - position[1];
  const distance = Math.sqrt(east * east + north * north);
  const closing = (velocity[0] * east + velocity[1] * north) / distance;
  const excess = closing - CAUTION * (distance - pillars[at + 2] - kept);
  if (excess <= 0) return;
  velocity[0] -= (excess * east) / distance;
  velocity[1] -= (excess * north) / distance;
}

/** The angle between two directions [rad], in [0, π]. */
function between(a: number, b: number): number {
  const turn = Math.abs(a - b) % (2 * Math.PI);
  return turn > Math.PI ? 2 * Math.PI - turn : turn;
}
