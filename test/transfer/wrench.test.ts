import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Flight, Series } from '../../src/telemetry/flight.ts';
import { fitCommandMap } from '../../src/transfer/calibrate.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { isWrenchLog, withRotorThrusts } from '../../src/transfer/wrench.ts';
import { givenVehicle, near } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const full = vehicle.rotor.maxThrust_N;

function logOf(...rows: number[][]): Flight {
  const columns = [0, 1, 2, 3].map((k) => Float64Array.from(rows, (row) => row[k]));
  const wrench: Series = { time: Float64Array.from(rows, (_, t) => t / 100), columns };
  return { ...givenFlight(vehicle), topics: { ...givenFlight(vehicle).topics, motors: undefined, wrench } };
}

const thrustsOf = (flight: Flight) => flight.topics.motors!.columns.map((column) => column[0] * full);

test('thrust alone is shared evenly', () => {
  for (const thrust of thrustsOf(withRotorThrusts(logOf([0.28, 0, 0, 0]), vehicle))) near(thrust, 0.07, 1e-9);
});

/** By hand: Σ T, Σ y T, −Σ x T, and drag, which turns the body against each rotor. */
test('rotor thrusts make the wrench that they came from', () => {
  const wrench = [0.3, 4e-4, -3e-4, 1e-4];
  const T = thrustsOf(withRotorThrusts(logOf(wrench), vehicle));
  const sum = (of: (rotor: (typeof vehicle.rotors)[number]) => number) =>
    vehicle.rotors.reduce((total, rotor, i) => total + of(rotor) * T[i], 0);
  near(
    sum(() => 1),
    wrench[0],
    1e-9,
    'thrust',
  );
  near(
    sum(({ position_m }) => position_m[1]),
    wrench[1],
    1e-9,
    'about x',
  );
  near(
    sum(({ position_m }) => -position_m[0]),
    wrench[2],
    1e-9,
    'about y',
  );
  near(
    sum(({ spin }) => vehicle.rotor.torquePerThrust_m * (spin === 'ccw' ? -1 : 1)),
    wrench[3],
    1e-9,
    'about z',
  );
});

test('rotors cannot pull, nor give more than all', () => {
  const [low, high] = [
    withRotorThrusts(logOf([0, 1e-3, 0, 0]), vehicle),
    withRotorThrusts(logOf([2, 0, 0, 0]), vehicle),
  ];
  assert.is(Math.min(...thrustsOf(low)), 0);
  for (const thrust of thrustsOf(high)) near(thrust, full, 1e-9);
});

test('a log with motor commands is left alone, and one without either too', () => {
  const flight = givenFlight(vehicle);
  assert.is(withRotorThrusts(flight, vehicle), flight);
  assert.not.ok(isWrenchLog(flight));
  const bare = { ...flight, topics: { ...flight.topics, motors: undefined } };
  assert.is(withRotorThrusts(bare, vehicle), bare);
});

test('rotor thrusts are fitted by a level alone, in fractions of full thrust', () => {
  const linear = { unit: '', level: 0.8, exponent: 1, batteryExponent: 0 };
  const flight = givenFlight(vehicle, { map: linear, seconds: 10 });
  const samples = flightSamples(flight, 100, vehicle.battery.nominal_V);
  const { map } = fitCommandMap([samples], vehicle, true);
  assert.equal([map.exponent, map.batteryExponent, map.unit], [1, 0, 'fraction of full rotor thrust']);
  assert.is(map.motors, undefined, 'what a controller asked for tells nothing of the motors');
  near(map.level, 0.8, 0.005);
});

test.run();
