import { fromAxisAngle, multiply } from '../quaternion.ts';
import type { Rng } from '../rng.ts';
import type { Flown } from './flown.ts';

/** How far from rest at the start an episode may begin: each magnitude is drawn evenly from 0 to this. */
export interface StartSpread {
  offset_m: number;
  tilt_rad: number;
  speed_m_s: number;
  rates_rad_s: number;
}

const tilt = new Float64Array(4);
const yaw = new Float64Array(4);

/** Starts a flight near `centre`, `[3]`, in any heading; directions are even over the sphere. */
export function scatter(flown: Flown, centre: ArrayLike<number>, spread: StartSpread, rng: Rng): void {
  anyVector(rng, spread.offset_m, flown.position);
  for (let k = 0; k < 3; k++) flown.position[k] += centre[k];
  anyVector(rng, spread.speed_m_s, flown.velocity);
  anyVector(rng, spread.rates_rad_s, flown.rates);
  const towards = rng.uniform(0, 2 * Math.PI);
  fromAxisAngle(Math.cos(towards), Math.sin(towards), 0, rng.uniform(0, spread.tilt_rad), tilt);
  fromAxisAngle(0, 0, 1, rng.uniform(-Math.PI, Math.PI), yaw);
  multiply(tilt, yaw, flown.quaternion);
}

/** A vector of even length in [0, longest] and any direction. */
function anyVector(rng: Rng, longest: number, out: Float64Array): void {
  const z = rng.uniform(-1, 1);
  const around = rng.uniform(0, 2 * Math.PI);
  const length = rng.uniform(0, longest);
  const across = length * Math.sqrt(1 - z * z);
  out[0] = across * Math.cos(around);
  out[1] = across * Math.sin(around);
  out[2] = length * z;
}
