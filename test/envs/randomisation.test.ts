import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Airframe, nominalAirframe, readAirframe, writeAirframe } from '../../envs/airframe.ts';
import { InputError } from '../../envs/input-error.ts';
import { DEFAULT_RANDOMISATION, randomisationSchema } from '../../envs/randomisation.ts';
import { drawAirframe, thrustToWeight } from '../../envs/draw-airframe.ts';
import { Rng } from '../../envs/rng.ts';
import { checked } from '../../envs/yaml.ts';
import { givenVehicle, near } from '../given.ts';

const vehicle = givenVehicle();

function draws(count = 3000, ranges = { ...DEFAULT_RANDOMISATION, minThrustToWeight: 1 }): Airframe[] {
  const rng = new Rng(11);
  return Array.from({ length: count }, () => drawAirframe(vehicle, ranges, rng));
}

test('without ranges it is the nominal airframe', () => {
  assert.equal(drawAirframe(vehicle, null, new Rng(1)), nominalAirframe(vehicle));
});

test('draws fill their ranges and stay inside', () => {
  const all = draws();
  const fills = (measure: (airframe: Airframe) => number, low: number, high: number, what: string) => {
    const values = all.map(measure);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    assert.ok(least >= low - 1e-12 && most <= high + 1e-12, `${what}: ${least} to ${most}`);
    near(most - least, high - low, 0.02 * (high - low), what);
  };
  fills((airframe) => airframe.mass_kg / vehicle.mass_kg, 0.8, 1.2, 'mass');
  fills((airframe) => airframe.thrust_ratio, 0.8, 1.2, 'thrust');
  for (let k = 0; k < 4; k++) fills((airframe) => airframe.motor_ratio[k], 0.9, 1.1, `motor ${k}`);
  fills((airframe) => airframe.inertia_kgm2[2] / vehicle.inertia_kgm2[2], 0.8, 1.2, 'inertia');
  fills((airframe) => Math.log2(airframe.lag_s / vehicle.rotor.lag_s), -1, 1, 'lag');
  fills((airframe) => Math.log2(airframe.drag_Ns_per_m[0] / vehicle.drag_Ns_per_m[0]), -1, 1, 'drag');
  fills((airframe) => airframe.latency_s, 0, 0.02, 'latency');
  fills((airframe) => airframe.torquePerThrust_m / vehicle.rotor.torquePerThrust_m, 0.8, 1.2, 'torque');
  fills((airframe) => airframe.wind_m_s[0], -1, 1, 'wind');
  fills((airframe) => airframe.wind_m_s[2], -0.2, 0.2, 'vertical wind');
  fills((airframe) => airframe.gust_m_s, 0, 0.5, 'gusts');
  for (let k = 0; k < 3; k++)
    fills((airframe) => airframe.centreOfMass_m[k] / Math.hypot(0.0283, 0.0283), -0.03, 0.03, `centre of mass ${k}`);
  const { empty_V, full_V, sagAtFullThrust_V } = vehicle.battery;
  fills((airframe) => (airframe.rest_V - empty_V) / (full_V - empty_V), 0, 1, 'charge');
  fills((airframe) => airframe.sagAtFullThrust_V / sagAtFullThrust_V, 0.5, 1.5, 'sag');
  fills((airframe) => airframe.drain_ratio, 0.7, 1.5, 'drain');
  fills((airframe) => airframe.sensorDelay_ratio, 0.5, 1.5, 'sensor delay');
  fills((airframe) => Math.log2(airframe.estimatorLag_s / vehicle.estimator.lag_s), -1, 1, 'estimator lag');
  fills((airframe) => airframe.bias.rates_rad_s[1] / vehicle.sensors.rates_rad_s.bias, -1, 1, 'bias');
});

test('every airframe can hover with the margin asked for', () => {
  for (const airframe of draws(500, { ...DEFAULT_RANDOMISATION, minThrustToWeight: 1.5 }))
    assert.ok(thrustToWeight(vehicle, airframe) >= 1.5);
});

test('thrust to weight counts the weakest motor and the sagging battery', () => {
  const airframe: Airframe = { ...nominalAirframe(vehicle), motor_ratio: [1, 0.9, 1, 1.1], rest_V: 4 };
  const { nominal_V, sagAtFullThrust_V, thrustExponent } = vehicle.battery;
  const battery = ((4 - sagAtFullThrust_V) / nominal_V) ** thrustExponent;
  near(thrustToWeight(vehicle, airframe), (4 * 0.1597 * 0.9 * battery) / (0.028 * 9.81), 1e-9);
});

test('ranges that no airframe can satisfy are refused', () => {
  const ranges = { ...DEFAULT_RANDOMISATION, minThrustToWeight: 9 };
  assert.throws(
    () => drawAirframe(vehicle, ranges, new Rng(1)),
    (error: Error) => error instanceof InputError,
  );
});

test('a range written backwards, a negative ratio and a misspelt name are refused by name', () => {
  const refuses = (data: object, message: RegExp) =>
    assert.throws(() => checked(randomisationSchema, data, 'c.yaml'), message);
  refuses({ mass_ratio: [1.2, 0.8] }, /c.yaml: mass_ratio: expected \[low, high\] in ascending order, got \[1.2,0.8\]/);
  refuses({ lag_ratio: [0, 2] }, /c.yaml: lag_ratio: expected ratios above 0, got/);
  refuses({ mass: [1, 1] }, /c.yaml: mass: expected no such field, got \[1,1\]/);
});

test('an airframe comes back from its row as it went in', () => {
  const [airframe] = draws(1);
  const rows = new Float64Array(100);
  writeAirframe(airframe, rows, 40);
  assert.equal(readAirframe(rows, 40), airframe);
});

test.run();
