import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { readFlight, readLog } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { accelerating, agree, leaning, mean, moving, turning } from './consistency.ts';
import {
  floats,
  givenFile,
  givenUlog,
  type Part,
  pack,
  ulogData,
  ulogFormat,
  ulogMessage,
  ulogSubscribe,
} from './given-logs.ts';

const FORMATS = [
  ulogFormat('vehicle_attitude:uint64_t timestamp;float[4] q;uint8_t[4] _padding0;'),
  ulogFormat(
    'vehicle_local_position:uint64_t timestamp;float x;float y;float z;float vx;float vy;float vz;bool xy_valid;',
  ),
  ulogFormat('actuator_outputs:uint64_t timestamp;uint32_t noutputs;float[16] output;uint8_t[4] _padding0;'),
  ulogFormat('actuator_motors:uint64_t timestamp;float[12] control;'),
];
const ATTITUDE = ulogSubscribe(0, 'vehicle_attitude');
const POSITION = ulogSubscribe(1, 'vehicle_local_position');
const LEVEL = [1, 0, 0, 0];
const attitude = (t: number, q: number[] = LEVEL) => ulogData(0, t, ...floats(...q));
const position = (t: number, values: number[], valid = 1) => ulogData(1, t, ...floats(...values), ['B', valid]);
const outputs = (id: number, t: number, values: number[]) =>
  ulogData(id, t, ['I', 8], ...floats(...values, ...Array(16 - values.length).fill(0)));

const read = (...messages: Uint8Array[]) => readFlight(givenFile('x.ulg', givenUlog(...FORMATS, ...messages)));
const steps = (count: number, make: (t: number, i: number) => Buffer) =>
  Array.from({ length: count }, (_, i) => make(1 + i / 10, i));

function poseOf(flight: Awaited<ReturnType<typeof read>>, row = 0): number[] {
  return flight.topics.pose?.columns.map((column) => column[row]) ?? [];
}

function alike(actual: number[], expected: number[], what: string): void {
  for (const [i, value] of expected.entries()) near(actual[i], value, 1e-6, `${what} ${i}`);
}

test('north is y, east is x, down is -z', async () => {
  const flight = await read(
    ATTITUDE,
    POSITION,
    position(1, [1, 2, -3, 4, 5, -6]),
    position(1.2, [1, 2, -3, 4, 5, -6]),
    attitude(1.1),
  );
  alike(poseOf(flight), [2, 1, 3], 'position');
  alike(flight.topics.velocity?.columns.map((c) => c[0]) ?? [], [5, 4, 6], 'velocity');
});

test('a nose to the north is a heading of 90°, a nose to the east one of 0°', async () => {
  const places = [position(1, [0, 0, 0, 0, 0, 0]), position(1.4, [0, 0, 0, 0, 0, 0])];
  const half = Math.SQRT1_2;
  const flight = await read(ATTITUDE, POSITION, ...places, attitude(1.1), attitude(1.2, [half, 0, 0, half]));
  const [x, y, z, w] = poseOf(flight, 0).slice(3);
  alike([x / w, y / w, z / w], [0, 0, 1], 'north');
  const east = poseOf(flight, 1).slice(3);
  near(Math.abs(east[3]), 1, 1e-6, 'east');
});

test('a pitch up in FRD is a pitch up in FLU, which is negative', async () => {
  const places = [position(1, [0, 0, 0, 0, 0, 0]), position(1.4, [0, 0, 0, 0, 0, 0])];
  const [s, c] = [Math.sin(0.1), Math.cos(0.1)];
  const half = Math.SQRT1_2;
  const facingEast = [half * c, -half * s, half * s, half * c]; // yaw 90°, then pitch 0.2 rad up
  const flight = await read(ATTITUDE, POSITION, ...places, attitude(1.1, facingEast), attitude(1.2));
  const [x, y, z, w] = poseOf(flight).slice(3);
  alike([x / w, y / w, z / w], [0, -s / c, 0], 'rotation about the left wing');
});

test('the pose has the position in between at the time of each attitude', async () => {
  const flight = await read(
    ...[ATTITUDE, POSITION, position(1, [0, 0, 0, 0, 0, 0]), position(1.2, [2, 4, -6, 0, 0, 0])],
    ...[attitude(0.95), attitude(1.05), attitude(1.1), attitude(1.3)],
  );
  assert.is(flight.topics.pose?.time.length, 2, 'none before the first position or after the last');
  alike(poseOf(flight, 0), [1, 0.5, 1.5], 'a quarter of the way');
  alike(poseOf(flight, 1), [2, 1, 3], 'half way');
});

