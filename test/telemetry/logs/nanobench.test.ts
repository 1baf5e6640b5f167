import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { airborneSeconds, readFlight } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { accelerating, agree, mean, moving, turning } from './consistency.ts';
import { givenFile, NANOBENCH_COLUMNS, nanobenchRow, nanobenchTable } from './given-logs.ts';

const rows = (count: number, values: Record<string, number | string> = {}) =>
  Array.from({ length: count }, (_, i) => nanobenchRow(i, values));

async function refusal(content: string): Promise<string> {
  const path = givenFile('flight.csv', content);
  return readFlight(path).then(
    () => assert.unreachable('the file was read') as never,
    (error: Error) => {
      assert.instance(error, InputError);
      assert.ok(error.message.startsWith(`${path}: `), error.message);
      return error.message.slice(path.length + 2);
    },
  );
}

test('each column lands in its topic in SI units', async () => {
  const values = {
    ...{ px: 1, py: 2, pz: 3, qx: 0.1, qy: 0.2, qz: 0.3, qw: 0.9, vx: 4, vy: 5, vz: 6 },
    ...{ imu_acc_x: 0.5, imu_acc_z: 1, imu_gyro_x: 7, imu_gyro_y: 8, imu_gyro_z: 9 },
    ...{ motor_motor_m1: 65535, motor_motor_m2: 32767.5, motor_motor_m3: 0, motor_motor_m4: 13107 },
    ...{ sp_ctrltarget_x: 1.5, sp_ctrltarget_y: 2.5, sp_ctrltarget_z: 3.5, sp_ctrltarget_yaw: 90, pwr_pm_vbat: 3.8 },
  };
  const { topics, droppedRows, truncated } = await readFlight(givenFile('x.csv', nanobenchTable(rows(3, values))));
  const first = (topic: keyof typeof topics) => topics[topic]?.columns.map((column) => column[0]);
  assert.equal(first('pose'), [1, 2, 3, 0.1, 0.2, 0.3, 0.9]);
  assert.equal(first('velocity'), [4, 5, 6]);
  assert.equal(first('rates'), [7, 8, 9]);
  assert.equal(first('motors'), [1, 0.5, 0, 0.2]);
  near(first('acceleration')?.[0] ?? 0, 0.5 * 9.80665, 1e-12);
  assert.equal(first('setpoint'), [1.5, 2.5, 3.5]);
  near(first('yaw_setpoint')?.[0] ?? 0, Math.PI / 2, 1e-12);
  assert.equal(first('battery'), [3.8]);
  assert.is(droppedRows, 0);
  assert.is(truncated, false);
});

test('a Unix time with nanoseconds keeps them: a double alone would not', async () => {
  const times = ['1772681685.527483940', '1772681685.537483941', '1772681686.000000001'];
  const table = nanobenchTable(times.map((t) => nanobenchRow(0, { t })));
  const flight = await readFlight(givenFile('x.csv', table));
  const time = flight.topics.pose?.time ?? [];
  near(time[1], 0.010000001, 1e-12);
  near(time[2], 0.472516061, 1e-12);
  near(flight.startUnixSeconds ?? 0, 1772681685.527484, 1e-6);
  assert.is(flight.durationSeconds, time[2]);
});

test('the battery has a sample only where its value changes', async () => {
  const volts = [4, 4, 4, 3.9, 3.9, 3.8];
  const table = nanobenchTable(volts.map((pwr_pm_vbat, i) => nanobenchRow(i, { pwr_pm_vbat })));
  const { topics } = await readFlight(givenFile('x.csv', table));
  assert.equal(Array.from(topics.battery?.columns[0] ?? []), [4, 3.9, 3.8]);
  topics.battery?.time.forEach((t, i) => {
    near(t, [0, 0.03, 0.05][i], 1e-9);
  });
});

test('single bad rows are dropped and counted, the rest is read', async () => {
  const table = rows(20);
  table[3] = nanobenchRow(3, { px: 'nan' });
  table[5] = '1,2,3';
  table[7] = nanobenchRow(2);
  table[9] = nanobenchRow(9, { motor_motor_m2: '' });
  table[11] = nanobenchRow(11, { t: '9999999999.0' });
  table[13] = `${table[13]},1`;
  const { topics, droppedRows, truncated } = await readFlight(givenFile('x.csv', nanobenchTable(table)));
  assert.is(topics.pose?.time.length, 14);
  assert.is(topics.motors?.time.length, 14);
  assert.is(droppedRows, 6);
  assert.is(truncated, false);
  near(topics.pose?.time.at(-1) ?? 0, 0.19, 1e-9);
});

test('a dropped row is told by its line and what was expected there, many of a kind once', async () => {
  const table = rows(12);
  table[2] = nanobenchRow(2, { vy: 'nan' }); // the header is line 1, so these are lines 4, 6, 8, 9
  table[4] = '1,2,3';
  table[6] = nanobenchRow(1);
  table[7] = nanobenchRow(1);
  const { droppedRows, warnings } = await readFlight(givenFile('x.csv', nanobenchTable(table)));
  assert.is(droppedRows, 4);
  assert.equal(warnings, [
    `x: line 6: expected ${NANOBENCH_COLUMNS.length} cells, found 3; row dropped`,
    'x: line 8: t: expected seconds that grow from row to row; 2 such rows dropped',
    'x: line 4: vy: expected a number; row dropped',
  ]);
});

