import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { join } from 'node:path';
import { fitCommandMap } from '../../src/transfer/calibrate.ts';
import { commandOfThrust, motorsText, thrustOfCommand } from '../../policies/command-map.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { readFlight } from '../../src/telemetry/logs/index.ts';
import { flightsFolder, givenVehicle, near } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const nominal = vehicle.battery.nominal_V;
const truth = { unit: 'PWM/65535', level: 0.6, exponent: 1.9, batteryExponent: 0.8 };

test('the map and its inverse undo each other', () => {
  for (const u of [0.1, 0.3, 0.5])
    near(thrustOfCommand(truth, 0, commandOfThrust(truth, 0, u, 3.5, nominal), 3.5, nominal), u, 1e-12);
  assert.is(commandOfThrust(truth, 0, 0.9, 3.5, nominal), 1, 'more than the motors have is full command');
});

test('finds the map that a flight was made with, far from the vehicle file’s', () => {
  const samples = flightSamples(givenFlight(vehicle, { map: truth, seconds: 40 }), 100, nominal);
  const { map } = fitCommandMap([samples], vehicle);
  for (const [c, volts] of [
    [0.7, 3.6],
    [0.8, 3.4],
    [0.9, 3.5],
  ])
    near(
      thrustOfCommand(map, 0, c, volts, nominal),
      thrustOfCommand(truth, 0, c, volts, nominal),
      0.01,
      `thrust at ${c}, ${volts} V`,
    );
  near(map.exponent, truth.exponent, 0.15, 'exponent');
  near(map.batteryExponent, truth.batteryExponent, 0.2, 'batteryExponent');
});

test('what equal thrusts are commanded by, motor by motor, is the vehicle’s; of few flights not all of it is believed', () => {
  const trim = [0.04, -0.02, 0, -0.03];
  const flights = Array.from({ length: 8 }, (_, seed) =>
    flightSamples(givenFlight(vehicle, { map: truth, seed, trim }), 100, nominal),
  );
  const told = (count: number) => {
    const { map } = fitCommandMap(flights.slice(0, count), vehicle);
    return trim.map((_, motor) => Math.log(map.motors![motor]));
  };
  // of a motor commanded c + δ where others have c: ln(c / (c + δ)) times the exponent, less the mean of all
  const [some, one] = [told(8), told(1)];
  const c = commandOfThrust(truth, 0, 0.43, nominal * 0.95, nominal);
  const whole = trim.map((extra) => -truth.exponent * Math.log(1 + extra / c));
  const mean = whole.reduce((sum, x) => sum + x, 0) / 4;
  whole.forEach((x, motor) => {
    near(some[motor], (8 / 10) * (x - mean), 0.02, `motor ${motor} of eight flights`);
    near(one[motor] / some[motor], 1 / 3 / (8 / 10), 0.05, `motor ${motor} of one`);
  });
});

test('a map says for people how it tells motors apart, and says nothing where it does not', () => {
  const motors: [number, number, number, number] = [1.03, 1, 1, 0.97];
  assert.is(motorsText({ ...truth, motors }), ', times 1.030 1.000 1.000 0.970 motor by motor');
  assert.is(motorsText(truth), '');
});

test('needs no accelerometer', () => {
  const flight = givenFlight(vehicle, { map: truth });
  delete flight.topics.acceleration;
  // the given flight's velocity is level, so its mean thrust is its weight
  const { map } = fitCommandMap([flightSamples(flight, 100, nominal)], vehicle);
  near(thrustOfCommand(map, 0, 0.8, 3.5, nominal), thrustOfCommand(truth, 0, 0.8, 3.5, nominal), 0.03);
});

test('leaves what a flight does not show at the vehicle file’s value', () => {
  const flight = givenFlight(vehicle, { map: truth });
  const constant = commandOfThrust(truth, 0, 0.43, nominal, nominal);
  for (const column of flight.topics.motors!.columns) column.fill(constant, 200);
  flight.topics.battery!.columns[0].fill(nominal);
  const { map } = fitCommandMap([flightSamples(flight, 100, nominal)], vehicle);
  assert.is(map.exponent, vehicle.command.exponent);
  assert.is(map.batteryExponent, vehicle.command.batteryExponent);
  assert.ok(map.level > 0);
});

test('real flights: hover is where the accelerometer says', async () => {
  const folder = flightsFolder();
  if (!folder) return console.log('skipped: no real flights ($WINDHOVER_FLIGHTS or ../shared/flights)');
  const log = join(folder, 'nanobench', 'B5_helix_slow_rep1.csv.gz');
  const samples = flightSamples(await readFlight(log), 100, nominal);
  const { map } = fitCommandMap([samples], vehicle);
  let [thrust, n] = [0, 0];
  samples.airborne.forEach((flying, t) => {
    if (!flying) return;
    samples.commands.forEach((command, motor) => {
      thrust += thrustOfCommand(map, motor, command[t], samples.voltage[t], nominal);
    });
    n += 4;
  });
  const hover = (vehicle.mass_kg * 9.81) / (4 * vehicle.rotor.maxThrust_N);
  near(thrust / n, hover, 0.01 * hover, 'mean thrust of a calm flight');
  assert.ok(map.level < 0.8, 'that vehicle’s motors are much weaker than the file says');
});

test.run();