test('the instance of actuator_outputs that moves has the motors', async () => {
  const subscribed = [0, 1, 2].map((n) => ulogSubscribe(10 + n, 'actuator_outputs', n));
  const moving1 = steps(5, (t, i) => outputs(11, t, [1100 + 100 * i, 1200, 1300, 900]));
  const still = steps(5, (t, i) => outputs(12, t, [1500, 1500, 1500, 1500 + (i % 2)]));
  const zeros = steps(5, (t) => outputs(10, t, [0, 0, 0, 0]));
  const flight = await read(...subscribed, ...zeros, ...moving1, ...still);
  assert.equal(
    flight.topics.motors?.columns.map((c) => Math.round(c[4] * 1000) / 1000),
    [0.5, 0.2, 0.3, 0],
  );
  assert.match(flight.warnings.join(), /actuator_outputs#1 \(1000 to 2000 µs\)/);
});

test('outputs are scaled by what they are: parameters, DShot or UAVCAN', async () => {
  const parameter = (name: string, value: number) =>
    ulogMessage('P', ['B', `int32_t ${name}`.length], `int32_t ${name}`, ['I', value]);
  const cases: [number, number, Uint8Array[], number][] = [
    [1100, 1500, [parameter('PWM_MIN', 1100), parameter('PWM_MAX', 1900)], 0.5],
    [200, 1999, [], 1],
    [1000, 4095.5, [], 0.5],
    [0.1, 0.7, [], 0.7],
  ];
  for (const [low, high, parameters, expected] of cases) {
    const rows = steps(4, (t, i) => outputs(10, t, Array(4).fill(i === 2 ? high : low)));
    const flight = await read(...parameters, ulogSubscribe(10, 'actuator_outputs'), ...rows);
    near(flight.topics.motors?.columns[3][2] ?? 0, expected, 1e-6, `${high}`);
  }
});

test('actuator_motors comes first, and a motor that is no number stands still', async () => {
  const controls = (t: number, i: number) =>
    ulogData(20, t, ...floats(i / 10, Number.NaN, 0.3, 0.4, ...Array(8).fill(Number.NaN)));
  const other = steps(3, (t, i) => outputs(10, t, [1000 + 300 * i, 1500, 1500, 1500]));
  const subscribed = [ulogSubscribe(20, 'actuator_motors'), ulogSubscribe(10, 'actuator_outputs')];
  const flight = await read(...subscribed, ...steps(3, controls), ...other);
  alike(flight.topics.motors?.columns.map((c) => c[2]) ?? [], [0.2, 0, 0.3, 0.4], 'motor');
});

test('dead reckoning is told', async () => {
  const places = steps(4, (t, i) => position(t, [i, 0, 0, 1, 0, 0], i < 2 ? 0 : 1));
  const flight = await read(POSITION, ...places);
  assert.match(flight.warnings.join(), /dead reckoning in 50 % of the log/);
  const sound = await read(POSITION, ...steps(4, (t, i) => position(t, [i, 0, 0, 1, 0, 0])));
  assert.equal(sound.warnings, []);
});

test('data under an id that nothing registered is left out, the rest is read', async () => {
  const places = steps(10, (t, i) => position(t, [i, 0, 0, 1, 0, 0]));
  places.splice(5, 0, ulogData(99, 1.5, ['I', 5]));
  const flight = await read(POSITION, ...places);
  assert.is(flight.topics.velocity?.time.length, 10);
  assert.is(flight.droppedRows, 1);
  assert.is(flight.truncated, false);
  assert.match(flight.warnings.join(), /data under id 99/);
});

test('bytes that are no message in the middle are passed over', async () => {
  const places = steps(20, (t, i) => position(t, [i, 0, 0, 1, 0, 0]));
  places.splice(10, 1, Buffer.from('this is no message of any type, only some words'));
  const flight = await read(POSITION, ...places);
  assert.is(flight.topics.velocity?.time.length, 19);
  assert.ok(flight.droppedRows >= 1);
  assert.is(flight.truncated, false);
});

test('an end inside a message is read up to it', async () => {
  const bytes = givenUlog(...FORMATS, POSITION, ...steps(10, (t, i) => position(t, [i, 0, 0, 1, 0, 0])));
  for (const cut of [1, 20, 35]) {
    const flight = await readFlight(givenFile('x.ulg', bytes.subarray(0, -cut)));
    assert.is(flight.topics.velocity?.time.length, 9);
    assert.is(flight.truncated, true);
    assert.match(flight.warnings.join(), /ends inside a message/);
  }
});

test('data appended behind a cut main part is read too', async () => {
  const first = steps(5, (t, i) => position(t, [i, 0, 0, 1, 0, 0]));
  const later = Array.from({ length: 5 }, (_, i) => position(2 + i / 10, [i, 0, 0, 1, 0, 0]));
  const flags = (offset: number) =>
    ulogMessage('B', new Uint8Array(8), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), ['Q', offset], ['Q', 0], ['Q', 0]);
  const main = [...FORMATS, POSITION, ...first];
  const length = givenUlog(flags(0), ...main).length - 7;
  const bytes = Buffer.concat([givenUlog(flags(length), ...main).subarray(0, length), ...later]);
  const flight = await readFlight(givenFile('x.ulg', bytes));
  assert.is(flight.topics.velocity?.time.length, 9);
  assert.is(flight.droppedRows, 0, 'a message cut at the end of the main part is no damage');
  assert.is(flight.truncated, false);
});

