import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { givenVehicle } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const nominal = vehicle.battery.nominal_V;

test('only what is in the air counts', () => {
  const samples = flightSamples(givenFlight(vehicle), 100, nominal);
  assert.is(samples.airborne.indexOf(1), 200);
  assert.is(
    samples.airborne.reduce((sum, x) => sum + x, 0),
    1000,
  );
  assert.equal(samples.stretches, [{ from: 200, end: 1200 }]);
});

test('a motor that is off is not flying', () => {
  const flight = givenFlight(vehicle);
  flight.topics.motors!.columns[2].fill(0, 500, 520);
  const samples = flightSamples(flight, 100, nominal);
  assert.is(samples.airborne[510], 0);
  assert.equal(samples.stretches, [{ from: 200, end: 1200 }], 'but its state is known and the memory goes on');
});

test('a hole in the log starts the memory anew', () => {
  const flight = givenFlight(vehicle);
  const { time, columns } = flight.topics.pose!;
  const keep = Array.from(time.keys()).filter((t) => t < 400 || t > 500);
  flight.topics.pose = {
    time: Float64Array.from(keep, (t) => time[t]),
    columns: columns.map((column) => Float64Array.from(keep, (t) => column[t])),
  };
  const { stretches, position } = flightSamples(flight, 100, nominal);
  assert.equal(stretches, [
    { from: 200, end: 400 },
    { from: 501, end: 1200 },
  ]);
  for (const { from, end } of stretches) assert.ok(position[0].subarray(from, end).every(Number.isFinite));
});

test('without a setpoint the goal is where the vehicle was half a second later', () => {
  const flight = givenFlight(vehicle);
  delete flight.topics.setpoint;
  const samples = flightSamples(flight, 100, nominal);
  assert.is(samples.goals, 'hindsight');
  assert.is(samples.goal[0][600], samples.position[0][650]);
  assert.is(samples.goal[1][1199], samples.position[1][1199]);
  assert.match(samples.warnings.join(), /no setpoint/);
});

test('a setpoint that is sent once holds', () => {
  const flight = givenFlight(vehicle);
  flight.topics.setpoint = { time: Float64Array.of(0), columns: [1, 2, 3].map((x) => Float64Array.of(x)) };
  const { goal } = flightSamples(flight, 100, nominal);
  assert.equal([goal[0][1100], goal[1][1100], goal[2][1100]], [1, 2, 3]);
});

test('a log without motors or pose is refused by the field’s name', () => {
  for (const topic of ['motors', 'pose', 'velocity', 'rates'] as const) {
    const flight = givenFlight(vehicle);
    delete flight.topics[topic];
    assert.throws(
      () => flightSamples(flight, 100, nominal),
      (error: unknown) => {
        assert.instance(error, InputError);
        return (error as Error).message.includes(topic);
      },
    );
  }
});

test('a field that is NaN on every row is refused by its name', () => {
  const flight = givenFlight(vehicle);
  flight.topics.rates!.columns[1].fill(Number.NaN);
  assert.throws(() => flightSamples(flight, 100, nominal), /circle.csv: rates: expected numbers/);
});

test('a flight that never leaves the ground is refused', () => {
  const flight = givenFlight(vehicle);
  flight.topics.pose!.columns[2].fill(0.02);
  assert.throws(() => flightSamples(flight, 100, nominal), /expected at least 2 s with every motor on/);
});

test.run();
