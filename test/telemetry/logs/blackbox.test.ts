import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import type { Flight, Series } from '../../../src/telemetry/flight.ts';
import { BlackboxBytes } from '../../../src/telemetry/logs/blackbox-bytes.ts';
import { describeLog, readFlight, readFlights, readLog } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { mean } from './consistency.ts';
import { givenFile } from './given-logs.ts';

/** Numbers as the blackbox writes them: seven bits a byte; of either sign, zigzag. */
function unsigned(value: number): number[] {
  const rest = Math.floor(value / 128);
  return rest === 0 ? [value] : [(value % 128) + 128, ...unsigned(rest)];
}
const signed = (value: number) => unsigned(value < 0 ? -2 * value - 1 : 2 * value);

test('numbers of any length and sign are read as they were written', () => {
  const values = [0, 1, -1, 63, -64, 64, 300, -30_000, 2 ** 31 - 1, -(2 ** 31)];
  const bytes = Uint8Array.from(values.flatMap(signed));
  const input = new BlackboxBytes(bytes);
  assert.equal(
    values.map(() => input.signed()),
    values,
  );
  assert.is(input.at, bytes.length);
  assert.is(new BlackboxBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)).unsigned(), 2 ** 32 - 1);
});

test('groups of numbers are unpacked bit by bit', () => {
  const read = (encoding: number, alike: number, ...bytes: number[]) => {
    const input = new BlackboxBytes(Uint8Array.from(bytes));
    const values = input.group(encoding, alike);
    assert.is(input.at, bytes.length, `encoding ${encoding}: bytes used`);
    return values;
  };
  assert.equal(read(3, 1, ...unsigned(5)), [-5]);
  assert.equal(read(3, 1, ...unsigned(2 ** 14 - 5)), [5]);
  assert.equal(read(6, 1, ...signed(-7)), [-7]); // one alone has no byte of its own
  assert.equal(read(6, 3, 0b101, ...signed(9), ...signed(-300)), [9, 0, -300]);
  assert.equal(read(7, 3, 0b00_01_10_11), [1, -2, -1]);
  assert.equal(read(7, 3, 0b01_00_0111, 0b1000_0001), [7, -8, 1]);
  assert.equal(read(7, 3, 0b10_011111, 0b100000, 1), [31, -32, 1]);
  assert.equal(read(7, 3, 0b11_10_01_00, 0x80, 0x34, 0x12, 0xff, 0xff, 0xff), [-128, 0x1234, -1]);
  assert.equal(read(8, 4, 0b00_01_10_11, 0x12, 0x34, 0x80, 0x70), [0x1234, -128, 7, 0]);
  assert.equal(read(8, 4, 0b11_01_10_01, 0x57, 0xf3, 0x12, 0x34), [5, 0x7f, 3, 0x1234]);
  assert.equal(read(10, 3, 0b01_10000_1, 0b0001_0111), [-16, -15, 7]);
  assert.equal(read(10, 3, 0b10_000001, 0b01_000000, 0b1_1111111), [5, 1, -1]);
  assert.equal(read(9, 1), [0]);
  assert.is(new BlackboxBytes(Uint8Array.of(1)).group(42, 1), null);
});

const FIELDS =
  'loopIteration,time,gyroADC[0],gyroADC[1],gyroADC[2],accSmooth[0],accSmooth[1],accSmooth[2],setpoint[0],setpoint[1],setpoint[2],vbatLatest,motor[0],motor[1],motor[2],motor[3]';

interface Headers {
  [name: string]: string;
}

function givenHeaders(more: Headers = {}): Buffer {
  const headers: Headers = {
    Product: 'Blackbox flight data recorder by Nicholas Sherlock',
    'Data version': '2',
    'Field I name': FIELDS,
    'Field I signed': '0,0,1,1,1,1,1,1,1,1,1,0,0,0,0,0',
    'Field I predictor': '0,0,0,0,0,0,0,0,0,0,0,9,11,5,5,5',
    'Field I encoding': '1,1,0,0,0,0,0,0,0,0,0,3,1,0,0,0',
    'Field P predictor': '6,2,1,1,1,3,3,3,1,1,1,1,3,3,3,3',
    'Field P encoding': '9,0,0,0,0,0,0,0,7,7,7,6,0,0,0,0',
    'Firmware revision': 'Betaflight 4.2.0',
    'I interval': '256',
    'P interval': '8',
    gyro_scale: '0x3f800000',
    motorOutput: '100,2100',
    acc_1G: '2048',
    vbatcellvoltage: '330,350,430',
    vbatref: '1600',
    ...more,
  };
  return Buffer.from(
    Object.entries(headers)
      .map(([name, value]) => `H ${name}:${value}\n`)
      .join(''),
  );
}

