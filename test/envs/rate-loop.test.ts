import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nominalAirframe } from '../../envs/airframe.ts';
import { RateLoop } from '../../envs/rate-loop.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { Simulator } from '../../envs/simulator.ts';
import { parseVehicle } from '../../envs/vehicle.ts';
import { hoverThrust } from '../../envs/weight.ts';
import { givenVehicle, near } from '../given.ts';

const vehicle = givenVehicle();
const hover = hoverThrust(vehicle);

/** Torque about axis 0 (x) or 1 (y), over `maxThrust_N`, of rotor thrust fractions. */
function torque(thrusts: ArrayLike<number>, axis: 0 | 1): number {
  return vehicle.rotors.reduce((sum, { position_m: [x, y] }, k) => sum + thrusts[k] * (axis === 0 ? y : -x), 0);
}

const mean = (thrusts: Float64Array) => thrusts.reduce((sum, u) => sum + u / 4, 0);

test('without an error it asks all motors for the thrust alone', () => {
  const wanted = Float64Array.of(0.4, 1, -2, 0.5);
  new RateLoop(vehicle, 1).mix(0, wanted, 1, -2, 0.5);
  for (const u of wanted) near(u, 0.4, 1e-12);
});

test('at full thrust it turns as fast as in hover: thrust gives way, torque does not', () => {
  const turning = (thrust: number) => {
    const wanted = Float64Array.of(thrust, 2, -3, 0);
    new RateLoop(vehicle, 1).mix(0, wanted, 0, 0, 0);
    return wanted;
  };
  const [full, half] = [turning(1), turning(0.5)];
  for (const axis of [0, 1] as const) near(torque(full, axis), torque(half, axis), 1e-12);
  near(Math.max(...full), 1, 1e-12);
  assert.ok(mean(full) < 1);
  near(mean(half), 0.5, 1e-12);
});

test('an error that stays is trimmed in proportion to time and gain', () => {
  const loop = new RateLoop(vehicle, 2);
  const steps = 20;
  for (let k = 0; k < steps; k++) loop.mix(1, Float64Array.of(hover, 0.1, 0, -0.1), 0, 0, 0);
  const { gain_per_s: gain, integral_per_s: integral } = vehicle.bodyRates;
  const seconds = steps / vehicle.physics_Hz;
  near(loop.trims[3], gain[0] * integral[0] * 0.1 * seconds, 1e-12);
  near(loop.trims[4], 0, 1e-12);
  near(loop.trims[5], -gain[2] * integral[2] * 0.1 * seconds, 1e-12);
  for (let k = 0; k < 3; k++) near(loop.trims[k], 0, 0, 'of the other vehicle');
  loop.reset(1);
  for (const trim of loop.trims) near(trim, 0, 0);
});

test('it trims nothing while a motor is at its limit', () => {
  const loop = new RateLoop(vehicle, 1);
  for (const thrust of [0, 1]) loop.mix(0, Float64Array.of(thrust, 3, 0, 0), 0, 0, 0);
  near(loop.trims[0], 0, 0);
});

test('a vehicle with a motor 10 % weak stands still once trimmed, and turns for ever without the integral', () => {
  const rollAfter = (seconds: number, integral_per_s: [number, number, number]) => {
    const flown = { ...vehicle, bodyRates: { ...vehicle.bodyRates, integral_per_s } };
    const simulator = new Simulator(flown, 'ctbr', 1, 0.1);
    const truth = stateBuffer();
    truth.position[2] = 1000;
    const airframe = nominalAirframe(flown);
    simulator.load(0, { ...airframe, motor_ratio: [0.9, 1, 1, 1] }, [hover, 0, 0, 0]);
    simulator.place(0, truth);
    const command = Float64Array.of(hover, 0, 0, 0);
    for (let k = 0; k < seconds * flown.control_Hz; k++) simulator.step(command);
    simulator.truth(0, truth);
    return truth.rates[0];
  };
  const rotor = vehicle.rotors[0].position_m[1];
  // the loop's torque makes up for the missing thrust: I · gain · ω = arm · 0.1 · hover thrust
  const [ix] = vehicle.inertia_kgm2;
  const missing = (rotor * 0.1 * hover * vehicle.rotor.maxThrust_N) / (ix * vehicle.bodyRates.gain_per_s[0]);
  near(rollAfter(2, [0, 0, 0]), -missing, 0.15 * Math.abs(missing)); // battery and yaw torque change a little
  near(rollAfter(4, [2, 2, 2]), 0, 0.05);
});

test('a vehicle file without integral_per_s flies as before: with none', () => {
  const { integral_per_s: _none, ...bodyRates } = vehicle.bodyRates;
  const read = parseVehicle(JSON.stringify({ ...vehicle, bodyRates }), 'mine.yaml');
  assert.equal(read.bodyRates.integral_per_s, [0, 0, 0]);
});

test.run();
