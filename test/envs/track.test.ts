import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { DEFAULT_OBSERVATION, Observer } from '../../envs/observation.ts';
import { fromAxisAngle, rotateInverse } from '../../envs/quaternion.ts';
import { Rng } from '../../envs/rng.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { type Flown, type LoggedPath, MIXED_REWARD, type Task, taskNamed, trackAlong } from '../../envs/tasks/index.ts';
import { drawPath, loggedPathAt, PATH_SIZE, pathAt } from '../../envs/tasks/paths.ts';
import { givenEnv, near } from '../given.ts';

const track = taskNamed('track');
const HZ = 100;
const ranges = {
  low: [-2, -2, 1.5],
  high: [2, 2, 4],
  radius_m: [0.3, 1],
  speed_m_s: [0.2, 1.5],
} as const;

function vectors(): [Float64Array, Float64Array] {
  return [new Float64Array(3), new Float64Array(3)];
}

function givenFlown(task: Task): Flown {
  const memory = new Float64Array(task.memorySize);
  const none = { pillars: new Float64Array(0), step: 0, crashed: false, reward: 0, distance: 0, success: false };
  return { ...stateBuffer(), memory, ...none };
}

/** Flies an episode that is always `offset` beside the goal; what it was by the end. */
function flyBeside(task: Task, offset: (step: number) => number, seed = 1): Flown {
  const flown = givenFlown(task);
  task.start(flown, new Rng(seed), false);
  const ahead = givenFlown(task);
  for (flown.step = 1; flown.step <= Math.round(task.maxSeconds * HZ); flown.step++) {
    // where the goal will be at this step, seen by a look ahead on the same memory
    Object.assign(ahead, { step: flown.step, memory: flown.memory.slice() });
    task.advance(ahead, new Rng(0), MIXED_REWARD, HZ);
    flown.position.set(ahead.goal);
    flown.position[0] += offset(flown.step);
    task.advance(flown, new Rng(0), MIXED_REWARD, HZ);
  }
  return flown;
}

test('drawn paths stay in their box, are as fast as asked at most, and their velocity is their derivative', () => {
  const rng = new Rng(3);
  const path = new Float64Array(PATH_SIZE);
  const [position, velocity] = vectors();
  const [before, after] = [vectors(), vectors()];
  const fastest: number[] = [];
  for (let draw = 0; draw < 200; draw++) {
    drawPath(rng, ranges, path);
    let most = 0;
    for (let t = 0; t < 10; t += 0.1) {
      pathAt(path, t, position, velocity);
      pathAt(path, t - 1e-4, ...before);
      pathAt(path, t + 1e-4, ...after);
      for (let k = 0; k < 3; k++) {
        near(velocity[k], (after[0][k] - before[0][k]) / 2e-4, 1e-5, `velocity ${k}`);
        assert.ok(
          position[k] >= ranges.low[k] - 1e-9 && position[k] <= ranges.high[k] + 1e-9,
          `axis ${k}: ${position[k]}`,
        );
      }
      most = Math.max(most, Math.hypot(...velocity));
    }
    fastest.push(most);
  }
  assert.ok(Math.max(...fastest) <= 1.5 + 1e-9, `${Math.max(...fastest)}`);
  assert.ok(Math.max(...fastest) > 1.2 && Math.min(...fastest) < 0.35);
});

test('level circles are among them: as far from the centre and as fast everywhere', () => {
  const rng = new Rng(3);
  const path = new Float64Array(PATH_SIZE);
  const [position, velocity] = vectors();
  const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
  let circles = 0;
  for (let draw = 0; draw < 200; draw++) {
    drawPath(rng, ranges, path);
    const distances: number[] = [];
    const speeds: number[] = [];
    for (let t = 0; t < 40; t += 0.5) {
      pathAt(path, t, position, velocity);
      distances.push(Math.hypot(position[0] - path[0], position[1] - path[1]));
      speeds.push(Math.hypot(...velocity));
    }
    if (path[5] === 0 && spread(distances) < 1e-9 && spread(speeds) < 1e-9) circles++;
  }
  assert.ok(circles > 30 && circles < 70, `${circles} of 200, one in four expected`);
});

