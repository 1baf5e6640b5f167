import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Body } from 'cannon-es';
import { Rng } from '../../envs/rng.ts';
import { BODY_STATE, type Obstacle, World } from '../../envs/world.ts';
import { near } from '../given.ts';

const DT = 0.005;

/** A vehicle falling into the corner of ground and wall, spinning: every one at another speed. */
function falling(seed: number): Float64Array {
  const rng = new Rng(seed);
  const velocity = [rng.uniform(0.5, 6), rng.uniform(-3, 3), rng.uniform(-6, -0.5)];
  const rates = [rng.uniform(-9, 9), rng.uniform(-9, 9), rng.uniform(-9, 9)];
  return Float64Array.from([0.4295, rng.uniform(-1, 1), 0.0705, 0, 0, 0, 1, ...velocity, ...rates]);
}

const wall: Obstacle = { shape: 'box', position_m: [1, 0, 1], size_m: [1, 4, 2] };

function givenWorld(seeds: number[]): World {
  const world = new World(seeds.length, 0.07, [wall]);
  seeds.forEach((seed, i) => {
    world.setMass(i, 0.03, 1.6e-5, 1.7e-5, 2.9e-5);
    world.place(i, falling(seed));
  });
  return world;
}

test('contacts of others in the same step do not change a bit of a contact', () => {
  const seeds = Array.from({ length: 20 }, (_, k) => k);
  const together = givenWorld(seeds);
  for (let t = 0; t < 3; t++) together.step(DT);
  for (const seed of seeds) {
    const alone = givenWorld([seed]);
    for (let t = 0; t < 3; t++) alone.step(DT);
    const [a, b] = [new Float64Array(BODY_STATE), new Float64Array(BODY_STATE)];
    alone.read(0, a);
    together.read(seed, b);
    assert.equal(Array.from(b), Array.from(a), `vehicle ${seed}`);
  }
});

test('a vehicle in free flight moves to the same bits whether or not another touches something', () => {
  const flying = Float64Array.from([3, 1, 50, 0.1, 0.2, 0.3, Math.sqrt(0.86), 1, 2, 3, 4, -5, 6]);
  const [alone, beside] = [givenWorld([0]), givenWorld([0, 1])];
  alone.place(0, flying);
  beside.place(0, flying);
  let contacts = 0;
  for (let t = 0; t < 40; t++) {
    for (const world of [alone, beside]) {
      world.bodies[0].force.set(0.1, 0.2, 0.5);
      world.bodies[0].torque.set(1e-5, -2e-5, 3e-5);
      world.step(DT);
    }
    contacts += beside.touched[1];
    assert.is(alone.touched[0], 0);
  }
  assert.ok(contacts > 0 && contacts < 40, 'both ways of stepping were taken');
  const [a, b] = [new Float64Array(BODY_STATE), new Float64Array(BODY_STATE)];
  alone.read(0, a);
  beside.read(0, b);
  assert.equal(b, a);
});

test("a vehicle's inertia is turned into the world as cannon-es turns it", () => {
  const world = givenWorld([1]);
  const stock = new Body({ mass: 1 });
  stock.invInertia.copy(world.bodies[0].invInertia);
  stock.quaternion.set(0.1, -0.5, 0.3, Math.sqrt(0.65));
  stock.updateInertiaWorld(true);
  world.place(0, Float64Array.from([0, 0, 5, 0.1, -0.5, 0.3, Math.sqrt(0.65), 0, 0, 0, 0, 0, 0]));
  const { elements } = world.bodies[0].invInertiaWorld;
  stock.invInertiaWorld.elements.forEach((value, k) => near(elements[k] / value, 1, 1e-9, `element ${k}`));
});

test('a contact is reported in the step in which it happens, for the one it happens to', () => {
  const world = givenWorld([1, 2]);
  world.place(1, Float64Array.from([0, 0, 50, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  world.step(DT);
  world.step(DT);
  assert.equal([...world.touched], [1, 0]);
});

test('the ground carries what lies on it', () => {
  const world = new World(1, 0.07, []);
  world.setMass(0, 0.03, 1.6e-5, 1.7e-5, 2.9e-5);
  world.place(0, Float64Array.from([0, 0, 0.2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  const state = new Float64Array(BODY_STATE);
  for (let t = 0; t < 400; t++) world.step(DT);
  world.read(0, state);
  near(state[2], 0.07, 0.01, 'height of its centre');
  near(state[9], 0, 0.01, 'vertical speed');
});

test('a frozen vehicle stays', () => {
  const world = givenWorld([3]);
  world.freeze(0, true);
  world.step(DT);
  const state = new Float64Array(BODY_STATE);
  world.read(0, state);
  assert.equal(state, falling(3));
});

test('vehicles pass through each other', () => {
  const world = new World(2, 0.07, []);
  for (let i = 0; i < 2; i++) {
    world.setMass(i, 0.03, 1.6e-5, 1.7e-5, 2.9e-5);
    world.place(i, Float64Array.from([0, 0, 5, 0, 0, 0, 1, i, 0, 0, 0, 0, 0]));
  }
  world.step(DT);
  assert.equal([...world.touched], [0, 0]);
});

test.run();
