import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { readFlight } from '../../src/telemetry/logs/index.ts';
import { contradiction, measureFollowing } from '../../src/transfer/plausible.ts';
import { type FlightSamples, flightSamples } from '../../src/transfer/samples.ts';
import { standInFlights } from '../../src/transfer/stand-in.ts';
import { flightsFolder, givenVehicle } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const flown = standInFlights(vehicle, 1)
  .slice(0, 3)
  .map((flight) => flightSamples(flight, vehicle.control_Hz, vehicle.battery.nominal_V));
const judge = (flight: FlightSamples) => contradiction(measureFollowing(flight, vehicle));
const reordered = (flight: FlightSamples, order: number[]) => ({
  ...flight,
  commands: order.map((motor) => flight.commands[motor]),
});

/** Each motor's commands of other moments. */
function shuffled(flight: FlightSamples): FlightSamples {
  const order = Uint32Array.from({ length: flight.voltage.length }, (_, t) => t);
  new Rng(1).shuffle(order);
  return { ...flight, commands: flight.commands.map((motor) => motor.map((_, t) => motor[order[t]])) };
}
const inverted = (flight: FlightSamples) => ({
  ...flight,
  commands: flight.commands.map((motor) => motor.map((command) => 1.2 - command)),
});

test('simulated flights of a vehicle unlike the file follow their commands', () => {
  for (const flight of flown) assert.is(judge(flight), null, flight.name);
});

test('swapped motors are found, and the order that would fit is named', () => {
  for (const flight of flown) {
    assert.match(String(judge(reordered(flight, [1, 0, 2, 3]))), /in the order M2 M1 M3 M4/);
    assert.match(String(judge(reordered(flight, [2, 1, 0, 3]))), /in the order M3 M2 M1 M4/);
    assert.match(String(judge(reordered(flight, [1, 2, 3, 0]))), /in the order M4 M1 M2 M3/);
  }
});

test('thrust that falls as commands rise is found', () => {
  const strong = { ...measureFollowing(flown[0], vehicle), thrust: -0.5 };
  assert.match(String(contradiction(strong)), /thrust falls as commands rise \(correlation -0.50\)/);
  for (const flight of flown) assert.ok(judge(inverted(flight)), flight.name);
});

test('commands of other moments explain nothing, and that is found', () => {
  for (const flight of flown) assert.match(String(judge(shuffled(flight))), /does not follow its commands/);
});

test('where nothing moves there is nothing to judge by', () => {
  const still = flightSamples(givenFlight(vehicle, {}), 100, vehicle.battery.nominal_V); // slow, and no torque in it
  const { torque, thrust } = measureFollowing(still, vehicle);
  assert.ok(torque.every(Number.isNaN));
  assert.ok(Number.isNaN(thrust));
  assert.is(judge(still), null);
});

const folder = flightsFolder();
if (!folder) console.log('skipped: real flights follow their commands: no real flights here');
else
  test('every real flight follows its commands, and none with two motors swapped, shuffled or inverted does', async () => {
    const files = readdirSync(join(folder, 'nanobench')).filter((file) => file.endsWith('.csv.gz'));
    for (const file of files.filter((_, k) => k % 3 === 0)) {
      const flight = flightSamples(await readFlight(join(folder, 'nanobench', file)), 100, vehicle.battery.nominal_V);
      assert.is(judge(flight), null, file);
      for (const order of [[1, 0, 2, 3], [0, 2, 1, 3], [2, 1, 0, 3], [3, 1, 2, 0]]) // biome-ignore format: short
        assert.ok(judge(reordered(flight, order)), `${file} ${order}`);
      assert.ok(judge(shuffled(flight)), `${file} shuffled`);
      assert.ok(judge(inverted(flight)), `${file} inverted`);
    }
  });

test.run();
