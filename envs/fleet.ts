import type { Airframe } from './airframe.ts';
import type { Rng } from './rng.ts';
import type { Vehicle } from './vehicle.ts';

/** One vehicle of several that are flown side by side. */
export interface FleetMember {
  vehicle: Vehicle;
  /** How often an episode flies it, beside those of the others. */
  share: number;
}

/** Draws the place of one in `fleet`, as often as its share says. */
export function drawMember(fleet: readonly FleetMember[], rng: Rng): number {
  let left = rng.uniform() * fleet.reduce((sum, { share }) => sum + share, 0);
  for (let k = 0; k < fleet.length - 1; k++) {
    left -= fleet[k].share;
    if (left < 0) return k;
  }
  return fleet.length - 1;
}

/** An airframe of `own` to a simulator of `shown`, whose ratio of thrust is to the full thrust of that one's rotors. */
export function inTermsOf(shown: Vehicle, own: Vehicle, airframe: Airframe): Airframe {
  return { ...airframe, thrust_ratio: (airframe.thrust_ratio * own.rotor.maxThrust_N) / shown.rotor.maxThrust_N };
}
