import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { type Flown, taskNamed } from '../../envs/tasks/index.ts';
import { nextMember } from '../../envs/fleet.ts';
import { Rng } from '../../envs/rng.ts';
import { givenEnv, givenVehicle, near } from '../given.ts';

const light = givenVehicle();
const heavy = givenVehicle('crazyflie', {
  mass_kg: 1.25 * light.mass_kg,
  latency_s: light.latency_s + 0.04,
  rotor: { ...light.rotor, maxThrust_N: 0.85 * light.rotor.maxThrust_N, lag_s: 2 * light.rotor.lag_s },
  intervals: { lag_ratio: [1, 1.1] },
});
const fleet = [light, heavy];

test('a success leads to a harder vehicle, a crash to an easier one, the last back to any', () => {
  const rng = new Rng(3);
  assert.is(nextMember(1, 'success', 4, rng), 2);
  assert.is(nextMember(2, 'crash', 4, rng), 1);
  assert.is(nextMember(0, 'crash', 4, rng), 0);
  assert.is(nextMember(2, 'neither', 4, rng), 2);
  const after = Array.from({ length: 4000 }, () => nextMember(3, 'success', 4, rng));
  [1 / 8, 1 / 8, 1 / 8, 5 / 8].forEach((share, k) => {
    near(after.filter((next) => next === k).length / 4000, share, 0.03, `share of vehicle ${k}`);
  });
});

test('whoever crashes every time ends up on the easiest', () => {
  const env = givenEnv({ vehicle: heavy, fleet, n: 40 });
  const areLight = () => Array.from({ length: env.n }, (_, i) => env.airframe(i).mass_kg === light.mass_kg);
  assert.ok(areLight().includes(true) && areLight().includes(false));
  for (let t = 0; t < 600; t++) env.step(new Float32Array(env.n * 4).fill(-1)); // falls from 3 m at most
  assert.ok(areLight().every(Boolean));
});

test('a member has its own full thrust and its own action map: it flies as it would alone', () => {
  const start = { position: [0, 0, 2.5], quaternion: [0, 0, 0, 1], velocity: [0, 0, 0], rates: [0, 0, 0] };
  const speed = (env: ReturnType<typeof givenEnv>) => {
    for (let t = 0; t < 40; t++) env.step(new Float32Array(4).fill(0.2));
    return env.vehicleState(0).velocity[2];
  };
  const task = {
    ...taskNamed('hover'),
    start(flown: Flown) {
      for (const [key, value] of Object.entries(start)) (flown[key as keyof typeof start] as Float64Array).set(value);
      flown.goal.set(start.position);
    },
  };
  const alone = speed(givenEnv({ vehicle: light, task }));
  near(speed(givenEnv({ vehicle: heavy, task, fleet: [light] })), alone, 1e-3);
  // 2.60 m/s² for 0.4 s less lag and latency of 0.06 s, less 0.37 m/s² for the sag of 0.1 V, less drag
  near(alone, (2.6 - 0.37) * 0.34, 0.06);
});

test('a member draws from its own ranges', () => {
  const options = { vehicle: heavy, n: 300, randomisation: DEFAULT_RANDOMISATION };
  const lags = (vehicle: typeof light) => {
    const env = givenEnv({ ...options, fleet: [vehicle] });
    return Array.from({ length: env.n }, (_, i) => env.airframe(i).lag_s / vehicle.rotor.lag_s);
  };
  assert.ok(lags(heavy).every((ratio) => ratio >= 1 && ratio <= 1.1)); // its file says so
  near(Math.min(...lags(light)), 0.5, 0.03); // the usual ones
  near(Math.max(...lags(light)), 2, 0.1);
});

test('an environment goes on from a snapshot with the member that it flew', () => {
  const options = { vehicle: heavy, fleet, n: 20, randomisation: DEFAULT_RANDOMISATION };
  const env = givenEnv(options);
  const fly = (of: typeof env) => {
    for (let t = 0; t < 120; t++) of.step(new Float32Array(of.n * 4).map((_, k) => Math.sin(t + k) / 3));
    return Buffer.from(of.snapshot());
  };
  fly(env);
  const saved = env.snapshot();
  const after = fly(env);
  const other = givenEnv({ ...options, seed: 9 });
  other.restore(saved);
  assert.ok(fly(other).equals(after));
});

test.run();
