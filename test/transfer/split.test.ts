import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flightSamples } from '../../src/transfer/samples.ts';
import { splitFlights } from '../../src/transfer/split.ts';
import { givenVehicle } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const given = (name: string, seed: number) =>
  flightSamples(givenFlight(vehicle, { name, seed, seconds: 6 }), 100, vehicle.battery.nominal_V);
const flights = Array.from({ length: 8 }, (_, k) => given(`flight${k}`, k + 1));
const names = (list: { name: string }[]) => list.map(({ name }) => name);

test('every flight is on one side only, and all are used', () => {
  const { train, validation, test } = splitFlights(flights, null, 3);
  assert.is(test.length, 2);
  assert.is(validation.length, 1);
  assert.equal(names([...train, ...validation, ...test]).sort(), names(flights));
});

test('the same seed splits alike whatever the order of arrival, another one differently', () => {
  const split = (seed: number, list = flights) => names(splitFlights(list, null, seed).test).join();
  assert.is(split(3), split(3, [...flights].reverse()));
  assert.ok(new Set([0, 1, 2, 3, 4, 5].map((seed) => split(seed))).size > 1);
});

test('held-out flights are spread over the kinds that the names tell', () => {
  for (let seed = 0; seed < 10; seed++) {
    const [a, b] = names(splitFlights(flights, null, seed).test);
    assert.ok(a < 'flight4' && b >= 'flight4', `${a} and ${b}`);
  }
});

test('a repeat under another name is never on the other side', () => {
  const repeat = given('other-name', 1);
  const split = splitFlights([...flights, repeat], null, 0);
  assert.is(split.train.length + split.validation.length + split.test.length, 8);
  assert.match(
    split.warnings.join(),
    /other-name holds the same data as flight0|flight0 holds the same data as other-name/,
  );
  const named = splitFlights(flights, [repeat], 0);
  assert.equal(names(named.test), ['other-name']);
  assert.not.ok(names([...named.train, ...named.validation]).includes('flight0'));
});

test('two flights are enough, one is not', () => {
  const { train, validation, test } = splitFlights(flights.slice(0, 2), null, 0);
  assert.equal([train.length, validation.length, test.length], [1, 0, 1]);
  assert.throws(() => splitFlights(flights.slice(0, 1), null, 0), /expected at least two different ones/);
  assert.throws(() => splitFlights([flights[0], given('again', 1)], null, 0), /flight0 holds the same data as again/);
});

test.run();
