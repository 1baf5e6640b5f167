import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { domainShift, shiftOf } from '../../src/transfer/shift.ts';
import { givenPolicy, givenVehicle, near } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const rng = new Rng(1);
const gaussian = (mean: number, std: number, n = 4000) =>
  Float64Array.from({ length: n }, () => mean + std * rng.normal()).sort();

/** Between Gaussians of one width the Wasserstein-1 distance is that of their means; of one mean, √(2/π) |σ₁ − σ₂|. */
test('the distance is that of the closed form for Gaussians', () => {
  near(shiftOf('x', 'm', gaussian(0, 2), gaussian(3, 2, 2500)).distance, 1.5, 0.08, 'three metres of two');
  near(shiftOf('x', 'm', gaussian(0, 1), gaussian(0, 2)).distance, Math.sqrt(2 / Math.PI), 0.06, 'twice as wide');
  near(shiftOf('x', 'm', gaussian(0, 1), gaussian(0, 1)).distance, 0, 0.06, 'alike');
});

test('coverage is the share in the middle 99 %', () => {
  near(shiftOf('x', 'm', gaussian(0, 1), gaussian(0, 1)).coverage, 0.99, 0.01);
  // of N(2.576, 1) half lies below the 99.5 % point of N(0, 1)
  near(shiftOf('x', 'm', gaussian(0, 1), gaussian(2.576, 1)).coverage, 0.5, 0.06);
  assert.is(shiftOf('x', 'm', gaussian(0, 1), gaussian(50, 1)).coverage, 0);
});

test('fields out of range are named, the most shifted first, and own actions are none', () => {
  const vehicle = givenVehicle();
  const flight = flightSamples(givenFlight(vehicle, {}), 100, vehicle.battery.nominal_V);
  const fast = { ...flight, velocity: flight.velocity.map((column) => column.map((x) => 40 * x)) };
  const { fields, warnings } = domainShift(givenPolicy(), vehicle, [fast], 1);
  assert.match(fields[0].name, /^velocity/);
  assert.match(warnings.join('\n'), /velocity [xy].*: \d+ % of the flights' samples are in the range/);
  assert.not.ok(fields.some(({ name }) => name.startsWith('action')));
  for (let k = 1; k < fields.length; k++) assert.ok(fields[k].distance <= fields[k - 1].distance);
});

test.run();
