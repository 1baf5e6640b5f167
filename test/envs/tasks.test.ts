import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PILLAR_SIZE } from '../../envs/pillars.ts';
import { tiltOf } from '../../envs/quaternion.ts';
import { Rng } from '../../envs/rng.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { type Flown, MIXED_REWARD, NOMINAL_REWARD, TASKS, type Task, taskNamed } from '../../envs/tasks/index.ts';
import { near } from '../given.ts';

function givenFlown(task: Task): Flown {
  const memory = new Float64Array(task.memorySize);
  const pillars = new Float64Array(PILLAR_SIZE * (task.pillars?.count ?? 0));
  return { ...stateBuffer(), memory, pillars, step: 0, crashed: false, reward: 0, distance: 0, success: false };
}

/** The starts of many episodes. */
function starts(task: Task, easy: boolean, count = 2000): Flown[] {
  const rng = new Rng(7);
  return Array.from({ length: count }, () => {
    const flown = givenFlown(task);
    task.start(flown, rng, easy);
    return flown;
  });
}

function size(vector: ArrayLike<number>, from: ArrayLike<number> = [0, 0, 0]): number {
  return Math.hypot(vector[0] - from[0], vector[1] - from[1], vector[2] - from[2]);
}

const hover = taskNamed('hover');
const waypoint = taskNamed('waypoint');

test('hover starts reach 0.5 m, 90°, 1 m/s and 1 rad/s, and no further', () => {
  const all = starts(hover, false);
  const reaches = (measure: (flown: Flown) => number, limit: number) => {
    const values = all.map(measure);
    assert.ok(Math.max(...values) <= limit, `${Math.max(...values)} > ${limit}`);
    assert.ok(Math.max(...values) > 0.98 * limit);
    near(values.reduce((sum, value) => sum + value, 0) / values.length, limit / 2, 0.02 * limit, 'even magnitude');
  };
  reaches((flown) => size(flown.position, flown.goal), 0.5);
  reaches((flown) => tiltOf(flown.quaternion), Math.PI / 2 + 1e-9);
  reaches((flown) => size(flown.velocity), 1);
  reaches((flown) => size(flown.rates), 1);
});

test('starts have no preferred direction', () => {
  const all = starts(hover, false);
  for (let k = 0; k < 3; k++) {
    const mean = all.reduce((sum, flown) => sum + flown.velocity[k], 0) / all.length;
    near(mean, 0, 0.04); // 0.33 / sqrt(2000) is one standard error
  }
});

test('easy starts are mild', () => {
  for (const task of TASKS)
    for (const flown of starts(task, true, 100))
      assert.ok(tiltOf(flown.quaternion) < 0.31 && size(flown.velocity, flown.goalVelocity) < 0.21);
});

test('hover succeeds with a mean error below 0.1 m over the last second, whatever came before', () => {
  const judge = (early: number, late: number) => {
    const flown = givenFlown(hover);
    hover.start(flown, new Rng(1), true);
    for (flown.step = 1; flown.step <= 500; flown.step++) {
      flown.position.set(flown.goal);
      flown.position[0] += flown.step <= 400 ? early : late;
      hover.advance(flown, new Rng(1), hover.reward, 100);
      if (flown.step < 500) assert.is(flown.success, false);
    }
    return flown.success;
  };
  assert.is(judge(0.9, 0.099), true);
  assert.is(judge(0, 0.101), false);
});

test('rewards are the formulas of the weights', () => {
  const flown = givenFlown(hover);
  hover.start(flown, new Rng(1), true);
  flown.position.set([0.3, 0.4, flown.goal[2]]);
  flown.quaternion.set([Math.sin(0.1), 0, 0, Math.cos(0.1)]); // 0.2 rad about x
  flown.rates.set([1, 2, 3]);
  hover.advance(flown, new Rng(1), MIXED_REWARD, 100);
  near(flown.reward, Math.exp(-1.5) + Math.exp(-2.5) - 0.25 + 0.7 - 0.02 - 0.002 * (1 + 4) - 0.03 * 9, 1e-9);
  hover.advance(flown, new Rng(1), NOMINAL_REWARD, 100);
  near(flown.reward, Math.exp(-1.5) - 0.002 * (1 + 4 + 9), 1e-9);
});

test('a state counts for no less than the floor, however fast it tumbles', () => {
  const flown = givenFlown(hover);
  hover.start(flown, new Rng(1), true);
  flown.rates.set([0, 0, 100]);
  hover.advance(flown, new Rng(1), { ...MIXED_REWARD, floor: -1 }, 100);
  assert.is(flown.reward, -1);
  hover.advance(flown, new Rng(1), MIXED_REWARD, 100);
  assert.ok(flown.reward < -0.03 * 100 ** 2 + 3);
});

test('waypoints lie in the 6 × 6 × 3 m volume and fill it', () => {
  const goals = starts(waypoint, false).map((flown) => flown.goal);
  for (let k = 0; k < 3; k++) {
    const values = goals.map((goal) => goal[k]);
    const [low, high] = [waypoint.volume.low[k], waypoint.volume.high[k]];
    assert.ok(Math.min(...values) >= low && Math.max(...values) <= high);
    near(Math.max(...values) - Math.min(...values), [6, 6, 3][k], 0.1);
  }
});

test('five captures within 0.25 m succeed, and each shows the next waypoint', () => {
  const flown = givenFlown(waypoint);
  const rng = new Rng(3);
  waypoint.start(flown, rng, false);
  for (let capture = 1; capture <= 5; capture++) {
    const goal = Array.from(flown.goal);
    flown.position.set([goal[0] + 0.26, goal[1], goal[2]]);
    waypoint.advance(flown, rng, waypoint.reward, 100);
    assert.equal(Array.from(flown.goal), goal, 'not captured yet');
    flown.position.set([goal[0] + 0.24, goal[1], goal[2]]);
    waypoint.advance(flown, rng, waypoint.reward, 100);
    assert.not.equal(Array.from(flown.goal), goal);
    assert.is(flown.success, capture === 5);
  }
});

test('progress pays by the metre, and a capture is never a loss', () => {
  const flown = givenFlown(waypoint);
  const rng = new Rng(4);
  waypoint.start(flown, rng, false);
  flown.quaternion.set([0, 0, 0, 1]);
  flown.rates.fill(0);
  const weights = { ...waypoint.reward, alive: 0 };
  let [sum, path] = [0, 0];
  for (let leg = 0; leg < 5; leg++) {
    path += size(flown.position, flown.goal);
    for (let k = 0; k < 3; k++) flown.position[k] = flown.goal[k];
    waypoint.advance(flown, rng, weights, 100);
    sum += flown.reward;
  }
  near(sum, weights.progress * path + 5 * weights.capture, 1e-6);
});

test('an unknown task is refused with the ones there are', () => {
  assert.throws(() => taskNamed('land'), /task: expected hover or waypoint or forest or track, got land/);
});

test.run();
