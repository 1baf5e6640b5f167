import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nominalAirframe } from '../../envs/airframe.ts';
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { drawAirframe, rangesFor } from '../../envs/draw-airframe.ts';
import { Rng } from '../../envs/rng.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { Simulator } from '../../envs/simulator.ts';
import { hoverThrust } from '../../envs/weight.ts';
import { givenVehicle, near } from '../given.ts';

const moment = 1e-6;
const vehicle = givenVehicle('crazyflie', { velocityMoment_Ns: moment, drag_Ns_per_m: [0, 0, 0] });

/** Body rates after 0.1 s of level flight at this velocity. */
function ratesAfter(velocity: number[]): Float64Array {
  const simulator = new Simulator(vehicle, 'motors', 1, vehicle.latency_s);
  const truth = stateBuffer();
  truth.position.set([0, 0, 5]);
  truth.velocity.set(velocity);
  const hover = Array(4).fill(hoverThrust(vehicle));
  simulator.load(0, nominalAirframe(vehicle), hover);
  simulator.place(0, truth);
  for (let step = 0; step < 0.1 * vehicle.control_Hz; step++) simulator.step(Float64Array.from(hover));
  simulator.truth(0, truth);
  return truth.rates;
}

test('airspeed along x noses up, along y rolls, by moment over inertia times time', () => {
  near(ratesAfter([2, 0, 0])[1], (-moment * 2 * 0.1) / 16.66e-6, 1e-5);
  near(ratesAfter([0, 2, 0])[0], (moment * 2 * 0.1) / 16.57e-6, 1e-5);
  near(ratesAfter([0, 0, 2])[0], 0, 1e-9);
});

test('the misalignment is in what the attitude reads, nominal and randomised', () => {
  const askew = givenVehicle('crazyflie', { misalignment_rad: [0.01, -0.02] });
  assert.equal(nominalAirframe(askew).bias.attitude_rad, [0.01, -0.02, 0]);
  const straight = drawAirframe(givenVehicle('crazyflie'), DEFAULT_RANDOMISATION, new Rng(4));
  const drawn = drawAirframe(askew, DEFAULT_RANDOMISATION, new Rng(4));
  near(drawn.bias.attitude_rad[1] - straight.bias.attitude_rad[1], -0.02, 1e-12);
});

test('a vehicle file’s intervals take the place of default ranges, never of those that were asked for', () => {
  const known = givenVehicle('crazyflie', { intervals: { drag_ratio: [0.9, 1.1], latency_s: [0.02, 0.03] } });
  const ranges = rangesFor(known, { ...DEFAULT_RANDOMISATION, latency_s: [0, 0.05] });
  assert.equal(ranges.drag_ratio, [0.9, 1.1]);
  assert.equal(ranges.latency_s, [0, 0.05]);
  assert.equal(rangesFor(givenVehicle('crazyflie'), DEFAULT_RANDOMISATION), DEFAULT_RANDOMISATION);
  const late = { ...givenVehicle('crazyflie'), latency_s: 0.045 };
  const [least, most] = rangesFor(late, DEFAULT_RANDOMISATION).latency_s;
  near(least, 0.035, 1e-12);
  near(most, 0.055, 1e-12);
  assert.equal(rangesFor(late, { ...DEFAULT_RANDOMISATION, latency_s: [0, 0.05] }).latency_s, [0, 0.05]);
});

test.run();