test('success is a root mean square below 0.15 m, once there were 2 s to settle', () => {
  assert.ok(flyBeside(track, () => 0).success);
  assert.ok(flyBeside(track, () => 0.149).success);
  assert.not(flyBeside(track, () => 0.151).success);
  assert.ok(flyBeside(track, (step) => (step <= 2 * HZ ? 2 : 0)).success, 'settling is free');
  // 8 s of which half are 0.2 m off: 0.2 / √2 = 0.141
  assert.ok(flyBeside(track, (step) => (step % 2 ? 0.2 : 0)).success);
  assert.not(flyBeside(track, (step) => (step % 2 ? 0.22 : 0)).success);
});

/** Along x at 1 m/s and 1 m high. */
const line: LoggedPath = {
  name: 'line',
  rate_Hz: 50,
  positions: Float64Array.from({ length: 3 * 601 }, (_, i) => [Math.floor(i / 3) / 50, 0, 1][i % 3]),
};

test('a logged path is followed in its own time, between its points too, and stands at its ends', () => {
  const [position, velocity] = vectors();
  loggedPathAt(line, 2.013, position, velocity);
  near(position[0], 2.013, 1e-9);
  near(velocity[0], 1, 1e-9);
  loggedPathAt(line, 20, position, velocity);
  near(position[0], 12, 1e-9);
  near(velocity[0], 0, 1e-9);
  const task = trackAlong([line]);
  const flown = flyBeside(task, () => 0.1);
  near(flown.goal[0], flown.memory[1] + 10, 1e-9, 'ten seconds on from where it began');
  assert.ok(flown.success);
  assert.not(flyBeside(task, () => 0.2).success);
});

test('a path of less than a second is refused by name', () => {
  const short = { ...line, name: 'hop.csv', positions: line.positions.slice(0, 3 * 40) };
  assert.throws(
    () => trackAlong([line, short]),
    (error: Error) =>
      error instanceof InputError && /^hop\.csv: setpoint: expected at least 1 s, got 0\.78 s/.test(error.message),
  );
});

test('the observation shows how fast the goal moves, in the body frame, and only where it was asked for', () => {
  const spec = { ...DEFAULT_OBSERVATION, rate_Hz: 100, nominalVoltage_V: 3.7, stateAverages_s: [] };
  const [without, seeing] = [false, true].map((goalVelocity) => new Observer({ ...spec, goalVelocity }, 1));
  assert.is(seeing.size - without.size, 3);
  const state = stateBuffer();
  fromAxisAngle(0.6, 0, 0.8, 1.1, state.quaternion);
  state.goalVelocity.set([0.3, -1, 2]);
  const [a, b] = [new Float32Array(without.size), new Float32Array(seeing.size)];
  without.observe(0, state, a, 0);
  seeing.observe(0, state, b, 0);
  assert.equal(b.slice(0, without.size), a);
  const expected = rotateInverse(state.quaternion, state.goalVelocity, [0, 0, 0]);
  for (let k = 0; k < 3; k++) near(b[without.size + k], expected[k], 1e-6, `axis ${k}`);
});

test('an environment follows the paths that it is given, and its goals move in the observation', () => {
  const env = givenEnv({
    task: 'track',
    paths: [line],
    n: 3,
    observation: { ...DEFAULT_OBSERVATION, goalVelocity: true, rate_Hz: 100, nominalVoltage_V: 3.7 },
  });
  const before = env.vehicleState(0).goal;
  env.step(new Float32Array(12));
  const after = env.vehicleState(0).goal;
  near(after[0] - before[0], 0.01, 1e-9);
  const row = env.obs.subarray(env.obsSize - 3, env.obsSize);
  near(Math.hypot(...row), 1, 1e-5);
});

test.run();
