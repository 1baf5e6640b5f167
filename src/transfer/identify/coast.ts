import { fromAxisAngle, multiply, normalise, rotate } from '../../../envs/quaternion.ts';
import { GRAVITY } from '../../../envs/weight.ts';
import type { FlightData } from './flight-data.ts';
import type { Replayed, Window } from './replay.ts';

/**
 * What windows come to if body rates stay as they are and thrust just carries the weight: the best that can be foretold
 * without the motor commands. Start and end of each window, as a replay gives them.
 */
export function coast(flights: FlightData[], windows: Window[], steps: number, dt: number): Replayed {
  const n = windows.length;
  const out: Replayed = {
    position: new Float64Array(n * 6),
    velocity: new Float64Array(n * 6),
    quaternion: new Float64Array(n * 8),
    rates: new Float64Array(n * 6),
  };
  const turn = [0, 0, 0, 1];
  windows.forEach(({ flight, from }, w) => {
    const { quaternion, velocity, rates } = flights[flight];
    const q = quaternion!.map((column) => column[from]);
    const v = velocity!.map((column) => column[from]);
    const [x, y, z] = rates.map((column) => column[from]);
    const speed = Math.hypot(x, y, z) || 1;
    fromAxisAngle(x / speed, y / speed, z / speed, speed * dt, turn);
    const p = [0, 0, 0];
    out.velocity.set(v, w * 6);
    out.quaternion.set(q, w * 8);
    for (let step = 0; step < steps; step++) {
      const lift = rotate(q, [0, 0, GRAVITY], [0, 0, 0]);
      for (let k = 0; k < 3; k++) {
        v[k] += (lift[k] - (k === 2 ? GRAVITY : 0)) * dt;
        p[k] += v[k] * dt;
      }
      normalise(multiply(q, turn, q));
    }
    out.position.set(p, w * 6 + 3);
    out.velocity.set(v, w * 6 + 3);
    out.quaternion.set(q, w * 8 + 4);
    out.rates.set([x, y, z], w * 6);
    out.rates.set([x, y, z], w * 6 + 3);
  });
  return out;
}
