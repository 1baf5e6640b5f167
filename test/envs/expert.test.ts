import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ActionMode, actionMap } from '../../envs/actions.ts';
import { nominalAirframe } from '../../envs/airframe.ts';
import { Expert } from '../../envs/expert.ts';
import { Foresight } from '../../envs/foresight.ts';
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { yawOf } from '../../envs/quaternion.ts';
import { RateLoop } from '../../envs/rate-loop.ts';
import { Rng } from '../../envs/rng.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { Simulator } from '../../envs/simulator.ts';
import { hover } from '../../envs/tasks/hover.ts';
import type { Flown } from '../../envs/tasks/index.ts';
import type { VectorEnv } from '../../envs/vector-env.ts';
import { hoverThrust } from '../../envs/weight.ts';
import { givenEnv, givenVehicle, near } from '../given.ts';

const EPISODES = 100;

/** Share of episodes that succeed with every action the expert's. */
function success(env: VectorEnv): number {
  const actions = new Float32Array(env.expertActions.length);
  while (!env.allEnded()) {
    actions.set(env.expertActions);
    env.step(actions);
  }
  return env.success.reduce((sum, flag) => sum + flag, 0) / env.n;
}

for (const [task, vehicle, actions] of [
  ['hover', 'crazyflie', 'motors'],
  ['hover', 'crazyflie', 'ctbr'],
  ['hover', 'x500', 'motors'],
  ['hover', 'x500', 'ctbr'],
  ['hover', 'racer', 'motors'],
  ['waypoint', 'crazyflie', 'motors'],
  ['waypoint', 'crazyflie', 'ctbr'],
  ['waypoint', 'x500', 'motors'],
  ['forest', 'crazyflie', 'motors'],
  ['forest', 'crazyflie', 'ctbr'],
  ['forest', 'racer', 'motors'],
  ['forest', 'x500', 'motors'],
  ['track', 'crazyflie', 'motors'],
  ['track', 'racer', 'motors'],
] as const)
  test(`the expert flies ${task} on any ${vehicle} by ${actions}`, () => {
    const given = { task, vehicle: givenVehicle(vehicle), actions: actions as ActionMode };
    const env = givenEnv({
      ...given,
      randomisation: DEFAULT_RANDOMISATION,
      n: EPISODES,
      autoreset: false,
      expert: true,
    });
    const rate = success(env);
    assert.ok(rate >= 0.95, `${rate}`);
  });

test('among pillars its nose points to where it flies', () => {
  const env = givenEnv({ task: 'forest', n: 20, expert: true });
  let [cosines, n] = [0, 0];
  for (let step = 0; step < 500; step++) {
    env.step(Float32Array.from(env.expertActions));
    for (let i = 0; i < env.n && step > 100; i++) {
      const { quaternion: q, velocity } = env.vehicleState(i);
      const speed = Math.hypot(velocity[0], velocity[1]);
      if (speed < 0.5) continue;
      const yaw = yawOf(q);
      cosines += (velocity[0] * Math.cos(yaw) + velocity[1] * Math.sin(yaw)) / speed;
      n++;
    }
  }
  assert.ok(n > 1000 && cosines / n > 0.8, `${cosines / n} of ${n}`);
});

test('at rest in the goal it asks for what carries the airframe that there is', () => {
  const airframe = { ...nominalAirframe(givenVehicle()), mass_kg: 0.031, thrust_ratio: 0.9 };
  const vehicle = givenVehicle();
  const simulator = new Simulator(vehicle, 'motors', 1, airframe.latency_s);
  const flown = atRest();
  const fraction = (0.031 * 9.81) / (4 * 0.9 * vehicle.rotor.maxThrust_N);
  simulator.load(0, airframe, Array(4).fill(fraction));
  simulator.place(0, flown);
  simulator.dynamics.voltage[0] = vehicle.battery.nominal_V;
  const expert = new Expert(simulator, hover);
  expert.load(0, airframe);
  const actions = new Float32Array(4);
  expert.act(0, flown, actionMap(vehicle, 'motors'), actions, 0);
  const { center, span } = actionMap(vehicle, 'motors');
  for (let k = 0; k < 4; k++) near(center[k] + span[k] * actions[k], fraction, 1e-6, `rotor ${k}`);
});

