import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nominalAirframe } from '../../envs/airframe.ts';
import { PRIVILEGED_FIELDS, PRIVILEGED_SIZE, Privileged } from '../../envs/privileged.ts';
import { fromAxisAngle } from '../../envs/quaternion.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { Simulator } from '../../envs/simulator.ts';
import { hoverThrust } from '../../envs/weight.ts';
import { givenVehicle, near } from '../given.ts';

const vehicle = givenVehicle();

test('the critic sees the truth about airframe, wind and goal, in the frame of the body', () => {
  const simulator = new Simulator(vehicle, 'motors', 2, 0.05);
  const airframe = {
    ...nominalAirframe(vehicle),
    mass_kg: vehicle.mass_kg * 1.2,
    motor_ratio: [1, 0.9, 1, 1.1] as [number, number, number, number],
    lag_s: vehicle.rotor.lag_s * 2,
    latency_s: 0.02,
    wind_m_s: [1, 0, 0] as [number, number, number],
    gust_m_s: 0.25,
    drain_ratio: 1.3,
    centreOfMass_m: [0.001, 0, -0.001] as [number, number, number],
    sensorDelay_ratio: 1.5,
    estimatorLag_s: vehicle.estimator.lag_s / 2,
  };
  const rows = new Privileged(simulator);
  simulator.load(1, airframe, Array(4).fill(hoverThrust(vehicle)));
  rows.load(1, airframe);
  const truth = { ...stateBuffer(), goal: new Float64Array([0, 1, 0]), velocity: new Float64Array([0, 0, 2]) };
  simulator.gusts.wind.set([1.5, 0, 0.25], 3); // half a metre a second and an updraught beside the steady wind
  fromAxisAngle(0, 0, 1, Math.PI / 2, truth.quaternion); // nose north: east is to its right
  const out = new Float32Array(2 * PRIVILEGED_SIZE);
  rows.write(1, truth, out, PRIVILEGED_SIZE);

  const field = (name: string) => {
    let at = PRIVILEGED_SIZE;
    for (const { name: each, size } of PRIVILEGED_FIELDS) {
      if (each === name) return Array.from(out.subarray(at, at + size));
      at += size;
    }
    throw new Error(name);
  };
  const nearAll = (name: string, expected: number[]) =>
    expected.forEach((value, k) => near(field(name)[k], value, 1e-6, name));
  nearAll('goal_error_body', [Math.log(2), 0, 0]);
  nearAll('velocity_body', [0, 0, 1]);
  nearAll('wind_body', [0, -1.5, 0.25]);
  nearAll('gust_body', [0, -1, 0.5]); // twice the gust
  nearAll('voltage', [0]);
  nearAll('motors', [0, 0, 0, 0]);
  nearAll('mass_ratio', [1]);
  nearAll('motor_ratio', [0, -1, 0, 1]);
  nearAll('lag_ratio', [Math.log(2)]);
  nearAll('latency', [1]);
  nearAll('drain_ratio', [0.3]);
  const arm = Math.hypot(0.0283, 0.0283);
  nearAll('centre_of_mass', [0.03 / arm, 0, -0.03 / arm]);
  nearAll('gust_size', [0.5]);
  nearAll('noise_ratio', [0]);
  nearAll('sensor_delay', [1]);
  nearAll('estimator_lag', [-Math.log(2)]);
  nearAll('bias', Array(13).fill(0));
  assert.ok(
    out.subarray(0, PRIVILEGED_SIZE).every((value) => value === 0),
    'only its own row',
  );
});

test.run();