type Frame = number[];
const whole = ([iteration, time, ...rest]: Frame) => [
  ...Buffer.from('I'),
  ...unsigned(iteration),
  ...unsigned(time),
  ...rest.slice(0, 9).flatMap(signed),
  ...unsigned((1600 - rest[9] + 2 ** 14) % 2 ** 14),
  ...unsigned(rest[10] - 100),
  ...rest.slice(11).flatMap((motor) => signed(motor - rest[10])),
];
/** By its differences to the two before, as the predictors above have it. */
const step = (frame: Frame, one: Frame, two: Frame) => {
  const average = (k: number) => frame[k] - Math.trunc((one[k] + two[k]) / 2);
  return [
    ...Buffer.from('P'),
    ...signed(frame[1] - (2 * one[1] - two[1])),
    ...[2, 3, 4].flatMap((k) => signed(frame[k] - one[k])),
    ...[5, 6, 7].flatMap((k) => signed(average(k))),
    0b10_000000 | ((frame[8] - one[8]) & 63),
    (frame[9] - one[9]) & 63,
    (frame[10] - one[10]) & 63,
    ...signed(frame[11] - one[11]),
    ...[12, 13, 14, 15].flatMap((k) => signed(average(k))),
  ];
};
const END = [...Buffer.from('E'), 255, ...Buffer.from('End of log\0')];

const frameAt = (i: number): Frame => [
  ...[8 * i, 5_000_000 + 1000 * i + (i % 3), 10 * i, -5 * i, i % 7, i, -i, 2048, i % 20, -(i % 13), 3],
  ...[1590 - i, 100 + i, 600 + i, 1100, 2100 - i],
];

/** A session of so many frames, whole at its begin and then every 32nd. */
function givenSession(count: number, headers: Headers = {}, end = END): Buffer {
  const frames = Array.from({ length: count }, (_, i) => frameAt(i));
  const parts = frames.map((frame, i) => {
    if (i % 32 === 0) return whole(frame);
    const two = i % 32 === 1 ? frames[i - 1] : frames[i - 2];
    return step(frame, frames[i - 1], two);
  });
  return Buffer.concat([givenHeaders(headers), Buffer.from(parts.flat()), Buffer.from(end)]);
}

const row = (flight: Flight, topic: keyof Flight['topics'], i: number) =>
  flight.topics[topic]!.columns.map((c) => c[i]);
function same(actual: number[], expected: number[]): void {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    near(value, expected[i], 1e-6, `column ${i}`);
  });
}

test('frames told by differences come out as they were, in SI units', async () => {
  const flight = await readFlight(givenFile('a.bbl', givenSession(70)));
  const { rates, motors, battery } = flight.topics;
  assert.is(rates!.time.length, 70);
  for (const i of [0, 1, 2, 31, 32, 33, 69]) {
    const [, time, gx, gy, gz, ax, ay, az, sx, sy, sz, volts, ...outputs] = frameAt(i);
    near(rates!.time[i], (time - 5_000_000) / 1e6, 1e-12);
    const radians = Math.PI / 180;
    same(row(flight, 'rates', i), [gx * radians, gy * radians, gz * radians]);
    same(
      row(flight, 'acceleration', i),
      [ax, ay, az].map((a) => (a / 2048) * 9.80665),
    );
    same(
      row(flight, 'rates_setpoint', i),
      [sx, sy, sz].map((s) => s * radians),
    );
    same(
      row(flight, 'motors', i),
      outputs.map((motor) => (motor - 100) / 2000),
    );
    near(battery!.columns[0][i], volts / 100, 1e-9);
  }
  assert.is(motors!.columns.length, 4);
  assert.equal([flight.truncated, flight.droppedRows, flight.vehicle], [false, 0, 'Betaflight 4.2.0']);
  assert.equal(flight.warnings, []);
});

test('scales are those of the headers', async () => {
  const older = { vbatcellvoltage: '33,35,43', blackbox_high_resolution: '1', gyro_scale: '0x32961b6a' };
  const flight = await readFlight(givenFile('a.bbl', givenSession(4, older)));
  near(row(flight, 'battery', 1)[0], 158.9, 1e-9);
  // 0x32961b6a is 1.7474e-8: one degree a second in radians a microsecond; resolution ten times as high
  near(row(flight, 'rates', 1)[0], (Math.PI / 180) * 1, 1e-4);
});

