import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { augmented, type Gap, stretchTime } from '../../src/transfer/augment.ts';
import { measureGap } from '../../src/transfer/gap.ts';
import { type FlightSamples, flightSamples } from '../../src/transfer/samples.ts';
import { givenVehicle, near } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const flight = flightSamples(givenFlight(vehicle, { seconds: 12 }), 100, vehicle.battery.nominal_V);
const none: Gap = {
  noise: { position_m: 0, velocity_m_s: 0, rates_rad_s: 0 },
  bias: { tilt_rad: 0, rates_rad_s: 0 },
  delay_s: 0,
  stretch: 0,
};
const at = ({ stretches }: FlightSamples) => stretches[0].from + 300;
const spread = (a: Float64Array, b: Float64Array, { stretches: [{ from, end }] }: FlightSamples) => {
  const differences = a.subarray(from, end).map((x, t) => x - b[from + t]);
  const mean = differences.reduce((sum, x) => sum + x, 0) / differences.length;
  return { mean, std: Math.sqrt(differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / differences.length) };
};

test('no gap, no change', () => {
  const same = augmented(flight, none, new Rng(1));
  assert.equal(same.position, flight.position);
  assert.equal(same.quaternion, flight.quaternion);
  assert.equal(same.commands, flight.commands);
});

test('noise and offsets have the size that was measured, and commands none', () => {
  const gap = { ...none, noise: { ...none.noise, position_m: 0.02 }, bias: { tilt_rad: 0, rates_rad_s: 0.1 } };
  const other = augmented(flight, gap, new Rng(1));
  near(spread(other.position[0], flight.position[0], flight).std, 0.02, 0.002);
  near(spread(other.rates[2], flight.rates[2], flight).std, 0, 1e-12, 'an offset is constant');
  assert.ok(Math.abs(spread(other.rates[2], flight.rates[2], flight).mean) > 0.001);
  assert.equal(other.commands, flight.commands);
});

test('a tilt of the frame turns world up by its angle', () => {
  const { quaternion } = augmented(flight, { ...none, bias: { tilt_rad: 0.05, rates_rad_s: 0 } }, new Rng(2));
  const [x, y] = [quaternion[0][at(flight)], quaternion[1][at(flight)]];
  const tilt = Math.acos(1 - 2 * (x * x + y * y));
  assert.ok(tilt > 0.005 && tilt < 0.15, `${tilt}`);
});

test('a delay shows what was so many rows before', () => {
  for (let seed = 0; seed < 5; seed++) {
    const { position } = augmented(flight, { ...none, delay_s: 0.1 }, new Rng(seed));
    const t = at(flight);
    const rows = Array.from({ length: 11 }, (_, d) => d);
    assert.ok(rows.some((d) => position[0][t] === flight.position[0][t - d]));
  }
  const moved = [0, 1, 2, 3, 4].map((seed) => augmented(flight, { ...none, delay_s: 0.1 }, new Rng(seed)).position[0]);
  assert.ok(moved.some((column) => column[at(flight)] !== flight.position[0][at(flight)]));
});

test('the same path in twice the time is flown at half the speed and a quarter of the tilt', () => {
  const leaning = { ...flight, quaternion: flight.quaternion.map((column) => column.slice()) };
  leaning.quaternion[0].fill(Math.sin(0.2));
  leaning.quaternion[3].fill(Math.cos(0.2)); // 0.4 rad about x
  const slow = stretchTime(leaning, 2);
  const t = at(flight);
  near(slow.position[0][2 * t], flight.position[0][t], 1e-9);
  near(slow.velocity[1][2 * t], flight.velocity[1][t] / 2, 1e-9);
  near(2 * Math.asin(slow.quaternion[0][2 * t]), 0.4 / 4, 1e-6, 'tilt');
  near(slow.stretches[0].end - slow.stretches[0].from, 2 * (flight.stretches[0].end - flight.stretches[0].from), 3);
  near(
    slow.airborne.reduce((sum, x) => sum + x, 0),
    2 * flight.airborne.reduce((sum, x) => sum + x, 0),
    3,
  );
});

test('the gap measured is the gap that was put in', () => {
  const gap = { ...none, noise: { position_m: 0.03, velocity_m_s: 0, rates_rad_s: 0.2 } };
  const flights = [1, 2, 3].map((seed) => augmented(flight, gap, new Rng(seed)));
  const { noise } = measureGap(flights, vehicle);
  near(noise.position_m, 0.03, 0.004, 'position');
  near(noise.rates_rad_s, 0.2, 0.03, 'rates');
});

test.run();
