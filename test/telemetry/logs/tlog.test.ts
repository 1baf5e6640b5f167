import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { describeLog, readFlight, readLog } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { agree, mean, moving, turning } from './consistency.ts';
import { type FrameParts, floats, givenFile, type Part, pack, padded, tlogFrame, x25 } from './given-logs.ts';

const START = 1_700_000_000;
type Extra = Pick<FrameParts, 'version' | 'system' | 'signed'>;

/** A frame that arrives this long after it was made, `t` seconds since boot. */
const frame = (message: number, crcExtra: number, t: number, parts: Part[], extra: Extra = {}, late = 0) =>
  tlogFrame(START + t + late, { message, crcExtra, payload: pack(...parts), ...extra });
const ms = (t: number): Part => ['I', Math.round(t * 1000)];
const shorts = (...values: number[]): Part[] => values.map((value) => ['h', value]);
const int = (value: number): Part => ['I', value >>> 0];
const pad = (length: number) => new Uint8Array(length);

const heartbeat = (type: number, system = 1) =>
  frame(0, 50, 0, [int(0), ['B', type], ['B', 3], ['B', 0], ['B', 0], ['B', 3]], { system });
const attitude = (t: number, angles: number[], rates: number[], extra: Extra = {}, late = 0) =>
  frame(30, 39, t, [ms(t), ...floats(...angles, ...rates)], extra, late);
const place = (t: number, [lat, lng]: number[], height: number, velocity: number[], extra: Extra = {}) =>
  frame(
    33,
    104,
    t,
    [ms(t), int(lat * 1e7), int(lng * 1e7), int(0), int(height * 1e3), ...shorts(...velocity), ['H', 0]],
    extra,
  );
const servos = (t: number, pulses: number[]) =>
  frame(36, 222, t, [int(t * 1e6), ...pulses.map((p): Part => ['H', p]), ...shorts(0, 0, 0, 0), ['B', 0]]);
const rawImu = (t: number, acc: number[]) =>
  frame(27, 144, t, [['Q', Math.round(t * 1e6)], ...shorts(...acc, 0, 0, 0, 0, 0, 0)]);
const status = (t: number, millivolts: number) => frame(1, 124, t, [pad(12), ['H', 0], ['H', millivolts], pad(15)]);
const parameter = (name: string, value: number) =>
  frame(22, 220, 1, [...floats(value), ['H', 1], ['H', 0], padded(name, 16), ['B', 9]]);

const FLIGHT = [10, 10.5, 11, 11.5].flatMap((t, i) => [
  attitude(t, [Math.PI / 6, 0, 0], [0.1, 0.2, 0.3]),
  place(t, [47, 8.001 + 0.001 * i], 5 + i, [100, 200, -200]),
  rawImu(t, [100, 0, -1000]),
  servos(t, [1000, 1250, 1500, 2000]),
  status(t, 11_100),
]);

const at0 = (flight: Flight) =>
  Object.fromEntries(Object.entries(flight.topics).map(([topic, { columns }]) => [topic, columns.map((c) => c[0])]));

function same(actual: number[], expected: number[], tolerance = 1e-6): void {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    near(value, expected[i], tolerance, `column ${i}`);
  });
}

const read = (...frames: Uint8Array[]) => readFlight(givenFile('a.tlog', Buffer.concat(frames)));

test('the checksum of frames is the published one', () => {
  assert.is(x25(Buffer.from('123456789')), 0x6f91); // CRC-16/MCRF4XX's check value
});

