import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PILLAR_SIZE, drawPillars } from '../../envs/pillars.ts';
import { Rng } from '../../envs/rng.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { type Flown, type Task, taskNamed } from '../../envs/tasks/index.ts';
import { givenEnv, givenVehicle, near } from '../given.ts';

const forest = taskNamed('forest');

function givenFlown(): Flown {
  const pillars = new Float64Array(PILLAR_SIZE * forest.pillars!.count);
  const memory = new Float64Array(forest.memorySize);
  return { ...stateBuffer(), memory, pillars, step: 0, crashed: false, reward: 0, distance: 0, success: false };
}

/** Rows of x, y, radius. */
function rows(pillars: Float64Array): number[][] {
  return Array.from({ length: pillars.length / 3 }, (_, k) => [...pillars.subarray(3 * k, 3 * k + 3)]);
}

/** Distance from a place to the nearest surface. */
function free(pillars: Float64Array, place: ArrayLike<number>): number {
  return Math.min(...rows(pillars).map(([x, y, radius]) => Math.hypot(x - place[0], y - place[1]) - radius));
}

test('twenty pillars stand in the field with gaps of a metre, elsewhere in each episode', () => {
  const rng = new Rng(1);
  const places: number[] = [];
  for (let episode = 0; episode < 200; episode++) {
    const flown = givenFlown();
    forest.start(flown, rng, false);
    const all = rows(flown.pillars);
    for (const [i, [x, y, radius]] of all.entries()) {
      assert.ok(Math.abs(x) <= 5 && Math.abs(y) <= 5 && radius >= 0.15 && radius <= 0.3);
      for (const [otherX, otherY, other] of all.slice(0, i))
        assert.ok(Math.hypot(x - otherX, y - otherY) >= radius + other + 1);
      places.push(x, y);
    }
  }
  near(places.reduce((sum, value) => sum + value, 0) / places.length, 0, 0.1, 'mean place'); // 0.03 is a standard error
});

test('no start and no waypoint is within 0.6 m of a pillar, and legs have 1.5 to 4 m', () => {
  const rng = new Rng(2);
  for (let episode = 0; episode < 200; episode++) {
    const flown = givenFlown();
    forest.start(flown, rng, episode % 2 === 0);
    assert.ok(free(flown.pillars, flown.position) >= 0.6, 'start');
    for (let leg = 0; leg < 6; leg++) {
      assert.ok(free(flown.pillars, flown.goal) >= 0.6, `waypoint ${leg}`);
      const length = Math.hypot(...[0, 1, 2].map((k) => flown.goal[k] - flown.position[k]));
      assert.ok(length >= 1.5 && length <= 4, `leg of ${length} m`);
      flown.position.set(flown.goal);
      forest.advance(flown, rng, forest.reward, 100);
      assert.is(flown.success, leg >= 4);
    }
  }
});

test('being close costs the square of the share of 0.6 m that is missing', () => {
  const costAt = (clearance: number) => {
    const flown = givenFlown();
    forest.start(flown, new Rng(3), true);
    flown.pillars.fill(100);
    flown.pillars.set([clearance + 0.3, 0, 0.3]);
    flown.position.fill(0);
    const reward = (proximity: number) => {
      forest.advance(flown, new Rng(4), { ...forest.reward, progress: 0, proximity }, 100);
      return flown.reward;
    };
    return reward(0) - reward(2);
  };
  near(costAt(0.3), 2 * 0.5 ** 2, 1e-9);
  near(costAt(0.45), 2 * 0.25 ** 2, 1e-9);
  near(costAt(0.6), 0, 1e-9);
});

test('looking away from the goal costs, most with the goal behind', () => {
  const costAt = (yaw: number, towards: number) => {
    const flown = givenFlown();
    forest.start(flown, new Rng(3), true);
    flown.pillars.fill(100);
    flown.quaternion.set([0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)]);
    const { position } = flown;
    const reward = (heading: number) => {
      flown.goal.set([position[0] + 2 * Math.cos(towards), position[1] + 2 * Math.sin(towards), position[2] + 1]);
      forest.advance(flown, new Rng(4), { ...forest.reward, progress: 0, heading }, 100);
      return flown.reward;
    };
    return reward(0) - reward(2);
  };
  near(costAt(0.7, 0.7), 0, 1e-9, 'ahead');
  near(costAt(0.7, 0.7 + Math.PI / 2), 1, 1e-9, 'aside');
  near(costAt(-2, -2 + Math.PI), 2, 1e-9, 'behind');
});

test('flying faster than is fast enough costs, and more than it gains', () => {
  const perStep = (speed: number, weights: Partial<typeof forest.reward> = {}) => {
    const flown = givenFlown();
    forest.start(flown, new Rng(5), true);
    flown.pillars.fill(100);
    const { position, goal, velocity } = flown;
    position.set([0, 0, 2]);
    goal.set([3, 0, 2]);
    velocity.set([speed, 0, 0]);
    flown.memory[1] = 3 + speed / 100; // it came this far in the last step
    forest.advance(flown, new Rng(4), { ...forest.reward, ...weights }, 100);
    return flown.reward;
  };
  near(perStep(1.2) - perStep(1.2, { haste: 0 }), 0, 1e-12);
  near(perStep(2.3, { haste: 0 }) - perStep(2.3), 0.8 * forest.reward.haste, 1e-12);
  assert.ok(perStep(1.5) > perStep(1.2), 'up to there progress pays');
  assert.ok(perStep(2.3) < perStep(1.5), 'beyond it does not');
});

test('a field with no room says so', () => {
  const field = { count: 20, low: [0, 0], high: [1, 1], radius_m: [0.2, 0.3] as const, gap_m: 1 };
  assert.throws(() => drawPillars(field, new Rng(1), new Float64Array(60)), /expected room for 20 with gaps of 1 m/);
});

/** From 1 m west of a pillar, towards it. */
const headOn: Task = {
  ...forest,
  start(flown, rng, easy) {
    forest.start(flown, rng, easy);
    flown.pillars.fill(100);
    flown.pillars.set([0, 0.1, 0.25]);
    flown.position.set([-1, 0, 2]);
    flown.quaternion.set([0, 0, 0, 1]);
    flown.velocity.set([2, 0, 0]);
    flown.rates.fill(0);
  },
};

test('touching a pillar is a crash, in the step in which the distance says so', () => {
  const env = givenEnv({ task: headOn, autoreset: false });
  const touching = 0.25 + givenVehicle().collisionRadius_m;
  const distance = () => Math.hypot(env.vehicleState(0).position[0], env.vehicleState(0).position[1] - 0.1);
  while (!env.ended[0]) {
    assert.ok(distance() > touching, `still flying at ${distance()}`);
    env.step(new Float32Array(4));
  }
  assert.equal([env.terminated[0], env.success[0]], [1, 0]);
  assert.ok(distance() <= touching && distance() > touching - 0.021, `${distance()}`); // a step at 2 m/s
});

test('an environment draws its own pillars and shows them as obstacles for the viewer', () => {
  const env = givenEnv({ task: 'forest', n: 2 });
  const [here, there] = [env.obstacles(0), env.obstacles(1)];
  assert.is(here.length, 20);
  assert.not.equal(here, there);
  const [first] = here;
  if (first.shape !== 'cylinder') throw new Error(`expected a cylinder, got ${first.shape}`);
  assert.equal([first.position_m[2], first.height_m], [2.5, 5]);
  assert.equal(givenEnv({ task: 'forest', firstIndex: 1 }).obstacles(0), there);
});

test.run();
