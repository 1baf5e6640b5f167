import { type ActionMap, actionMap } from './actions.ts';
import type { Airframe } from './airframe.ts';
import { drawAirframe, rangesFor } from './draw-airframe.ts';
import type { Randomisation } from './randomisation.ts';
import type { Rng } from './rng.ts';
import type { VectorEnvOptions } from './vector-env-options.ts';
import type { Vehicle } from './vehicle.ts';

/** How an episode ended: the goal reached, in a crash, or neither. */
export type Outcome = 'success' | 'crash' | 'neither';

/** A vehicle that episodes may fly, with the ranges of its airframes and its action map. */
export interface Member {
  own: Vehicle;
  ranges: Randomisation | null;
  map: ActionMap;
}

/**
 * The vehicles that the environments of one `VectorEnv` fly, and which of them each does: the vehicle of its options, or one
 * of their fleet.
 */
export class Fleet {
  /** Of all members and what may be drawn for them. */
  readonly longestLatency_s: number;
  private readonly shown: Vehicle;
  private readonly many: boolean;
  private readonly members: readonly Member[];
  /** Which of `members` each environment flies in this episode. */
  private readonly flown: Uint8Array;

  constructor({ vehicle, fleet, randomisation, actions, n }: VectorEnvOptions) {
    this.shown = vehicle;
    this.many = fleet !== undefined;
    this.members = (fleet ?? [vehicle]).map((own) => ({
      own,
      ranges: randomisation && rangesFor(own, randomisation),
      map: actionMap(own, actions),
    }));
    this.longestLatency_s = Math.max(...this.members.map(longestLatency));
    this.flown = new Uint8Array(n);
  }

  /** What environment `i` flies. */
  member(i: number): Member {
    return this.members[this.flown[i]];
  }

  /** Environment `i` begins all over, with any of the fleet. */
  reset(i: number, rng: Rng): void {
    if (this.many) this.flown[i] = rng.below(this.members.length);
  }

  /** Environment `i` goes on to its next vehicle. */
  next(i: number, outcome: Outcome, rng: Rng): void {
    if (this.many) this.flown[i] = nextMember(this.flown[i], outcome, this.members.length, rng);
  }

  /** An airframe of environment `i`'s vehicle, in terms of the one that its simulator shows. */
  draw(i: number, rng: Rng): Airframe {
    const { own, ranges } = this.member(i);
    const airframe = drawAirframe(own, ranges, rng);
    return this.many ? inTermsOf(this.shown, own, airframe) : airframe;
  }

  /** What has to be saved of it. */
  state(): ArrayBufferView[] {
    return this.many ? [this.flown] : [];
  }
}

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

function longestLatency({ own, ranges }: Member): number {
  return Math.max(own.latency_s, ranges?.latency_s[1] ?? 0);
}