test('messages become topics in ENU, FLU and SI', async () => {
  const flight = await read(heartbeat(2), ...FLIGHT);
  const topics = at0(flight);
  same(topics.pose.slice(0, 3), [0, 0, 5]);
  // nose to the north, the right side down by 30 degrees
  const [c, s, d] = [Math.cos(Math.PI / 12), Math.sin(Math.PI / 12), Math.SQRT1_2];
  const sign = Math.sign(topics.pose[6]);
  same(
    topics.pose.slice(3).map((q) => q * sign),
    [d * s, d * s, d * c, d * c],
  );
  // a thousandth of a degree of longitude at 47° on WGS 84 is 76.06 m
  near(flight.topics.pose!.columns[0][1], 76.06, 0.05);
  same(topics.velocity, [2, 1, 2]);
  same(topics.rates, [0.1, -0.2, -0.3]);
  same(topics.acceleration, [0.980665, 0, 9.80665]);
  same(topics.motors, [0, 0.25, 0.5, 1]);
  same(topics.battery, [11.1]);
  assert.equal([flight.format, flight.vehicle, flight.droppedRows, flight.truncated], ['tlog', 'ArduPilot', 0, false]);
  near(flight.startUnixSeconds!, START + 10, 1e-3);
  assert.equal(flight.warnings, []);
});

test('version 2, signed or not, is read as version 1 is', async () => {
  const one = [attitude(1, [0.1, 0, 0], [0, 0, 0]), attitude(2, [0.1, 0, 0], [0.5, 0, 0])];
  const two = [
    attitude(1, [0.1, 0, 0], [0, 0, 0], { version: 2, signed: true }), // zeros at its end are left out
    attitude(2, [0.1, 0, 0], [0.5, 0, 0], { version: 2 }),
  ];
  assert.equal((await read(...two)).topics, (await read(...one)).topics);
});

test('times are the vehicle’s own, over a reboot, whatever the delay and the ground station’s frames', async () => {
  const lag = [0.3, 0.1, 0.4, 0.2];
  const before = [100, 101, 102, 103].map((t, i) => attitude(t, [0, 0, 0], [t, 0, 0], {}, lag[i]));
  const after = [5, 6, 7].map((t) =>
    tlogFrame(START + 200 + t + 0.05, { message: 30, crcExtra: 39, payload: pack(ms(t), ...floats(0, 0, 0, t, 0, 0)) }),
  );
  const other = [heartbeat(6, 255), heartbeat(2)];
  const flight = await read(...other, ...before, ...after);
  same(Array.from(flight.topics.rates!.time), [0, 1, 2, 3, 104.95, 105.95, 106.95], 1e-3);
  assert.is(flight.otherAirframe, undefined);
});

test('places before the first fix are left out, and slow topics make it fit for nothing', async () => {
  const frames = Array.from({ length: 9 }, (_, i) => 10 + i / 2).flatMap((t) => [
    attitude(t, [0, 0, 0], [0, 0, 0]),
    place(t, [47, 8], 5, [0, 0, 0]),
    servos(t, [1500, 1500, 1500, 1500]),
  ]);
  const path = givenFile('a.tlog', Buffer.concat([place(9.5, [0, 0], 0, [0, 0, 0]), heartbeat(2), ...frames]));
  const log = await readLog(path);
  assert.is(log.flight.topics.velocity?.time.length, 9);
  const { fitness } = describeLog(path, log);
  assert.is(fitness.verdict, 'neither');
  assert.match(fitness.identify.why, /it has rates 2\.0 times a second only; 4 at least are needed/);
});

test('a climb that goes with the height against the specification is turned round, and told', async () => {
  const frames = [1, 1.5, 2, 2.5].map((t, i) => place(t, [47, 8], i, [0, 0, 200]));
  const flight = await read(...frames);
  same(at0(flight).velocity, [0, 0, 2]);
  assert.match(flight.warnings.join(), /vz goes with the height, against the specification; turned round/);
});

test('pulses are counted within the range that parameters say', async () => {
  const flight = await read(parameter('MOT_PWM_MIN', 1100), parameter('MOT_PWM_MAX', 1900), ...FLIGHT);
  same(at0(flight).motors, [0, 0.1875, 0.5, 1]);
});

