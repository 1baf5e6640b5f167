import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Observer } from '../../envs/observation.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import { flightMeanError, policyError, repeatLastError } from '../../src/transfer/errors.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { flyAlong } from '../../src/transfer/self-fed.ts';
import { givenPolicy, givenVehicle, near } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const policy = givenPolicy();
const given = (name: string, seed: number, seconds: number) =>
  flightSamples(givenFlight(vehicle, { name, seed, seconds }), 100, vehicle.battery.nominal_V);

test('along a log a policy does step by step what it would do on the vehicle', () => {
  const flight = given('a', 1, 6);
  const { size: O, spec, normaliser } = policy.contract.observation;
  const observer = new Observer(spec, 1);
  const network = new MlpInference(policy.actor, 1);
  const [raw, input, action] = [new Float32Array(O), new Float32Array(O), new Float32Array(4)];
  const { actions, starts } = flyAlong(policy.contract, policy.actor, [flight]);
  assert.equal(starts, [0, 400]);
  for (let t = 200; t < 600; t++) {
    const at = (columns: Float64Array[]) => columns.map((column) => column[t]);
    const { position, quaternion, velocity, rates, goal } = flight;
    const state = { position: at(position), quaternion: at(quaternion), velocity: at(velocity), rates: at(rates) };
    observer.observe(0, { ...state, goal: at(goal), voltage: flight.voltage[t] }, raw, 0);
    normalise(normaliser, raw, 1, input);
    network.run(input, 1, action);
    observer.act(0, action);
    for (let a = 0; a < 4; a++) near(actions[(t - 200) * 4 + a], Math.max(-1, Math.min(1, action[a])), 1e-5, `t ${t}`);
  }
});

test('what the vehicle’s own pilot did never reaches the policy', () => {
  const flight = given('a', 1, 6);
  const before = flyAlong(policy.contract, policy.actor, [flight]);
  for (const column of flight.commands) column.fill(0.123);
  const after = flyAlong(policy.contract, policy.actor, [flight]);
  assert.equal(after.obs, before.obs);
});

test('flights of different lengths keep their own rows and memory', () => {
  const flights = [given('a', 1, 5), given('b', 2, 8), given('c', 3, 6)];
  const together = flyAlong(policy.contract, policy.actor, flights);
  flights.forEach((flight, i) => {
    const alone = flyAlong(policy.contract, policy.actor, [flight]);
    const rows = together.obs.subarray((together.starts[i] * alone.obs.length) / alone.starts[1]);
    for (let k = 0; k < alone.obs.length; k += 97) near(rows[k], alone.obs[k], 1e-4, `${flight.name} ${k}`);
  });
});

test('the flight-mean oracle errs by the variance, the copycat by the step', () => {
  const flight = given('a', 1, 6);
  let [sum, square, step, n] = [0, 0, 0, 0];
  for (let t = 200; t < 600; t++) {
    const c = flight.commands[0][t];
    sum += c;
    square += c * c;
    step += (c - flight.commands[0][t - 1]) ** 2;
    n++;
  }
  // all four motors are alike here
  near(flightMeanError([flight]).actionMse, square / n - (sum / n) ** 2, 1e-9);
  near(repeatLastError([flight]).actionMse, step / n, 1e-9);
});

test('a policy that hovers is off by what the log does about hover', () => {
  const flight = given('a', 1, 6);
  const still = givenPolicy();
  for (const array of [...still.actor.kernels, ...still.actor.biases]) array.fill(0);
  const { actionMse } = policyError(still.contract, still.actor, vehicle.command, [flight]);
  let [sum, n] = [0, 0];
  const hover = (vehicle.mass_kg * 9.81) / (4 * vehicle.rotor.maxThrust_N);
  for (let t = 200; t < 600; t++) {
    const { exponent, batteryExponent, level } = vehicle.command;
    const c = (hover / level / (flight.voltage[t] / vehicle.battery.nominal_V) ** batteryExponent) ** (1 / exponent);
    sum += (c - flight.commands[0][t]) ** 2;
    n++;
  }
  near(actionMse, sum / n, 1e-6);
});

test.run();
