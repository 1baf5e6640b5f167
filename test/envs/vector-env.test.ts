import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nominalAirframe } from '../../envs/airframe.ts';
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { Rng } from '../../envs/rng.ts';
import { type Task, taskNamed } from '../../envs/tasks/index.ts';
import { type VectorEnv, type VectorEnvOptions, envBuffers, sliceBuffers } from '../../envs/vector-env.ts';
import type { Obstacle } from '../../envs/world.ts';
import { givenEnv, givenVehicle, near } from '../given.ts';

/** Actions that each environment takes at each step, whatever shard it is in. */
function actionsOf(env: VectorEnv, step: number, firstIndex = 0, size = 0.3): Float32Array {
  const actions = new Float32Array(env.n * 4);
  for (let i = 0; i < env.n; i++) {
    const rng = new Rng(step, firstIndex + i);
    for (let k = 0; k < 4; k++) actions[i * 4 + k] = rng.uniform(-size, size);
  }
  return actions;
}

function bytes(array: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Steps an environment and collects everything that it says, row by row of environment. */
function transcript(env: VectorEnv, steps: number, firstIndex = 0): Buffer[][] {
  const rows: Buffer[][] = Array.from({ length: env.n }, () => []);
  for (let t = 0; t < steps; t++) {
    env.step(actionsOf(env, t, firstIndex));
    for (let i = 0; i < env.n; i++)
      for (const array of [env.obs, env.privileged, env.finalObs, env.rewards, env.terminated, env.truncated]) {
        const width = array.length / env.n;
        rows[i].push(Buffer.from(bytes(array.subarray(i * width, (i + 1) * width))));
      }
  }
  return rows;
}

const randomised: Partial<VectorEnvOptions> = { randomisation: DEFAULT_RANDOMISATION, easyStarts: 0.3 };
const pillar: Obstacle = { shape: 'cylinder', position_m: [0.4, 0, 2], radius_m: 0.2, height_m: 2 };

for (const task of ['hover', 'waypoint', 'forest', 'track'])
  test(`${task}: an environment sees the same bytes in any shard`, () => {
    // an obstacle and random actions: many episodes end in contacts, several of them in the same step
    const options = { ...randomised, task, obstacles: [pillar] };
    const whole = transcript(givenEnv({ ...options, n: 7 }), 400);
    const head = transcript(givenEnv({ ...options, n: 2 }), 400);
    const tail = transcript(givenEnv({ ...options, n: 5, firstIndex: 2 }), 400, 2);
    [...head, ...tail].forEach((row, i) => {
      assert.ok(Buffer.concat(row).equals(Buffer.concat(whole[i])), `environment ${i}`);
    });
  });

for (const [
  task,
  actions,
] of [['waypoint', 'motors'], ['waypoint', 'ctbr'], ['forest', 'motors'], ['track', 'motors']] as const) // biome-ignore format: a table
  test(`${task}, ${actions}: going on from a snapshot gives the same bytes as never stopping`, () => {
    const options: Partial<VectorEnvOptions> = { ...randomised, task, actions, n: 5, obstacles: [pillar] };
    const env = givenEnv(options);
    transcript(env, 137);
    const snapshot = env.snapshot();
    const went = transcript(env, 100);
    const other = givenEnv({ ...options, seed: 99 });
    transcript(other, 20);
    other.restore(snapshot);
    assert.ok(bytes(other.snapshot()).equals(bytes(snapshot)), 'snapshot of the restored');
    assert.ok(Buffer.concat(transcript(other, 100).flat()).equals(Buffer.concat(went.flat())));
  });

test('a snapshot of other environments is refused', () => {
  assert.throws(() => givenEnv({ n: 2 }).restore(givenEnv({ n: 3 }).snapshot()), /expected \d+ bytes, got \d+/);
});

test('the trim trap: action 0 is nominal hover thrust, so a heavier airframe sinks and a lighter one climbs', () => {
  const fixed = (mass: number) => ({
    ...DEFAULT_RANDOMISATION,
    mass_ratio: [mass, mass] as [number, number],
    ...Object.fromEntries(
      ['thrust_ratio', 'motor_ratio', 'inertia_ratio', 'lag_ratio', 'drag_ratio'].map((key) => [key, [1, 1]]),
    ),
    windHorizontal_m_s: [0, 0] as [number, number],
    windVertical_m_s: [0, 0] as [number, number],
    charge: [0.8, 0.8] as [number, number],
    sag_ratio: [1, 1] as [number, number],
  });
  const climb = (mass: number) => {
    const env = givenEnv({ randomisation: fixed(mass), easyStarts: 1 });
    const before = env.vehicleState(0);
    for (let t = 0; t < 20; t++) env.step(new Float32Array(4));
    return env.vehicleState(0).velocity[2] - before.velocity[2];
  };
  const [light, nominal, heavy] = [climb(0.9), climb(1), climb(1.1)];
  // 0.2 s of g·(1/1.1 − 1) and of g·(1/0.9 − 1), tilt and drag aside
  near(heavy - nominal, -0.2 * 9.81 * (1 - 1 / 1.1), 0.05);
  near(light - nominal, 0.2 * 9.81 * (1 / 0.9 - 1), 0.05);
});

test('the nominal vehicle keeps its height with action 0', () => {
  const env = givenEnv({ easyStarts: 1, seed: 3 });
  const { velocity } = env.vehicleState(0);
  for (let t = 0; t < 20; t++) env.step(new Float32Array(4));
  near(env.vehicleState(0).velocity[2], velocity[2], 0.1);
});

test('falling to the ground ends the episode as a crash, which costs what the weights say', () => {
  const env = givenEnv({ autoreset: false, reward: { crash: 7, scale: 2 } });
  const motorsOff = new Float32Array(4).fill(-1);
  for (let t = 0; t < 300 && !env.ended[0]; t++) env.step(motorsOff);
  assert.equal([env.terminated[0], env.truncated[0], env.success[0]], [1, 0, 0]);
  const { position } = env.vehicleState(0);
  near(position[2], givenVehicle().collisionRadius_m, 0.06, 'height at contact');
  const last = env.rewards[0];
  assert.ok(last < -2 * 7 + 2 * 1 && last > -2 * 7 - 2 * 3, `reward ${last}`);
});

const below: Obstacle[] = [
  { shape: 'box', position_m: [0, 0, 1], size_m: [4, 4, 0.2] },
  { shape: 'cylinder', position_m: [0, 0, 0.6], radius_m: 2, height_m: 1 },
  { shape: 'sphere', position_m: [0, 0, -18.9], radius_m: 20 },
];
for (const obstacle of below)
  test(`falling onto a ${obstacle.shape} ends the episode where its top is`, () => {
    const env = givenEnv({ autoreset: false, obstacles: [obstacle] });
    const motorsOff = new Float32Array(4).fill(-1);
    for (let t = 0; t < 300 && !env.ended[0]; t++) env.step(motorsOff);
    assert.is(env.terminated[0], 1);
    near(env.vehicleState(0).position[2], 1.1 + givenVehicle().collisionRadius_m, 0.1);
  });

test('leaving the volume by 2 m is a crash', () => {
  const env = givenEnv({ autoreset: false, easyStarts: 1 });
  const full = new Float32Array(4).fill(1);
  for (let t = 0; t < 300 && !env.ended[0]; t++) env.step(full);
  assert.is(env.terminated[0], 1);
  assert.ok(env.vehicleState(0).position.some((value, k) => value > env.task.volume.high[k] + 2 || value < -3));
});

/** Hover, from rest at the goal: the nominal vehicle stays there with action 0. */
const rest: Task = {
  ...taskNamed('hover'),
  start(flown) {
    flown.goal.set([0, 0, 2.5]);
    flown.position.set(flown.goal);
    flown.quaternion.set([0, 0, 0, 1]);
    flown.velocity.fill(0);
    flown.rates.fill(0);
    flown.memory.fill(0);
  },
};
/** Without the battery, which loses 20 mV in 5 s, so that action 0 hovers to the end. */
const tireless = givenVehicle('crazyflie', { battery: { ...givenVehicle().battery, drainAtHover_V_per_s: 0 } });

test('staying at the goal for 5 s is a success, truncated, and the next episode begins in the same step', () => {
  const env = givenEnv({ n: 2, task: rest, vehicle: tireless });
  const still = new Float32Array(8);
  for (let t = 0; t < 499; t++) env.step(still);
  assert.equal([...env.truncated], [0, 0]);
  env.step(still);
  assert.equal([...env.truncated], [1, 1]);
  assert.equal([...env.success], [1, 1]);
  assert.equal([...env.terminated], [0, 0]);
  assert.equal([...env.episodeLength], [500, 500]);
  assert.is(env.vehicleState(1).step, 0);
  assert.not.equal(env.obs, env.finalObs);
});

test('finalObs is what the step reached that ended an episode, and changes at no other', () => {
  const options: Partial<VectorEnvOptions> = { ...randomised, n: 6, seed: 8 };
  const [going, stopping] = [givenEnv(options), givenEnv({ ...options, autoreset: false })];
  const row = (array: Float32Array, i: number) =>
    Array.from(array.subarray(i * going.obsSize, (i + 1) * going.obsSize));
  for (let t = 0; t < 300 && !stopping.allEnded(); t++) {
    const before = going.finalObs.slice();
    const first = stopping.ended.map((flag) => 1 - flag);
    for (const env of [going, stopping]) env.step(actionsOf(env, t, 0, 0.6));
    for (let i = 0; i < 6; i++) {
      const ended = going.terminated[i] || going.truncated[i];
      if (!ended) assert.equal(row(going.finalObs, i), row(before, i));
      else if (first[i]) assert.equal(row(going.finalObs, i), row(stopping.obs, i));
      if (ended) assert.not.equal(row(going.finalObs, i), row(going.obs, i));
    }
  }
  assert.ok(stopping.allEnded());
});

test('staying 0.2 m beside the goal is truncated without success', () => {
  const beside: Task = {
    ...rest,
    start(flown, rng, easy) {
      rest.start(flown, rng, easy);
      flown.position[0] += 0.2;
    },
  };
  const env = givenEnv({ task: beside, vehicle: tireless, autoreset: false });
  while (!env.allEnded()) env.step(new Float32Array(4));
  assert.equal([env.truncated[0], env.success[0], env.terminated[0]], [1, 0, 0]);
  near(Math.sqrt(env.episodeErrorSq[0] / env.episodeLength[0]), 0.2, 1e-6, 'RMSE');
});

test('without autoreset an ended environment stands still and keeps its result', () => {
  const env = givenEnv({ n: 2, autoreset: false });
  const actions = new Float32Array(8).fill(-1, 0, 4); // only the first falls
  while (!env.ended[0]) env.step(actions);
  const { position } = env.vehicleState(0);
  const length = env.episodeLength[0];
  env.step(actions);
  assert.equal(env.vehicleState(0).position, position);
  assert.equal([env.terminated[0], env.rewards[0], env.episodeLength[0]], [1, 0, length]);
});

test('episode sums are those of its steps', () => {
  const env = givenEnv({ n: 4, seed: 5 });
  const sums = new Float64Array(4);
  let checked = 0;
  for (let t = 0; t < 600; t++) {
    env.step(actionsOf(env, t));
    for (let i = 0; i < 4; i++) {
      sums[i] += env.rewards[i];
      if (!(env.terminated[i] || env.truncated[i])) continue;
      near(env.episodeReturn[i], sums[i], 1e-3);
      sums[i] = 0;
      checked++;
    }
  }
  assert.ok(checked > 4);
});

test('shards write to their part of shared buffers', () => {
  const spec = givenEnv().observationSpec;
  const buffers = envBuffers(5, spec, (size) => new SharedArrayBuffer(size));
  givenEnv({ n: 2, buffers: sliceBuffers(buffers, 0, 2) });
  givenEnv({ n: 3, firstIndex: 2, buffers: sliceBuffers(buffers, 2, 3) });
  assert.equal(Array.from(buffers.obs), Array.from(givenEnv({ n: 5 }).obs));
});

test('without privileged rows everything else is the same', () => {
  const options: Partial<VectorEnvOptions> = { ...randomised, task: 'forest', n: 5 };
  const [all, less] = [true, false].map((privileged) => givenEnv({ ...options, privileged }));
  assert.is(less.privilegedSize, 0);
  assert.is(less.privileged.length, 0);
  for (let t = 0; t < 400; t++) {
    for (const env of [all, less]) env.step(actionsOf(env, t));
    for (const name of ['obs', 'finalObs', 'rewards', 'terminated'] as const)
      assert.ok(bytes(less[name]).equals(bytes(all[name])), `${name} in step ${t}`);
  }
});

test('an airframe that is given flies in every episode, under the commands of the vehicle file', () => {
  const vehicle = givenVehicle();
  const airframe = { ...nominalAirframe(vehicle), thrust_ratio: 0.8, latency_s: 0.05 };
  const env = givenEnv({ vehicle, airframe, n: 2, retries: 0 });
  const nominal = givenEnv({ vehicle, n: 2, retries: 0 });
  const fall = (of: VectorEnv) => {
    const before = of.vehicleState(0).velocity[2];
    for (let t = 0; t < 20; t++) of.step(new Float32Array(8));
    return of.vehicleState(0).velocity[2] - before;
  };
  near(fall(env) - fall(nominal), -0.2 * 9.81 * 0.2, 0.15, 'a fifth of the weight, for 0.2 s');
  for (let t = 0; t < 1200; t++) env.step(new Float32Array(8));
  assert.is(env.airframe(1).thrust_ratio, 0.8);
});

test('two seeds differ', () => {
  assert.not.equal(Array.from(givenEnv({ seed: 1 }).obs), Array.from(givenEnv({ seed: 2 }).obs));
});

/** Airframe masses of one environment's episodes, which all end in a crash: its motors do next to nothing. */
function massesOfCrashes(retries: number): number[] {
  const env = givenEnv({ ...randomised, task: 'hover', n: 1, retries });
  const masses = [env.airframe(0).mass_kg];
  const falling = new Float32Array(4).fill(-1);
  while (masses.length < 40) {
    env.step(falling);
    if (env.terminated[0]) masses.push(env.airframe(0).mass_kg);
  }
  return masses;
}

test('a crashed episode is flown again with the same airframe as often as retries says, never without', () => {
  const again = (masses: number[]) => masses.filter((mass, k) => k > 0 && mass === masses[k - 1]).length;
  assert.is(again(massesOfCrashes(0)), 0);
  assert.is(again(massesOfCrashes(1)), 39);
  near(again(massesOfCrashes(0.5)) / 39, 0.5, 0.25); // three standard deviations of 39 fair coins
});

test.run();
