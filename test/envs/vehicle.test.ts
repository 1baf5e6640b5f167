import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { parseVehicle } from '../../envs/vehicle.ts';
import { hoverThrust } from '../../envs/weight.ts';
import { packageRoot } from '../../src/package-root.ts';
import { givenVehicle, near } from '../given.ts';

const text = readFileSync(join(packageRoot(), 'envs', 'vehicles', 'crazyflie.yaml'), 'utf8');

/** The message when one place of crazyflie.yaml reads otherwise. */
function refusal(from: string | RegExp, to: string): string {
  const changed = text.replace(from, to);
  assert.not.equal(changed, text);
  try {
    parseVehicle(changed, 'my.yaml');
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).message;
  }
  throw new Error('it was accepted');
}

test('hover thrust of four rotors carries the weight', () => {
  for (const vehicle of ['crazyflie', 'x500', 'racer'].map((name) => givenVehicle(name)))
    near(4 * hoverThrust(vehicle) * vehicle.rotor.maxThrust_N, vehicle.mass_kg * 9.81, 1e-9);
});

test('motor order and spin of the Crazyflie are those of its firmware', () => {
  const { rotors } = givenVehicle('crazyflie');
  const corners = rotors.map(({ position_m: [x, y] }) => `${x > 0 ? 'front' : 'rear'} ${y < 0 ? 'right' : 'left'}`);
  assert.equal(corners, ['front right', 'rear right', 'rear left', 'front left']);
  assert.equal(
    rotors.map(({ spin }) => spin),
    ['ccw', 'cw', 'ccw', 'cw'],
  );
});

test('x500 has its like-turning rotors on the diagonals', () => {
  for (const spin of ['ccw', 'cw']) {
    const [a, b] = givenVehicle('x500').rotors.filter((rotor) => rotor.spin === spin);
    assert.equal(a.position_m.slice(0, 2), [-b.position_m[0], -b.position_m[1]]);
  }
});

test('racer carries over six times its weight, in the motor order of Betaflight', () => {
  const racer = givenVehicle('racer');
  near(1 / hoverThrust(racer), 6.6, 0.1, 'thrust to weight');
  const corners = racer.rotors.map(
    ({ position_m: [x, y] }) => `${x > 0 ? 'front' : 'rear'} ${y < 0 ? 'right' : 'left'}`,
  );
  assert.equal(corners, ['rear right', 'front right', 'rear left', 'front left']);
  assert.equal(
    racer.rotors.map(({ spin }) => spin),
    ['cw', 'ccw', 'ccw', 'cw'],
  );
});

test('a refusal names file, field, what was expected and what was found', () => {
  assert.is(refusal('mass_kg: 0.028', 'mass_kg: -1'), 'my.yaml: mass_kg: expected a number above 0, got -1');
  assert.is(refusal('mass_kg: 0.028', 'mass_kg: light'), 'my.yaml: mass_kg: expected a number, got "light"');
  assert.is(refusal(/mass_kg.*\n/, ''), 'my.yaml: mass_kg: expected a number, got nothing');
  assert.is(refusal('spin: cw', 'spin: up'), 'my.yaml: rotors[1].spin: expected ccw or cw, got "up"');
  assert.match(refusal('16.57e-6', '99e-6'), /^my.yaml: inertia_kgm2: expected each moment .* got \[/);
  assert.match(refusal('physics_Hz: 200', 'physics_Hz: 250'), /physics_Hz: expected a multiple of control_Hz \(100\)/);
  assert.match(refusal('maxThrust_N: 0.1597', 'maxThrust_N: 0.05'), /rotor.maxThrust_N: expected more than 0.0687/);
});

test('a vehicle file that says nothing of rates, delays and estimator has sensors at the control steps', () => {
  const plain = text
    .replace(/, rate_Hz: \d+/g, '')
    .replace(/, delay_s: [\d.]+/g, '')
    .replace(/estimator:\n.*\n/, '');
  assert.not.match(plain, /rate_Hz|delay_s|estimator/);
  const { sensors, estimator } = parseVehicle(plain, 'my.yaml');
  for (const sensor of Object.values(sensors)) assert.equal([sensor.rate_Hz, sensor.delay_s], [undefined, 0]);
  assert.is(estimator.lag_s, 0);
});

test('rates, delays and lag that no sensor has are refused', () => {
  assert.is(
    refusal('rate_Hz: 500', 'rate_Hz: 0'),
    'my.yaml: sensors.attitude_rad.rate_Hz: expected a number above 0, got 0',
  );
  assert.is(
    refusal('delay_s: 0.0028', 'delay_s: 2.8'),
    'my.yaml: sensors.rates_rad_s.delay_s: expected a number at most 0.2, got 2.8',
  );
  assert.is(refusal('lag_s: 0.005', 'lag_s: -1'), 'my.yaml: estimator.lag_s: expected a number at least 0, got -1');
});

test('four rotors it must be, placed so that they can steer', () => {
  assert.match(refusal(/ {2}- .*M4.*\n/, ''), /^my.yaml: rotors: expected exactly 4 items, got \[/);
  assert.match(refusal(/spin: cw/g, 'spin: ccw'), /^my.yaml: rotors: expected positions and spins .* got \[/);
});

test('a misspelt field is named with its line, whatever else is missing for it', () => {
  assert.is(refusal('mass_kg', 'mas_kg'), 'my.yaml: mas_kg (line 8): expected no such field, got 0.028');
});

test('a YAML typo names its line', () => {
  assert.match(refusal('mass_kg: 0.028', 'mass_kg: [0.028'), /^my.yaml: line (8|9): /);
});

test('an empty file is no vehicle', () => {
  assert.throws(() => parseVehicle('', 'my.yaml'), /my.yaml: whole file: expected an object, got nothing/);
});

test.run();
