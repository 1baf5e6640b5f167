import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { vehicleSchema } from '../../envs/vehicle.ts';
import { between, fleetBetween } from '../../src/transfer/span.ts';
import { givenVehicle, near } from '../given.ts';

const source = givenVehicle();
const target = givenVehicle('crazyflie', {
  mass_kg: 1.44 * source.mass_kg,
  latency_s: source.latency_s + 0.04,
  rotor: { ...source.rotor, maxThrust_N: 1.21 * source.rotor.maxThrust_N, lag_s: 4 * source.rotor.lag_s },
  velocityMoment_Ns: 0.002,
  intervals: { lag_ratio: [0.9, 1.1], latency_s: [0.045, 0.055] },
});

test('half way, sizes are at their geometric mean and times at their arithmetic one', () => {
  const { mass_kg, rotor, latency_s, velocityMoment_Ns } = between(source, target, 0.5);
  near(mass_kg, 1.2 * source.mass_kg, 1e-12);
  near(rotor.maxThrust_N, 1.1 * source.rotor.maxThrust_N, 1e-12);
  near(rotor.lag_s, 2 * source.rotor.lag_s, 1e-12);
  near(latency_s, source.latency_s + 0.02, 1e-12);
  near(velocityMoment_Ns, 0.001, 1e-12);
});

test('what is open of the target is open on the way, around the latency there', () => {
  const { intervals } = between(source, target, 0.5);
  assert.equal(intervals?.lag_ratio, [0.9, 1.1]);
  near(intervals!.latency_s![0], 0.025, 1e-12);
  near(intervals!.latency_s![1], 0.035, 1e-12);
});

test('the fleet goes from the source itself to the target itself, by vehicles whose files are right', () => {
  const fleet = fleetBetween(source, target);
  assert.is(fleet[0], source);
  assert.is(fleet.at(-1), target);
  for (const vehicle of fleet) assert.not.throws(() => vehicleSchema.parse(vehicle));
  const lags = fleet.map(({ rotor }) => rotor.lag_s);
  assert.equal(
    lags,
    [...lags].sort((a, b) => a - b),
  );
});

test.run();
