import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Detour } from '../../envs/detour.ts';
import { clearance, drawPillars, type PillarField } from '../../envs/pillars.ts';
import { Rng } from '../../envs/rng.ts';
import { near } from '../given.ts';

const GAP = 1;
const RADIUS = 0.07;
const FIELD: PillarField = { count: 20, low: [-5, -5], high: [5, 5], radius_m: [0.15, 0.3], gap_m: GAP };

/** One pillar of radius 0.3 m, 2 m east. */
const AHEAD = Float64Array.of(2, 0, 0.3);
const STILL = [0, 0, 0];

function led(
  pillars: Float64Array,
  goal: number[],
  wanted: number[],
  position = STILL,
  velocity = STILL,
  radius = RADIUS,
): number[] {
  const out = Float64Array.from(wanted);
  new Detour(GAP).around({ pillars, goal: Float64Array.from(goal) }, position, velocity, radius, out);
  return [...out];
}

/** Flies as led, without inertia, for at most so long; returns the least clearance, and the distance left. */
function follow(pillars: Float64Array, from: number[], goal: number[], seconds = 30): [number, number] {
  const detour = new Detour(GAP);
  const position = from.slice();
  const velocity = new Float64Array(3);
  let [least, left] = [Infinity, Infinity];
  for (let t = 0; t < seconds && left > 0.1; t += 0.02) {
    const wanted = Float64Array.from(goal, (x, k) => x - position[k]);
    detour.around({ pillars, goal: Float64Array.from(goal) }, position, velocity, RADIUS, wanted);
    velocity.set(wanted);
    for (let k = 0; k < 3; k++) position[k] += 0.02 * velocity[k];
    least = Math.min(least, clearance(pillars, position[0], position[1]));
    left = Math.hypot(...goal.map((x, k) => x - position[k]));
  }
  return [least, left];
}

test('where nothing stands in the way the wanted velocity stays, up to a speed that beams can follow', () => {
  near(led(AHEAD, [0, 3, 0], [0, 0.8, 0.1])[1], 0.8, 1e-12);
  near(led(AHEAD, [1, 0, 0], [0.3, 0, 0])[0], 0.3, 1e-12, 'a goal before the pillar');
  const fast = led(AHEAD, [0, 3, 4], [0, 3, 4]);
  near(Math.hypot(...fast), 1, 1e-12);
  near(fast[2] / fast[1], 4 / 3, 1e-12);
});

test('a way around a pillar is a tangent to it, on the side to which the vehicle moves already', () => {
  const reach = 0.3 + RADIUS + 0.9 * (GAP / 2 - RADIUS);
  for (const side of [1, -1]) {
    const [x, y] = led(AHEAD, [4, 0, 0], [1, 0, 0], STILL, [0.5, 0.1 * side, 0]);
    near(Math.atan2(y, x), side * Math.asin(reach / 2), 1e-5);
    near(Math.hypot(x, y), 1, 1e-12);
  }
});

test('a vehicle that is wide for the gaps keeps more room where there is some, and passes a gap all the same', () => {
  const wide = 0.38;
  const needed = 0.9 * (GAP / 2 - wide);
  const [x, y] = led(AHEAD, [4, 0, 0], [1, 0, 0], STILL, STILL, wide);
  const passed = 2 * Math.sin(Math.abs(Math.atan2(y, x))) - 0.3; // from the way to the pillar's surface
  assert.ok(passed > wide + 2 * needed, `${passed} m`);
  const gate = Float64Array.of(2, 0.3 + GAP / 2, 0.3, 2, -0.3 - GAP / 2, 0.3);
  near(led(gate, [4, 0, 0], [1, 0, 0], STILL, STILL, wide)[1], 0, 1e-9);
});

test('towards a pillar it is no faster than the distance lets it, and too near it backs off', () => {
  const rng = new Rng(3);
  for (let draw = 0; draw < 200; draw++) {
    const [angle, away, course] = [rng.uniform(-3, 3), rng.uniform(0.05, 1), rng.uniform(-3, 3)];
    const [east, north] = [Math.cos(angle), Math.sin(angle)];
    const position = [2 - (0.3 + away) * east, -(0.3 + away) * north, 0];
    const wanted = [Math.cos(course), Math.sin(course), 0];
    const goal = position.map((x, k) => x + 3 * wanted[k]);
    const [x, y] = led(AHEAD, goal, wanted, position);
    assert.ok(x * east + y * north <= away - RADIUS - 0.15 + 1e-9, `${away} m away, on course ${course - angle}`);
  }
});

test('it leads around all pillars of a hundred forests to the goal, and never into one', () => {
  const pillars = new Float64Array(3 * FIELD.count);
  let reached = 0;
  for (let seed = 0; seed < 100; seed++) {
    const rng = new Rng(seed);
    drawPillars(FIELD, rng, pillars);
    const place = (): number[] => {
      const at = [rng.uniform(-5, 5), rng.uniform(-5, 5), 2];
      return clearance(pillars, at[0], at[1]) < 0.6 ? place() : at;
    };
    const [least, left] = follow(pillars, place(), place());
    assert.ok(least > RADIUS + 0.1, `seed ${seed}: ${least} m from a pillar`);
    if (left <= 0.1) reached++;
  }
  assert.ok(reached >= 98, `${reached} goals`);
});

test.run();