test('a log without data is refused', async () => {
  const cases: [Uint8Array, RegExp][] = [
    [givenUlog(...FORMATS, POSITION), /expected logged data behind the ULog header/],
    [givenUlog().subarray(0, 10), /expected a ULog header of 16 bytes, got 10/],
    [
      givenUlog(ulogFormat('other:uint64_t timestamp;float a;'), ulogSubscribe(0, 'other'), ulogData(0, 1, ['f', 1])),
      /expected topics of a flight/,
    ],
  ];
  for (const [bytes, message] of cases) {
    const error = await readFlight(givenFile('x.ulg', bytes))
      .then(() => null)
      .catch((e: Error) => e);
    assert.instance(error, InputError);
    assert.match(error?.message ?? '', message);
  }
});

test('raw topics keep their own names, with the instance behind', async () => {
  const rows: Part[] = floats(1, 2, 3, 4);
  const bytes = givenUlog(
    ...FORMATS,
    ATTITUDE,
    ulogSubscribe(5, 'vehicle_attitude', 1),
    ...steps(3, (t) => ulogData(5, t, ...rows)),
    attitude(1),
  );
  const { raw } = await readLog(givenFile('x.ulg', pack(bytes)));
  assert.equal(
    raw?.map(({ name, time }) => [name, time.length]),
    [
      ['vehicle_attitude', 1],
      ['vehicle_attitude#1', 3],
    ],
  );
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights for ULog');
else {
  const file = (name: string) => join(folder, 'px4', `${name}.ulg`);

  test('a real flight with GPS: frames, signs and units fit the physics', async () => {
    const flight = await readFlight(file('esc_status_log'));
    agree(turning(flight, 0.5), [0, 1, 2], 0.9, 'attitude and rates');
    agree(moving(flight, 0.5), [0, 1, 2], 0.95, 'position and velocity');
    agree(leaning(flight, 0.5), [0, 1], 0.95, 'velocity and lean, which ties heading to the world');
    near(mean(flight.topics.motors?.columns.map(mean) ?? []), 0.53, 0.05, 'hover command');
    near(mean(flight.topics.battery?.columns[0] ?? []), 22, 0.5, 'six cells');
  });

  test('a real flight without GPS: told as dead reckoning, attitude and motors good', async () => {
    const flight = await readFlight(file('quadrotor_local'));
    near(flight.durationSeconds, 92.5, 0.1);
    agree(turning(flight, 0.2), [0, 1], 0.98, 'attitude and rates');
    agree(accelerating(flight, 0.5), [2], 0.95, 'climb and specific force');
    near(mean(flight.topics.acceleration?.columns[2] ?? []), 9.81, 0.1, 'mean specific force');
    near(mean(flight.topics.motors?.columns.map(mean) ?? []), 0.57, 0.05, 'mean command');
    assert.match(flight.warnings.join(), /dead reckoning in 100 %/);
  });

  test('real logs that are no quadrotor flights say so', async () => {
    assert.match((await readFlight(file('sample_appended_multiple'))).warnings.join(), /never armed/);
    assert.match((await readFlight(file('sample_log_small'))).warnings.join(), /VTOL/);
  });

  test('a real log with its middle overwritten gives all but that stretch', async () => {
    const bytes = Buffer.from(readFileSync(file('quadrotor_local')));
    bytes.fill(0xab, 2_000_000, 2_020_000);
    const flight = await readFlight(givenFile('hit.ulg', bytes));
    const share = (flight.topics.acceleration?.time.length ?? 0) / 20236;
    assert.ok(share > 0.98 && share < 1, `${share} of the samples`);
    near(flight.durationSeconds, 92.5, 0.1);
    assert.is(flight.truncated, false);
    assert.ok(flight.droppedRows > 0);
  });
}

test.run();
