import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { describeLog, readFlight, readLog } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { agree, mean, moving, type Pairs, turning } from './consistency.ts';
import {
  dataflashFormat as format,
  floats,
  givenDataflash,
  givenFile,
  type Part,
  padded,
  dataflashRecord as record,
} from './given-logs.ts';

const FORMATS = [
  format(1, 'ATT', 'QccccCC', 'TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw'),
  format(2, 'XKF1', 'QBffffff', 'TimeUS,C,VN,VE,VD,PN,PE,PD'),
  format(3, 'IMU', 'QBffffff', 'TimeUS,I,GyrX,GyrY,GyrZ,AccX,AccY,AccZ'),
  format(4, 'RCOU', 'QHHHHHH', 'TimeUS,C1,C2,C3,C4,C5,C6'),
  format(5, 'PARM', 'QNf', 'TimeUS,Name,Value'),
  format(6, 'MSG', 'QZ', 'TimeUS,Message'),
  format(7, 'BAT', 'QBf', 'TimeUS,Inst,Volt'),
  format(8, 'RATE', 'Qffffff', 'TimeUS,RDes,R,PDes,P,YDes,Y'),
  format(9, 'GPS', 'QBIHLLeffff', 'TimeUS,Status,GMS,GWk,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw'),
];
const us = (seconds: number): Part => ['Q', Math.round(seconds * 1e6)];
const hundredths = (...values: number[]): Part[] => values.map((value) => ['h', Math.round(value * 100)]);
const att = (t: number, roll: number, pitch: number, yaw: number) =>
  record(1, us(t), ...hundredths(0, roll, 0, pitch), ['H', 4500], ['H', Math.round(yaw * 100)]);
const xkf = (t: number, velocity: number[], position: number[], core = 0) =>
  record(2, us(t), ['B', core], ...floats(...velocity, ...position));
const imu = (t: number, gyro: number[], acc: number[], instance = 0) =>
  record(3, us(t), ['B', instance], ...floats(...gyro, ...acc));
const rcou = (t: number, ...pulses: number[]) => record(4, us(t), ...pulses.map((pulse): Part => ['H', pulse]));
const parm = (name: string, value: number) => record(5, us(1), padded(name, 16), ...floats(value));
const msg = (text: string) => record(6, us(1), padded(text, 64));

const FLIGHT = [10, 10.1, 10.2, 10.3].flatMap((t) => [
  att(t, 30, 0, 0),
  xkf(t, [1, 2, -3], [4, 5, -6]),
  xkf(t, [9, 9, 9], [9, 9, 9], 1),
  imu(t, [0.1, 0.2, 0.3], [1, 2, -9.8]),
  imu(t, [9, 9, 9], [9, 9, 9], 1),
  rcou(t, 1000, 1250, 1500, 2000, 900, 900),
  record(7, us(t), ['B', 0], ...floats(15.5)),
  record(8, us(t), ...floats(90, 0, 0, 0, -90, 0)),
]);

const columnsAt0 = (flight: Awaited<ReturnType<typeof readFlight>>) =>
  Object.fromEntries(Object.entries(flight.topics).map(([topic, { columns }]) => [topic, columns.map((c) => c[0])]));

function same(actual: number[], expected: number[], tolerance = 1e-6): void {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    near(value, expected[i], tolerance, `column ${i}`);
  });
}

test('messages become topics in ENU and FLU, of the first sensor and estimator alone', async () => {
  const bytes = givenDataflash(...FORMATS, msg('ArduCopter V4.5.1 (abc)'), ...FLIGHT);
  const flight = await readFlight(givenFile('a.bin', bytes));
  const topics = columnsAt0(flight);
  same(topics.pose.slice(0, 3), [5, 4, 6]);
  // nose to the north (a quarter turn about z), then the right side down by 30 degrees
  const [c, s, d] = [Math.cos(Math.PI / 12), Math.sin(Math.PI / 12), Math.SQRT1_2];
  const sign = Math.sign(topics.pose[6]);
  same(
    topics.pose.slice(3).map((q) => q * sign),
    [d * s, d * s, d * c, d * c],
    1e-4,
  );
  same(topics.velocity, [2, 1, 3]);
  same(topics.rates, [0.1, -0.2, -0.3]);
  same(topics.acceleration, [1, -2, 9.8]);
  same(topics.motors, [0, 0.25, 0.5, 1]);
  same(topics.battery, [15.5]);
  same(topics.rates_setpoint, [Math.PI / 2, 0, Math.PI / 2]);
  same(topics.yaw_setpoint, [Math.PI / 4], 1e-4);
  assert.is(flight.topics.rates?.time.length, 4);
  near(flight.durationSeconds, 0.3, 1e-9);
  assert.equal([flight.vehicle, flight.droppedRows, flight.truncated], ['ArduCopter V4.5.1 (abc)', 0, false]);
  assert.equal(flight.warnings, []);
});

