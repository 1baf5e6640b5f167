import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readVehicle, vehicleNames } from '../../src/vehicle-file.ts';
import { airframeShape, GENERIC_QUAD, reach } from '../../viewer/src/stage/airframe-shape.ts';
import { near } from '../given.ts';

const test = suite('airframe shape');

test('takes rotors and their spin from a vehicle file', () => {
  const vehicle = readVehicle('crazyflie');
  const shape = airframeShape(vehicle, 'crazyflie');
  assert.equal(
    shape.rotors.map(({ x, y, z }) => [x, y, z]),
    vehicle.rotors.map(({ position_m }) => position_m),
  );
  assert.equal(
    shape.rotors.map(({ spin }) => spin),
    vehicle.rotors.map(({ spin }) => (spin === 'ccw' ? 1 : -1)),
  );
  const [x, y] = vehicle.rotors[0].position_m;
  near(reach(shape), Math.hypot(x, y), 1e-12);
});

test('propellers of no vehicle touch', () => {
  for (const name of vehicleNames()) {
    const { rotors } = airframeShape(readVehicle(name), name);
    for (const [i, one] of rotors.entries())
      for (const other of rotors.slice(0, i))
        assert.ok(Math.hypot(one.x - other.x, one.y - other.y) > one.radius + other.radius, name);
  }
});

test('falls back to a quad where the file lists no rotors', () => {
  for (const odd of [null, {}, { rotors: [] }, { rotors: [{ position_m: [0, 1] }] }, 'text'])
    assert.is(airframeShape(odd, 'odd'), GENERIC_QUAD);
});

test.run();
