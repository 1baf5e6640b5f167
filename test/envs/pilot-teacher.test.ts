import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ActionMap, actionMap } from '../../envs/actions.ts';
import { type Airframe, nominalAirframe } from '../../envs/airframe.ts';
import { PilotTeacher } from '../../envs/pilot-teacher.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { Simulator } from '../../envs/simulator.ts';
import type { Flown } from '../../envs/tasks/index.ts';
import { hoverThrust } from '../../envs/weight.ts';
import { givenEnv, givenVehicle, near } from '../given.ts';

const EPISODES = 100;
const vehicle = givenVehicle();
const map: ActionMap = actionMap(vehicle, 'motors');

for (const task of ['hover', 'waypoint'])
  test(`the pilot flies ${task} on the vehicle that it knows, more calmly than the expert`, () => {
    const pilot = flown(task, 'pilot');
    assert.ok(pilot.success >= 0.95, `${pilot.success}`);
    const expert = flown(task, 'expert');
    assert.ok(pilot.effort < 0.8 * expert.effort, `${pilot.effort} and ${expert.effort}`);
  });

test('at rest in the goal it asks for what hovers the nominal vehicle, whatever flies', () => {
  const heavy = { ...nominalAirframe(vehicle), mass_kg: 1.2 * vehicle.mass_kg };
  for (const airframe of [nominalAirframe(vehicle), heavy])
    for (const action of asked({}, airframe)) near(action, 0, 1e-6);
});

test('as fast as 1.5/s times the way to a goal above, it leaves the thrust alone', () => {
  for (const action of asked({ velocity: [0, 0, 0.45], goal: [0, 0, 2.8] })) near(action, 0, 1e-6);
  // too far below for that speed: 1.6/s times the missing speed is the acceleration it asks for
  const [action] = asked({ velocity: [0, 0, 0.25], goal: [0, 0, 2.8] });
  near(map.center[0] + map.span[0] * action, hoverThrust(vehicle) * (1 + (1.6 * 0.2) / 9.81), 1e-6);
});

test('it pitches down towards a goal ahead, and does not turn towards it', () => {
  const [frontRight, rearRight, rearLeft, frontLeft] = asked({ goal: [0.3, 0, 2.5] });
  assert.ok(rearRight > frontRight + 0.01);
  near(rearRight, rearLeft, 1e-9);
  near(frontRight, frontLeft, 1e-9);
});

test('asked twice in one state, it says the same: it has no memory that a policy would have to guess', () => {
  const teacher = new PilotTeacher(simulator());
  const state = flownState({ goal: [0.4, -0.2, 2.3], velocity: [0.3, 0.1, -0.2] });
  const [first, again] = [new Float32Array(4), new Float32Array(4)];
  teacher.act(0, state, map, first, 0);
  for (let k = 0; k < 100; k++) teacher.act(0, state, map, again, 0);
  assert.equal(again, first);
  assert.equal(teacher.state(), []);
});

/** Share of episodes that succeed with every action the teacher's, and the mean square of those actions. */
function flown(task: string, teacher: 'expert' | 'pilot') {
  const env = givenEnv({ task, n: EPISODES, autoreset: false, expert: true, teacher });
  const actions = new Float32Array(env.expertActions.length);
  let [squares, n] = [0, 0];
  while (!env.allEnded()) {
    actions.set(env.expertActions);
    env.step(actions);
    for (let k = 0; k < actions.length; k++) {
      if (env.ended[k >> 2]) continue;
      squares += actions[k] ** 2;
      n++;
    }
  }
  return { success: env.success.reduce((sum, flag) => sum + flag, 0) / env.n, effort: squares / n };
}

/** What the teacher does level and at rest 2.5 m above the ground, but for what is given. */
function asked(state: Partial<Record<'velocity' | 'goal', number[]>>, airframe?: Airframe): Float32Array {
  const actions = new Float32Array(4);
  new PilotTeacher(simulator(airframe)).act(0, flownState(state), map, actions, 0);
  return actions;
}

function simulator(airframe = nominalAirframe(vehicle)): Simulator {
  const simulated = new Simulator(vehicle, 'motors', 1, airframe.latency_s);
  simulated.load(0, airframe, Array(4).fill(hoverThrust(vehicle)));
  return simulated;
}

function flownState({ velocity = [0, 0, 0], goal = [0, 0, 2.5] }): Flown {
  const state = stateBuffer();
  state.position.set([0, 0, 2.5]);
  state.quaternion.set([0, 0, 0, 1]);
  state.velocity.set(velocity);
  state.goal.set(goal);
  return {
    ...state,
    memory: new Float64Array(1),
    pillars: [] as never,
    step: 0,
    crashed: false,
    reward: 0,
    distance: 0,
    success: false,
  };
}

test.run();