test('motors are the outputs with their functions, within the range that parameters say', async () => {
  const functions = [36, 35, 34, 33].map((code, i) => parm(`SERVO${i + 3}_FUNCTION`, code));
  const range = [parm('MOT_PWM_MIN', 1100), parm('MOT_PWM_MAX', 1900)];
  const bytes = givenDataflash(
    ...FORMATS,
    ...functions,
    ...range,
    rcou(1, 0, 0, 1100, 1300, 1500, 1900),
    rcou(2, 0, 0, 1, 2, 3, 4),
  );
  const { motors } = columnsAt0(await readFlight(givenFile('a.bin', bytes)));
  same(motors, [1, 0.5, 0.25, 0]);
});

test('what is no quadrotor is told, and has no motors', async () => {
  for (const [said, why] of [
    [parm('FRAME_CLASS', 2), 'it has 6 motors'],
    [msg('ArduPlane V4.4.0'), 'it runs ArduPlane'],
  ] as const) {
    const path = givenFile('a.bin', givenDataflash(...FORMATS, said, ...FLIGHT));
    const log = await readLog(path);
    assert.is(log.flight.otherAirframe, why);
    assert.is(log.flight.topics.motors, undefined);
    assert.is(describeLog(path, log).fitness.verdict, 'neither');
  }
});

test('without an estimate, GPS gives position, velocity and the date', async () => {
  const fix = (t: number, status: number, lat: number, lng: number) =>
    record(
      9,
      us(t),
      ['B', status],
      ['I', 1000 * t],
      ['H', 2300],
      ['I', lat * 1e7],
      ['I', lng * 1e7],
      ['I', 50_000 + 100 * t],
      ...floats(2, 90, -0.5, 0),
    );
  const fixes = [fix(1, 1, 0, 0), fix(2, 3, 47, 8), fix(3, 3, 47.001, 8), fix(4, 3, 47, 8.001)];
  const attitudes = [1.5, 2, 3, 3.5, 4].map((t) => att(t, 0, 0, 90));
  const flight = await readFlight(givenFile('a.bin', givenDataflash(...FORMATS, ...fixes, ...attitudes)));
  const [x, y, z] = flight.topics.pose!.columns;
  assert.is(x.length, 4);
  // a thousandth of a degree at 47° north on WGS 84: 111.17 m along the meridian, 76.06 m along the parallel
  near(y[1], 111.17, 0.05);
  near(x[3], 76.06, 0.05);
  near(x[2], 76.06 / 2, 0.05);
  near(z[3], 2, 1e-6);
  same(columnsAt0(flight).velocity, [2, 0, 0.5]);
  // week 2300 begins on Sunday, 4 February 2024
  const zero = Date.UTC(2024, 1, 4) / 1000 - 18;
  near(flight.startUnixSeconds!, zero + 1, 1e-3);
});

test('records of old logs are placed between the fixes they stand between; a hole is kept', async () => {
  const old = [
    format(1, 'GPS', 'BI', 'Status,Time'),
    format(2, 'IMU', 'ffffff', 'GyrX,GyrY,GyrZ,AccX,AccY,AccZ'),
    format(3, 'EV', 'B', 'Id'),
  ];
  const fix = (seconds: number) => record(1, ['B', 3], ['I', 1000 * seconds]);
  const reading = (x: number) => record(2, ...floats(x, 0, 0, 0, 0, -9.8));
  const second = (t: number) => [fix(t), reading(t + 0.25), reading(t + 0.5), reading(t + 0.75)];
  const hole = [fix(103), reading(103.25), reading(103.5), record(3, ['B', 11]), record(3, ['B', 10]), reading(199.75)];
  const records = [reading(99.75), ...second(100), ...second(101), ...second(102), ...hole, ...second(200), fix(201)];
  const flight = await readFlight(givenFile('a.bin', givenDataflash(...old, ...records)));
  const { time, columns } = flight.topics.rates!;
  time.forEach((t, i) => {
    near(t, columns[0][i] - 99.75, 1e-9);
  });
  assert.is(time.length, 1 + 9 + 3 + 3);
  assert.match(flight.warnings.join(), /placed by their order between two fixes/);
});