test('each session is a flight, but for those of less than a second; a summary is of the longest', async () => {
  const file = Buffer.concat([givenSession(5), givenSession(2000, {}, []), givenSession(1200)]);
  const path = givenFile('a.bbl', file);
  const flights = await readFlights(path);
  assert.equal(
    flights.map(({ name, topics, truncated }) => [name, topics.rates!.time.length, truncated]),
    [
      ['a#2', 2000, true],
      ['a#3', 1200, false],
    ],
  );
  const { flight } = await readLog(path);
  assert.is(flight.name, 'a#2');
  assert.match(flight.warnings.join(), /a#2: the longest of 2 sessions \(a#2 2\.0 s, a#3 1\.2 s\)/);
  assert.match(flight.warnings.join(), /ends without its end event/);
});

test('damage costs the frames up to the next whole one, a cut its own', async () => {
  const good = givenSession(200);
  const at = good.indexOf(Buffer.from(whole(frameAt(64)))) - 40;
  const damaged = Buffer.concat([good.subarray(0, at), Buffer.of(1, 2, 3), good.subarray(at + 7)]);
  const flight = await readFlight(givenFile('a.bbl', damaged));
  const count = flight.topics.rates!.time.length;
  assert.ok(count >= 194 && count < 200, `${count}`);
  assert.is(flight.droppedRows, 1);
  same(
    row(flight, 'rates', count - 1),
    [1990, -995, 3].map((rate) => (rate * Math.PI) / 180),
  );
  const cut = await readFlight(givenFile('a.bbl', good.subarray(0, good.length - END.length - 3)));
  assert.equal([cut.truncated, cut.topics.rates!.time.length, cut.droppedRows], [true, 199, 0]);
});

test('six motors are no quadrotor; headers alone are refused', async () => {
  const path = givenFile(
    'a.bbl',
    givenSession(3, { 'Field I name': FIELDS.replace('setpoint[1],setpoint[2]', 'motor[4],motor[5]') }),
  );
  assert.is((await readFlight(path)).otherAirframe, 'it has 6 motors');
  await readFlight(givenFile('b.bbl', givenHeaders())).then(
    () => assert.unreachable('the file was read'),
    (error: Error) => {
      assert.instance(error, InputError);
      assert.match(error.message, /expected frames behind the blackbox's headers, found none/);
    },
  );
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real blackbox logs');
else {
  /** Correlation of two columns. */
  const correlation = (x: ArrayLike<number>, y: ArrayLike<number>) => {
    const [a, b] = [Array.from(x), Array.from(y)];
    const [ma, mb] = [mean(a), mean(b)];
    const covariance = mean(a.map((v, i) => (v - ma) * (b[i] - mb)));
    return covariance / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)));
  };
  /** Means over 50 ms. */
  const blocks = ({ time, columns }: Series) => {
    const size = Math.round(0.05 / time[1]);
    return columns.map((column) =>
      Array.from({ length: Math.floor(column.length / size) }, (_, i) =>
        mean(column.subarray(i * size, (i + 1) * size)),
      ),
    );
  };

  test('real logs: every byte is a frame, at the rates that their headers say', async () => {
    for (const [name, rateHz] of [
      ['LOG00037.BFL', 1000],
      ['btfl_002.bbl', 500],
    ] as const) {
      const path = join(folder, 'betaflight', name);
      const log = await readLog(path);
      assert.equal([log.flight.droppedRows, log.flight.truncated], [0, false], name);
      const summary = describeLog(path, log);
      near(summary.topics[0].rateHz, rateHz, 5);
      assert.is(summary.fitness.verdict, 'identify');
      near(mean(log.flight.topics.acceleration!.columns[2]), 9.81, 4); // thrust against gravity, and more of it in turns
    }
  });

  test('the vehicle turns as it is asked to, and as its motors push it', async () => {
    const { topics } = await readFlight(join(folder, 'betaflight', 'btfl_002.bbl'));
    const { rates, rates_setpoint, motors } = topics as Record<string, Series>;
    for (const axis of [0, 1, 2]) {
      const followed = correlation(rates.columns[axis], rates_setpoint.columns[axis]);
      assert.ok(followed > 0.98, `axis ${axis}: ${followed}`);
    }
    // Betaflight's motors stand rear right, front right, rear left, front left; FLU: roll lifts the left, pitch the rear
    const [turns, pushes] = [blocks(rates), blocks(motors)];
    const signs = [
      [-1, -1, 1, 1],
      [1, -1, 1, -1],
    ];
    for (const [axis, sign] of signs.entries()) {
      const gained = turns[axis].slice(1).map((rate, i) => rate - turns[axis][i]);
      const pushed = gained.map((_, i) => sign.reduce((sum, s, k) => sum + s * pushes[k][i], 0));
      const found = correlation(gained, pushed);
      assert.ok(found > 0.2, `axis ${axis}: ${found}`);
    }
  });

  test('its axes are nose, left and up: drag and banked turns tell', async () => {
    const { topics } = await readFlight(join(folder, 'betaflight', 'btfl_002.bbl'));
    const [force, turns] = [blocks(topics.acceleration!), blocks(topics.rates!)];
    assert.ok(mean(force[0]) < -0.5); // it flies nose first, and drag pulls it back
    // yawing to the left it slips to its right, and drag pushes to the left
    assert.ok(correlation(force[1], turns[2]) > 0.4);
    // who rolls to the right turns to the right, which is a negative yaw
    assert.ok(correlation(turns[0], turns[2]) < -0.2);
  });
}

test.run();