test('a hexacopter and an aeroplane are told, and have no motors', async () => {
  for (const [type, why] of [
    [13, 'it has 6 motors'],
    [1, 'it is a fixed-wing aircraft'],
    [21, 'it is a VTOL'],
  ] as const) {
    const flight = await read(heartbeat(type), ...FLIGHT);
    assert.is(flight.otherAirframe, why);
    assert.is(flight.topics.motors, undefined);
  }
});

test('damaged frames are dropped and counted, a cut end is told', async () => {
  const bytes = Buffer.concat([heartbeat(2), ...FLIGHT]);
  const cut = await read(bytes.subarray(0, bytes.length - 3));
  assert.equal([cut.truncated, cut.droppedRows, cut.topics.battery?.time.length], [true, 0, 3]);
  const flipped = Buffer.from(bytes);
  flipped[bytes.indexOf(FLIGHT[5]) + 20] ^= 0x10;
  const read1 = await read(flipped);
  assert.equal([read1.topics.rates?.time.length, read1.topics.velocity?.time.length, read1.droppedRows], [3, 4, 1]);
  const at = bytes.indexOf(FLIGHT[10]);
  const read2 = await read(
    bytes.subarray(0, at),
    Buffer.from([9, 0xfe, 1, 2, 0xfd, 0, 0, 0, 0, 0, 0, 0]),
    bytes.subarray(at),
  );
  assert.equal([read2.topics.rates?.time.length, read2.droppedRows, read2.truncated], [4, 1, false]);
  assert.match(read2.warnings.join(), /1 times bytes that are no frame|no frame, or a wrong checksum/);
});

test('a log of a ground station alone is refused', async () => {
  await read(heartbeat(6, 255), heartbeat(6, 255)).then(
    () => assert.unreachable('the file was read'),
    (error: Error) => {
      assert.instance(error, InputError);
      assert.match(error.message, /expected frames of a vehicle, found a ground station's only/);
    },
  );
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real telemetry logs');
else {
  const real = (name: string) => join(folder, 'mavlink', `${name}.tlog`);

  test('real logs: as many frames as a walk by lengths alone counts, none lost', async () => {
    const counts: [name: string, attitude: number, position: number, servos: number][] = [
      ['2013-10-13_16-58-51', 2743, 974, 635],
      ['2013-10-13_18-31-24', 1977, 702, 457],
      ['flight', 2829, 2833, 2831],
    ];
    for (const [name, ...expected] of counts) {
      const log = await readLog(real(name));
      const found = ['ATTITUDE', 'GLOBAL_POSITION_INT', 'SERVO_OUTPUT_RAW'].map(
        (message) => log.raw!.find((topic) => topic.name === message)!.time.length,
      );
      assert.equal(found, expected, name);
      assert.equal([log.flight.droppedRows, log.flight.truncated], [0, name === 'flight'], name);
      assert.is(describeLog(real(name), log).fitness.verdict, 'neither');
    }
  });

  test('they turn as their rates say, move as their velocity says and feel gravity below', async () => {
    for (const name of ['2013-10-13_16-58-51', '2013-10-13_18-31-24', 'flight']) {
      const flight = await readFlight(real(name));
      agree(turning(flight, 0.5), [2], 0.98, `${name}, turning`);
      if (name !== 'flight') agree(turning(flight, 0.2), [0, 1, 2], 0.95, `${name}, turning`); // three times a second is too slow
      agree(moving(flight, 1), [0, 1, 2], 0.9, `${name}, moving`);
      near(mean(flight.topics.acceleration!.columns[2]), 9.81, 1.5);
      assert.match(flight.warnings.join(), /turned round/);
    }
  });

  test('the boot inside one of them keeps its time', async () => {
    const bytes = readFileSync(real('flight'));
    const flight = await readFlight(real('flight'));
    // between the first and the last frame of the vehicle by the ground station's clock
    near(flight.durationSeconds, 1051.8, 1);
    near(flight.startUnixSeconds!, Number(bytes.readBigUInt64BE(0)) / 1e6, 10);
  });
}

test.run();
