import type { Airframe } from './airframe.ts';
import type { Rng } from './rng.ts';
import type { Vehicle } from './vehicle.ts';

/** How an episode ended: the goal reached, in a crash, or neither. */
export type Outcome = 'success' | 'crash' | 'neither';

/** How often whoever can fly the last vehicle flies it again, instead of any of them. */
const AGAIN = 0.5;

/**
 * Which of `size` vehicles, from easy to hard, an environment flies after number `k`: a harder one after a success, an easier
 * one after a crash. From the last the way leads back to any of them, so that none is forgotten.
 *
 * @see Rudin et al. 2021, https://arxiv.org/abs/2109.11978, section 3.3, where robots climb terrains in this way
 */
export function nextMember(k: number, outcome: Outcome, size: number, rng: Rng): number {
  if (outcome === 'crash') return Math.max(0, k - 1);
  if (outcome === 'neither') return k;
  if (k < size - 1) return k + 1;
  return rng.uniform() < AGAIN ? k : rng.below(size);
}

/** An airframe of `own` to a simulator of `shown`, whose ratio of thrust is to the full thrust of that one's rotors. */
export function inTermsOf(shown: Vehicle, own: Vehicle, airframe: Airframe): Airframe {
  return { ...airframe, thrust_ratio: (airframe.thrust_ratio * own.rotor.maxThrust_N) / shown.rotor.maxThrust_N };
}