test('a table cut in the middle of a row is read up to it', async () => {
  const text = nanobenchTable(rows(10));
  for (const cut of [10, 40]) {
    const flight = await readFlight(givenFile('x.csv', text.slice(0, -cut)));
    assert.is(flight.topics.pose?.time.length, 9);
    assert.is(flight.truncated, true);
    assert.match(flight.warnings.join(), /x: the last row is cut/);
  }
  const whole = await readFlight(givenFile('x.csv', text.trimEnd()));
  assert.is(whole.topics.pose?.time.length, 10, 'a missing last newline alone is no cut');
  assert.is(whole.truncated, false);
});

test('a gzip cut in the middle gives the rows before the cut', async () => {
  const noisy = Array.from({ length: 2000 }, (_, i) => nanobenchRow(i, { px: Math.sin(i * i), vy: Math.cos(i ** 3) }));
  const packed = gzipSync(nanobenchTable(noisy));
  const flight = await readFlight(givenFile('x.csv.gz', packed.subarray(0, packed.length >> 1)));
  const count = flight.topics.pose?.time.length ?? 0;
  assert.ok(count > 700 && count < 1300, `${count} of 2000 rows from half the file`);
  assert.is(flight.truncated, true);
  assert.match(flight.warnings.join(), /gzip ends early/);
  assert.is(flight.topics.pose?.columns[0][count - 1], Math.sin((count - 1) ** 2));
});

test('lines may end as on Windows and begin with a byte order mark', async () => {
  const text = `\uFEFF${nanobenchTable(rows(5)).replaceAll('\n', '\r\n')}`;
  assert.is((await readFlight(givenFile('x.csv', text))).topics.battery?.time.length, 1);
  assert.is((await readFlight(givenFile('x.csv', text))).topics.pose?.time.length, 5);
});

test('a needed column that is missing is named', async () => {
  const columns = NANOBENCH_COLUMNS.map((column) => (column === 'motor_motor_m3' ? 'motor_3' : column));
  assert.match(await refusal(nanobenchTable(rows(3), columns)), /column motor_motor_m3: expected in a NanoBench table/);
  const noTime = NANOBENCH_COLUMNS.map((column) => (column === 't' ? 'time' : column));
  assert.match(await refusal(nanobenchTable(rows(3), noTime)), /column t: expected/);
});

test('a needed column without a number in any row is named', async () => {
  assert.match(
    await refusal(nanobenchTable(rows(3, { qz: 'nan' }))),
    /column qz: expected numbers, found none in 3 rows/,
  );
  assert.match(await refusal(nanobenchTable(rows(3, { t: '' }))), /column t: expected seconds, found none in 3 rows/);
});

test('a table without any row is refused', async () => {
  assert.match(await refusal(nanobenchTable([])), /expected two or more rows of numbers below the header, found 0/);
  assert.match(await refusal(NANOBENCH_COLUMNS.join(',')), /expected two or more rows of numbers/);
});

test('topics that are not needed may be missing, and a warning says which', async () => {
  const flight = await readFlight(givenFile('x.csv', nanobenchTable(rows(3, { sp_ctrltarget_x: 'nan' }))));
  assert.is(flight.topics.setpoint, undefined);
  assert.match(flight.warnings.join(), /no setpoint \(sp_ctrltarget_x, sp_ctrltarget_y, sp_ctrltarget_z\)/);
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights for NanoBench');
else {
  const circle = join(folder, 'nanobench', 'B2_circle_fast_rep2.csv.gz');

  test('a real flight: length, rates, hover command, gravity', async () => {
    const flight = await readFlight(circle);
    const { pose, motors, acceleration } = flight.topics;
    assert.is(pose?.time.length, 4225);
    near(flight.durationSeconds, 42.262240172, 1e-8, 'last t less first t');
    assert.is(flight.droppedRows, 0);
    near(airborneSeconds(flight) ?? 0, 34.9, 0.1);
    const flying = Array.from(pose?.time.keys() ?? []).filter((i) => (motors?.columns[0][i] ?? 0) > 0);
    near(mean(flying.map((i) => mean(motors?.columns.map((c) => c[i]) ?? []))), 0.9, 0.05, 'mean command');
    near(mean(acceleration?.columns[2].slice(0, 100) ?? []), 9.81, 0.05, 'specific force at rest');
  });

  test('real flights: frames, signs and units fit the physics', async () => {
    for (const name of ['B2_circle_fast_rep2', 'B3_figure8_fast_rep2']) {
      const flight = await readFlight(join(folder, 'nanobench', `${name}.csv.gz`));
      agree(turning(flight, 0.2), [0, 1, 2], 0.8, `${name}: attitude and rates`);
      agree(moving(flight, 0.2), [0, 1, 2], 0.99, `${name}: position and velocity`);
      agree(accelerating(flight, 0.2), [0, 1, 2], 0.85, `${name}: velocity and specific force`);
    }
  });

  test('a real flight cut at half its bytes gives about half of its rows', async () => {
    const bytes = readFileSync(circle);
    const flight = await readFlight(givenFile('half.csv.gz', bytes.subarray(0, bytes.length >> 1)));
    near(flight.topics.pose?.time.length ?? 0, 4225 / 2, 300);
    assert.is(flight.truncated, true);
    assert.is(flight.droppedRows, 0);
  });
}

test.run();