test('body rates that it asks for make the rate loop drive the rotors as it would itself', () => {
  const both = (['motors', 'ctbr'] as const).map((actions) =>
    givenEnv({
      actions,
      randomisation: { ...DEFAULT_RANDOMISATION, latency_s: [0, 0] },
      n: 20,
      expert: true,
      easyStarts: 1,
    }),
  );
  const [motors, ctbr] = both;
  const { vehicle } = ctbr;
  const loop = new RateLoop(vehicle, 20);
  let compared = 0;
  for (let i = 0; i < 20; i++) {
    const of = (env: VectorEnv) => Array.from(env.expertActions.subarray(4 * i, 4 * i + 4));
    const [map, rates] = [motors.actionMap, ctbr.actionMap];
    const fractions = of(motors).map((action, k) => map.center[k] + map.span[k] * action);
    const asked = of(ctbr);
    if (asked.some((action) => Math.abs(action) > 0.999) || fractions.some((u) => u < 0.02 || u > 0.98)) continue;
    const wanted = Float64Array.from(asked, (action, k) => rates.center[k] + rates.span[k] * action);
    const { rates: w } = ctbr.vehicleState(i);
    loop.mix(i, wanted, w[0], w[1], w[2]);
    fractions.forEach((u, k) => near(wanted[k], u, 1e-5, `vehicle ${i}, rotor ${k}`));
    compared++;
  }
  assert.ok(compared >= 5, `${compared} within all limits`);
});

test('it foresees where commands on their way take the vehicle', () => {
  const vehicle = givenVehicle('crazyflie', { latency_s: 0.04 });
  const airframe = {
    ...nominalAirframe(vehicle),
    motor_ratio: [0.95, 1.05, 1, 0.98] as [number, number, number, number],
    centreOfMass_m: [0.001, -0.001, 0.001] as [number, number, number],
    wind_m_s: [1, 0.5, 0] as [number, number, number],
  };
  const simulator = new Simulator(vehicle, 'motors', 1, 0.04);
  const flown = atRest();
  flown.quaternion.set([0.3, -0.2, 0.1, Math.sqrt(1 - 0.14)]);
  flown.velocity.set([1, -1, 0.5]);
  flown.rates.set([2, -1, 0.5]);
  simulator.load(0, airframe, Array(4).fill(hoverThrust(vehicle)));
  simulator.place(0, flown);
  const foresight = new Foresight(vehicle, simulator.dynamics, 1);
  foresight.load(0, airframe);
  const rng = new Rng(4);
  const command = () => Float64Array.from({ length: 4 }, () => hoverThrust(vehicle) + rng.uniform(-0.15, 0.15));
  for (let t = 0; t < 6; t++) simulator.step(command());
  simulator.truth(0, flown);
  foresight.look(0, flown, simulator.gusts.wind);
  const { position, velocity, rates } = foresight;
  const foreseen = [...position, ...velocity, ...rates];
  for (let t = 0; t < 4; t++) simulator.step(command()); // 40 ms, in which none of these arrives
  simulator.truth(0, flown);
  const [start, size] = [
    [...flown.position, ...flown.velocity, ...flown.rates],
    [3e-3, 0.05, 0.3],
  ];
  start.forEach((value, k) => near(foreseen[k], value, size[Math.floor(k / 3)], `number ${k}`));
});

test('a snapshot holds what the expert knows', () => {
  const options = { randomisation: DEFAULT_RANDOMISATION, n: 5, seed: 3, expert: true };
  const [env, other] = [givenEnv(options), givenEnv({ ...options, seed: 4 })];
  const fly = (of: VectorEnv, steps: number) => {
    for (let t = 0; t < steps; t++) of.step(Float32Array.from(of.expertActions));
  };
  fly(env, 50);
  const saved = env.snapshot();
  fly(env, 50);
  other.restore(saved);
  fly(other, 50);
  assert.equal(Array.from(other.expertActions), Array.from(env.expertActions));
  assert.equal(Array.from(other.obs), Array.from(env.obs));
});

function atRest(): Flown {
  const state = stateBuffer();
  const flown: Flown = {
    ...state,
    memory: new Float64Array(1),
    pillars: new Float64Array(0),
    step: 0,
    crashed: false,
    reward: 0,
    distance: 0,
    success: false,
  };
  flown.position.set([0, 0, 2.5]);
  flown.goal.set([0, 0, 2.5]);
  flown.quaternion.set([0, 0, 0, 1]);
  return flown;
}

test.run();
