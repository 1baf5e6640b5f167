import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commandOfThrust, thrustOfCommand } from '../../policies/command-map.ts';
import { OnboardPolicy, setpointOf } from '../../src/export/onboard.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { givenPolicy, near } from '../given.ts';
import { flyRecorded } from './given-export.ts';

for (const name of ['hover-motors', 'waypoint-ctbr', 'forest-motors', 'track-motors'])
  test(`${name} onboard observes and does what it does in the simulator`, async () => {
    const policy = readPolicy(name);
    const { steps } = await flyRecorded(policy, { steps: 100 });
    const onboard = new OnboardPolicy(policy);
    steps.forEach(({ measured, obs, action }, t) => {
      onboard.step(measured);
      // the simulator's sensors are doubles; here they were rounded to floats
      obs.forEach((value, k) =>
        near(onboard.obs[k], value, 2e-5 * Math.max(1, Math.abs(value)), `step ${t}: obs[${k}]`),
      );
      action.forEach((value, k) => near(onboard.action[k], Math.min(1, Math.max(-1, value)), 1e-4, `step ${t}`));
    });
  });

test('after a reset it is as new', () => {
  const policy = givenPolicy();
  const onboard = new OnboardPolicy(policy);
  const measured = {
    position: [0, 0, 1],
    quaternion: [0, 0, 0, 1],
    velocity: [0.3, 0, 0],
    rates: [0, 1, 0],
    voltage: 3.8,
    goal: [1, 0, 1],
  };
  const first = [onboard.step(measured), onboard.step(measured)];
  assert.not.equal(first[1], first[0]);
  onboard.reset();
  assert.equal([onboard.step(measured), onboard.step(measured)], first);
});

test('motors: the commands give the thrusts that were asked for, at the voltage of now', () => {
  const { contract } = givenPolicy();
  contract.commandMap = { unit: 'x', level: 0.8, exponent: 1.4, batteryExponent: 1.1, motors: [1.1, 1, 0.9, 1] };
  const setpoint = setpointOf(contract, [0.1, -0.5, 0, -1], 3.4);
  if (setpoint.mode !== 'motors') throw new Error(setpoint.mode);
  setpoint.command.forEach((command, k) =>
    near(thrustOfCommand(contract.commandMap, k, command, 3.4, 3.7), setpoint.thrust[k], 1e-12),
  );
  const { center, span } = contract.action;
  near(setpoint.thrust[0], center[0] + 0.1 * span[0], 1e-12);
  assert.equal([setpoint.thrust[3], setpoint.command[3]], [0, 0]); // below no thrust there is none
  assert.is(commandOfThrust(contract.commandMap, 2, 1, 3.0, 3.7), 1); // more than the motor has
});

test('ctbr: collective thrust, the command for it on all motors, and body rates', () => {
  const { contract } = readPolicy('hover-ctbr');
  const setpoint = setpointOf(contract, [0, 1, -0.5, 0.25], contract.observation.spec.nominalVoltage_V);
  if (setpoint.mode !== 'ctbr') throw new Error(setpoint.mode);
  assert.equal(setpoint.rates, [8, -4, 1]); // of the Crazyflie's 8, 8, 4 rad/s
  near(setpoint.thrust, (0.028 * 9.81) / (4 * 0.1597), 1e-9); // hovers
  near(setpoint.command ** 1.5, setpoint.thrust, 1e-12);
  contract.commandMap.motors = [1.2, 0.8, 1, 1]; // all four get one command, so that their mean counts
  assert.equal(setpointOf(contract, [0, 1, -0.5, 0.25], contract.observation.spec.nominalVoltage_V), setpoint);
});

test.run();