test('damage is read around and counted, a cut end and an unwritten rest are told', async () => {
  const bytes = givenDataflash(...FORMATS, ...FLIGHT);
  const whole = (await readFlight(givenFile('a.bin', bytes))).topics;
  const cut = await readFlight(givenFile('a.bin', bytes.subarray(0, bytes.length - 5)));
  assert.equal([cut.truncated, cut.topics.pose?.time.length, cut.droppedRows], [true, 4, 0]);
  const rest = await readFlight(givenFile('a.bin', Buffer.concat([bytes, new Uint8Array(500).fill(0xff)])));
  assert.equal([rest.truncated, rest.droppedRows], [false, 0]);
  assert.equal(rest.topics, whole);
  const at = bytes.indexOf(FLIGHT[8]);
  const damaged = Buffer.concat([bytes.subarray(0, at), Buffer.from([1, 2, 0xa3, 0x95, 77, 3]), bytes.subarray(at)]);
  const read = await readFlight(givenFile('a.bin', damaged));
  assert.is(read.droppedRows, 1);
  assert.is(read.topics.pose?.time.length, 4);
  assert.match(read.warnings.join(), /1 stretch of bytes that are no records/);
});

test('a log of descriptions alone is refused', async () => {
  const path = givenFile('a.bin', givenDataflash(...FORMATS));
  await readFlight(path).then(
    () => assert.unreachable('the file was read'),
    (error: Error) => {
      assert.instance(error, InputError);
      assert.match(error.message, /expected records behind their descriptions, found none/);
    },
  );
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real DataFlash log');
else {
  const path = join(folder, 'ardupilot', 'example.bin');

  test('a real log: as many records as a walk by hand counts, 546 s, up to 15 m', async () => {
    const log = await readLog(path);
    const counts = Object.fromEntries(log.raw!.map(({ name, time }) => [name, time.length]));
    const { IMU, ATT, GPS, INAV, CURR } = counts;
    assert.equal({ IMU, ATT, GPS, INAV, CURR }, { IMU: 4409, ATT: 2772, GPS: 280, INAV: 1890, CURR: 276 });
    near(log.flight.durationSeconds, 546, 0.5);
    near(Math.max(...log.flight.topics.pose!.columns[2]), 15, 0.5);
    assert.is(log.flight.droppedRows, 0);
    const { fitness } = describeLog(path, log);
    assert.equal([fitness.verdict, fitness.identify.why], ['neither', 'it has no motors']);
  });

  test('its attitude turns as its gyro says, it moves as fast as GPS says, and gravity is below', async () => {
    const flight = await readFlight(path);
    agree(turning(flight, 0.2), [0, 1, 2], 0.95, 'turning');
    agree(moving(flight, 0.2), [0, 1], 0.8, 'moving'); // at GPS’ rate of one a second
    // the barometer's climb overshoots that of GPS’ heights
    const { expected, actual } = moving(flight, 0.2);
    assert.ok(mean(expected[2].map((climb, i) => climb * actual[2][i])) > 0.5);
    near(mean(flight.topics.acceleration!.columns[2]), 9.81, 1);
  });

  test('the positions of its estimator lie where those of GPS do', async () => {
    const bytes = readFileSync(path);
    const text = bytes.toString('latin1');
    const noGps = Buffer.from(text.replace('Status,Time,NSats,HDop,Lat', 'Status,Time,NSats,HDop,Lit'), 'latin1');
    const [fixed, estimated] = [await readFlight(path), await readFlight(givenFile('a.bin', noGps))];
    const later = fixed.topics.battery!.time[0] - estimated.topics.battery!.time[0];
    const pairs: Pairs = { expected: [[], []], actual: [[], []] };
    estimated.topics.pose!.time.forEach((time, i) => {
      const at = fixed.topics.pose!.time.findIndex((t) => Math.abs(t - time - later) < 1e-6);
      for (const axis of at < 0 ? [] : [0, 1]) {
        pairs.expected[axis].push(fixed.topics.pose!.columns[axis][at]);
        pairs.actual[axis].push(estimated.topics.pose!.columns[axis][i]);
      }
    });
    assert.ok(pairs.actual[0].length > 1000);
    agree(pairs, [0, 1], 0.65, 'position'); // home moves each time that the vehicle is armed
  });
}

test.run();
