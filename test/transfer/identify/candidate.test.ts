import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseVehicle } from '../../../envs/vehicle.ts';
import { motionOf, vehicleOf } from '../../../src/transfer/identify/candidate.ts';
import { givenVehicle, near } from '../../given.ts';

const centre = { command: 0.8, voltage_V: 3.5 };

test('a vehicle and its motion tell the same', () => {
  for (const name of ['crazyflie', 'x500', 'racer']) {
    const motion = motionOf(givenVehicle(name), centre);
    const again = motionOf(vehicleOf(givenVehicle('crazyflie'), motion, centre), centre);
    for (const [key, value] of Object.entries(motion))
      if (!key.endsWith('Late_s') && !key.endsWith('Later_s'))
        // of the base's sensors
        near(again[key as keyof typeof again], value, 1e-9 * Math.max(1, Math.abs(value)), `${name} ${key}`);
  }
});

test('specific thrust and gains are what force and torque come to, by hand', () => {
  const vehicle = { ...givenVehicle('crazyflie'), velocityMoment_Ns: 0.002 };
  const { specificThrust_m_s2, gainRoll, gainYaw, velocityMoment_s_per_m } = motionOf(vehicle, centre);
  const lift = (c: number) => 0.1597 * c ** 1.5 * (3.5 / 3.7) ** 1.14;
  near(specificThrust_m_s2, (4 * lift(0.8)) / 0.028, 1e-9);
  // a thousandth more on the left, less on the right: signed sum 0.004
  const torque = 0.0283 * 2 * (lift(0.801) - lift(0.799));
  near(gainRoll * 0.004, torque / 16.57e-6, 1e-3);
  near(gainYaw * 0.004, (0.005965 * 2 * (lift(0.801) - lift(0.799))) / 29.26e-6, 1e-3);
  // at 1 m/s the moment takes as much torque as this signed sum makes
  near(velocityMoment_s_per_m * gainRoll, 0.002 / 16.57e-6, 0.01);
});

test('whatever the motion, the vehicle is one that can be read again', () => {
  const motion = motionOf(givenVehicle('crazyflie'), centre);
  const odd = vehicleOf(givenVehicle('crazyflie'), { ...motion, gainRoll: 150, gainPitch: 400 }, centre);
  assert.equal(parseVehicle(JSON.stringify(odd), 'odd.yaml').inertia_kgm2, odd.inertia_kgm2);
});

test.run();
