import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import type { Flight, TopicName } from '../../../src/telemetry/flight.ts';
import { describeLog, readFlight, readFlights, readLog, type UnknownTable } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { accelerating, agree, leaning, moving, turning } from './consistency.ts';
import { givenFile } from './given-logs.ts';

/** A table and its map, in a folder of their own. */
function given(table: string, map: string, name = 'flight.csv'): { log: string; columns: string } {
  return { log: givenFile(name, table), columns: givenFile('map.yaml', map) };
}

async function read(table: string, map: string): Promise<Flight> {
  const { log, columns } = given(table, map);
  return readFlight(log, { columns });
}

const first = (flight: Flight, topic: TopicName) => flight.topics[topic]!.columns.map((column) => column[0]);

function same(actual: number[], expected: number[], tolerance = 1e-12): void {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    near(value, expected[i], tolerance, `column ${i}`);
  });
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  return reading.then(
    () => assert.unreachable('it was read') as never,
    (error: Error) => {
      assert.instance(error, InputError);
      return error.message;
    },
  );
}

const SECONDS = 'time: { column: t, unit: s }';
const MOTORS = 'motors: { columns: [a, b, c, d], range: [1000, 2000] }';

test('units, signs and ranges become ours', async () => {
  const header = 't,gx,gy,gz,ax,ay,az,a,b,c,d,v,hx,hy,hz';
  const row = (t: number) => `${t},90,-180,0,0.5,0,1,1000,1250,2040,980,15400,1000,2000,-500`;
  const map = `
time: { column: t, unit: ms }
rates: { columns: [gx, gy, gz], unit: deg/s, signs: [1, -1, 1] }
acceleration: { columns: [ax, ay, az], unit: g }
${MOTORS}
battery: { column: v, unit: mV }
setpoint: { columns: [hx, hy, hz], unit: mm }
`;
  const flight = await read([header, row(500), row(520), ''].join('\n'), map);
  same(first(flight, 'rates'), [Math.PI / 2, Math.PI, 0]);
  same(first(flight, 'acceleration'), [9.80665 / 2, 0, 9.80665]);
  same(first(flight, 'motors'), [0, 0.25, 1, 0]);
  same(first(flight, 'battery'), [15.4]);
  same(first(flight, 'setpoint'), [1, 2, -0.5]);
  near(flight.durationSeconds, 0.02, 1e-12);
  assert.is(flight.format, 'csv');
});

/** A thousand rows of motors at half of 1000 to 2000, but for some of the first column. */
const motorTable = (first: (row: number) => number) =>
  ['t,a,b,c,d', ...Array.from({ length: 1000 }, (_, i) => `${i},${first(i)},1500,1500,1500`), ''].join('\n');

test('motors far outside their range are refused with the first line of them', async () => {
  const map = `${SECONDS}\n${MOTORS.replace('1000, 2000', '0, 1')}\n`;
  assert.match(
    await refusal(
      read(
        motorTable((row) => 1600 + row),
        map,
      ),
    ),
    /flight\.csv: motors\.range: expected commands from 0 to 1, got 1600 in line 2$/,
  );
  // 41 of 4000 are more than a hundredth, 40 are not; 1950 to 2050 is within a twentieth of the span
  const some = (count: number) => motorTable((row) => (row > 0 && row <= count ? 2051 : 1500));
  assert.match(await refusal(read(some(41), `${SECONDS}\n${MOTORS}\n`)), /got 2051 in line 3$/);
  const percent = `${SECONDS}\n${MOTORS.replace('1000, 2000', '10, 110')}\n`;
  const small = motorTable((row) => row / 1000).replaceAll('1500', '0.5');
  assert.match(await refusal(read(small, percent)), /motors\.range: expected commands from 10 to 110, got 0/);
});

test('motors a little outside, or at one value while disarmed, are clamped and counted', async () => {
  const map = `${SECONDS}\n${MOTORS}\n`;
  const over = await read(
    motorTable((row) => (row > 0 && row <= 40 ? 2051 : row > 100 ? 2050 : 1500)),
    map,
  );
  assert.match(over.warnings.join(), /939 of 4000 commands lie outside 1000 to 2000 .*the first 2051 in line 3/);
  assert.is(Math.max(...over.topics.motors!.columns[0]), 1);
  const disarmed = await read(
    motorTable((row) => (row < 300 ? 0 : 1500)),
    map,
  );
  assert.match(disarmed.warnings.join(), /300 of 4000 .*the first 0 in line 2/);
  assert.is(disarmed.topics.motors!.columns[0][0], 0);
  assert.equal(
    (
      await read(
        motorTable(() => 1500),
        map,
      )
    ).warnings,
    [],
  );
});

/** Where the body's axes point in ENU, for a nose to the north with the right side 30° down, from the drawing board. */
const [cosine, sine] = [Math.cos(Math.PI / 6), 0.5];
const ROLLED_RIGHT = { nose: [0, 1, 0], left: [-cosine, 0, sine], up: [sine, 0, cosine] };

function axesOf([, , , x, y, z, w]: number[]): { nose: number[]; left: number[]; up: number[] } {
  return {
    nose: [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
    left: [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
    up: [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
  };
}

const half = Math.PI / 12;
const [c, s] = [Math.cos(half), Math.sin(half)];
const attitudes: Record<string, [cells: string, attitude: string, frames: string]> = {
  'NED and FRD, angles': ['30,0,0', '{ angles: [a, b, c], unit: deg }', 'world: NED\nbody: FRD'],
  'NED and FRD, scalar first': [`${c},${s},0,0`, '{ quaternion: [a, b, c, d], order: wxyz }', 'world: NED\nbody: FRD'],
  'NED and FRD, scalar last, turned round': [
    `${-s},0,0,${c}`,
    '{ quaternion: [a, b, c, d], order: xyzw, takes: world to body }',
    'world: NED\nbody: FRD',
  ],
  'ENU and FLU, angles': ['30,0,90', '{ angles: [a, b, c], unit: deg }', ''],
  'ENU and FLU, about x last': ['0,30,90', '{ angles: [a, b, c], unit: deg, sequence: yzx }', ''],
  'frames of the attitude alone': ['30,0,0', '{ angles: [a, b, c], unit: deg, world: NED, body: FRD }', ''],
};
for (const [what, [cells, attitude, frames]] of Object.entries(attitudes))
  test(`an attitude stands in the world as it should: ${what}`, async () => {
    const header = `t,x,y,z,${['a', 'b', 'c', 'd'].slice(0, cells.split(',').length).join(',')}`;
    const rows = [0, 1].map((t) => `${t},0,0,0,${cells}`);
    const map = `${frames}\n${SECONDS}\nposition: { columns: [x, y, z], unit: m }\nattitude: ${attitude}\n`;
    const axes = axesOf(first(await read([header, ...rows, ''].join('\n'), map), 'pose'));
    for (const axis of ['nose', 'left', 'up'] as const) same(axes[axis], ROLLED_RIGHT[axis]);
  });

test('vectors of the world and the body are turned from NED and FRD; a velocity in the body by the attitude', async () => {
  const header = 't,n,e,d,r,p,y,u,v,w,gx,gy,gz,h';
  const map = `
world: NED
body: FRD
${SECONDS}
position: { columns: [n, e, d], unit: m }
attitude: { angles: [r, p, y], unit: deg }
velocity: { columns: [u, v, w], unit: m/s, frame: FRD }
rates: { columns: [gx, gy, gz], unit: rad/s }
yaw_setpoint: { column: h, unit: deg }
`;
  const flight = await read([header, ...[0, 1].map((t) => `${t},1,2,-3,0,0,90,5,0,0,1,2,3,90`), ''].join('\n'), map);
  same(first(flight, 'pose').slice(0, 3), [2, 1, 3]);
  same(first(flight, 'velocity'), [5, 0, 0]); // nose to the east
  same(first(flight, 'rates'), [1, -2, -3]);
  same(first(flight, 'yaw_setpoint'), [0]);
});

test('slower topics leave cells empty, and cells that are no numbers are dropped with their line', async () => {
  const rows = [
    't,a,b,c,d,v',
    '0,1500,1500,1500,1500,4',
    '1,,,,,',
    '2,1500,x,1500,1500,',
    '3,1500,1500,1500,1500,3.9',
    '4,1',
    '',
  ];
  const flight = await read(rows.join('\n'), `${SECONDS}\n${MOTORS}\nbattery: { column: v, unit: V }\n`);
  assert.equal(Array.from(flight.topics.motors!.time), [0, 3]);
  assert.equal(Array.from(flight.topics.battery!.columns[0]), [4, 3.9]);
  assert.is(flight.droppedRows, 2);
  assert.match(flight.warnings.join('\n'), /line 4: b: expected a number; row dropped/);
  assert.match(flight.warnings.join('\n'), /line 6: expected 6 cells, found 2; row dropped/);
});

test('semicolons with decimal commas, tabs, comments, quoted names and loggers’ prefixes are read', async () => {
  const map = `${SECONDS}\nbattery: { column: 'v, battery', unit: V }\nrates: { columns: [x, y, z], unit: rad/s }\n`;
  const tables = [
    't;v, battery;x;y;z\n0,5;3,75;1;2;3\n0,75;3,5;1;2;3\n',
    't\tv, battery\tx\ty\tz\n0.5\t3.75\t1\t2\t3\n0.75\t3.5\t1\t2\t3\n',
    '# made by a logger\n\nt,"v, battery",x,y,z\r\n0.5,3.75,1,2,3\r\n0.75,3.5,1,2,3\r\n',
    '[12:00] [0x1] [4] t, "v, battery", x, y, z, \n[12:00] [0x1] [5] 0.5, 3.75, 1, 2, 3, \n[12:00] [0x1] [6] 0.75, 3.5, 1, 2, 3, \n',
  ];
  for (const table of tables) {
    const { topics } = await read(table, map);
    assert.equal(Array.from(topics.battery!.columns[0]), [3.75, 3.5], table);
    assert.equal(Array.from(topics.rates!.time), [0, 0.25], table);
  }
});

test('a table without times has the rate that its map names', async () => {
  const flight = await read('v,w\n4,0\n3.9,0\n3.8,0\n', 'time: { rate_Hz: 50 }\nbattery: { column: v, unit: V }\n');
  assert.equal(Array.from(flight.topics.battery!.time), [0, 0.02, 0.04]);
});

test('times that go back are damage, or begin another flight where the map says so', async () => {
  const table = ['t,v', ...[0, 1, 2, 0, 1, 5, 3].map((t) => `${t},4`), ''].join('\n');
  const battery = 'battery: { column: v, unit: V }\n';
  const one = await read(table, `${SECONDS}\n${battery}`);
  assert.ok(one.droppedRows > 0);
  const { log, columns } = given(table, `time: { column: t, unit: s, restarts: flights }\n${battery}`);
  const flights = await readFlights(log, { columns });
  assert.equal(
    flights.map(({ name, topics }) => [name, Array.from(topics.battery!.time)]),
    [
      ['flight#1', [0, 1, 2]],
      ['flight#2', [0, 1, 5]],
    ],
  );
  assert.is(flights[0].droppedRows, 1); // the last row alone
  const { flight } = await readLog(log, { columns });
  assert.equal(Array.from(flight.topics.battery!.time), [0, 1, 2, 3, 4, 8]);
  assert.match(flight.warnings.join(), /holds 2 flights/);
});

test('a table cut in the middle of a row is read up to there', async () => {
  const flight = await read('t,v,w\n0,4,1\n1,3.9,1\n2,3.', `${SECONDS}\nbattery: { column: v, unit: V }\n`);
  assert.is(flight.truncated, true);
  assert.is(flight.topics.battery!.time.length, 2);
  assert.match(flight.warnings.join(), /the last row is cut/);
});

test('a map that cannot be is refused by field, a column that is not there by name', async () => {
  const table = 't,a,b,c,d,v\n0,1,1,1,1,4\n1,1,1,1,1,4\n';
  const messages: [map: string, message: RegExp][] = [
    ['battery: { column: v, unit: V }', /map\.yaml: time: expected an object, got nothing/],
    ['time: { column: t }', /time\.unit: expected s or ms or us or ns, got nothing/],
    ['time: {}', /time\.column: expected a column, or rate_Hz without one/],
    [`${SECONDS}\nbattery: { column: v, unit: kV }`, /battery\.unit: expected V or mV, got "kV"/],
    [`${SECONDS}\nbatery: { column: v, unit: V }`, /batery \(line 2\): expected no such field/],
    [
      `${SECONDS}\nmotors: { columns: [a, b, b, d], range: [0, 1] }`,
      /motors\.columns: expected each column once, got \["?a/,
    ],
    [`${SECONDS}\nrates: { columns: [a, a, b], unit: rad/s }`, /rates\.columns: expected each column once/],
    [`${SECONDS}\nattitude: { quaternion: [a, b, b, d], order: wxyz }`, /attitude\.quaternion: expected each/],
    [`${SECONDS}\nmotors: { columns: [a, b, c, d], range: [2000, 1000] }`, /motors\.range: expected \[stop, full\]/],
    [`${SECONDS}\nattitude: { quaternion: [a, b, c, d] }`, /attitude\.order: expected wxyz or xyzw/],
    [`${SECONDS}\nattitude: { angles: [a, b, c] }`, /attitude\.unit: expected rad or mrad or deg/],
    [`${SECONDS}\nvelocity: { columns: [a, b, c], unit: m/s, frame: FLU }`, /velocity\.frame: expected ENU or NED/],
    [`${SECONDS}\nbattery: { column: volts, unit: V }`, /flight\.csv: column volts: expected as the map names it/],
  ];
  messages.push([SECONDS, /expected a map that names a topic/]);
  const empty = read('t,v,w\n0,x,1\n1,y,1\n', `${SECONDS}\nbattery: { column: v, unit: V }`);
  assert.match(await refusal(empty), /expected numbers where the map says, found none: flight: no battery \(v\)/);
  const twice = read('t,v,v\n0,1,1\n1,1,1\n', `${SECONDS}\nbattery: { column: v, unit: V }`);
  assert.match(await refusal(twice), /column v: expected once in the header, found 2 times/);
  for (const [map, message] of messages) assert.match(await refusal(read(table, map)), message);
  assert.match(
    await refusal(readFlight(givenFile('x.csv', table), { columns: 'none.yaml' })),
    /none\.yaml: expected a map of columns/,
  );
});

test('a map beside the log is found by its name, also of a gzipped one; an empty one is as none', async () => {
  const table = 't,a,v\n0,1,4\n1,1,4\n';
  for (const name of ['flight.columns.yaml', 'flight.csv.columns.yaml']) {
    const log = givenFile('flight.csv', table);
    writeFileSync(join(dirname(log), name), `${SECONDS}\nbattery: { column: v, unit: V }\n`);
    assert.is((await readFlight(log)).topics.battery?.time.length, 2, name);
  }
  const log = givenFile('flight.csv', table);
  writeFileSync(join(dirname(log), 'flight.columns.yaml'), '');
  assert.match(
    await refusal(readFlight(log)),
    /flight\.csv: expected a map of its columns \(--columns, or flight\.columns\.yaml beside it\)/,
  );
});

test('more or fewer motors than four are no quadrotor, which the log says', async () => {
  const columns = Array.from({ length: 8 }, (_, i) => `m${i + 1}`);
  const table = [`t,${columns.join(',')},v`, `0,${'1,'.repeat(8)}4`, `1,${'1,'.repeat(8)}4`, ''].join('\n');
  const map = `${SECONDS}\nmotors: { columns: [${columns.join(', ')}], range: [0, 1] }\nbattery: { column: v, unit: V }\n`;
  const { log, columns: file } = given(table, map);
  const summary = describeLog(log, await readLog(log, { columns: file }));
  assert.match(summary.fineTuning, /not for fine-tuning: it has 8 motors, and only quadrotors/);
  assert.is(summary.fitness.verdict, 'neither');
});

const NANOBENCH_MAP = `
time: { column: t, unit: s }
position: { columns: [px, py, pz], unit: m }
attitude: { quaternion: [qx, qy, qz, qw], order: xyzw }
velocity: { columns: [vx, vy, vz], unit: m/s }
rates: { columns: [imu_gyro_x, imu_gyro_y, imu_gyro_z], unit: rad/s }
acceleration: { columns: [imu_acc_x, imu_acc_y, imu_acc_z], unit: g }
motors: { columns: [motor_motor_m1, motor_motor_m2, motor_motor_m3, motor_motor_m4], range: [0, 65535] }
battery: { column: pwr_pm_vbat, unit: V, onlyChanges: true }
setpoint: { columns: [sp_ctrltarget_x, sp_ctrltarget_y, sp_ctrltarget_z], unit: m }
yaw_setpoint: { column: sp_ctrltarget_yaw, unit: deg }
`;

const X8_MAP = `
vehicle: X8copter
world: NED
body: FRD
time: { column: 'Current time [s]', unit: s }
position: { columns: ['Position x [m]', 'Position y [m]', 'Position z [m]'], unit: m }
attitude: { quaternion: ['Quaternion q0 [-]', 'Quaternion q1 [-]', 'Quaternion q2 [-]', 'Quaternion q3 [-]'], order: wxyz }
velocity: { columns: ['Velocity x [m/s]', 'Velocity y [m/s]', 'Velocity z [m/s]'], unit: m/s }
rates: { columns: ['Angular velocity x [rad/s]', 'Angular velocity y [rad/s]', 'Angular velocity z [rad/s]'], unit: rad/s }
motors:
  columns: [${[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `'Thrust motors normalized X8COPTER T${n} [-]'`).join(', ')}]
  range: [0, 1]
`;

const ROLLOUTS_MAP = `
time: { column: flight times, unit: ms, restarts: flights }
rates: { columns: [omegax_0tx, omegay_0tx, omegaz_0tx], unit: deg/s }
acceleration: { columns: [linax_0tx, linay_0tx, linyz_0tx], unit: m/s2 }
motors: { columns: [m1pwm_0tu, m2pwm_0tu, m3pwm_0tu, m4pwm_0tu], range: [0, 65535] }
battery: { column: vbat, unit: mV }
`;

const folder = flightsFolder();
if (!folder) console.log('skipped: no real tables to read by a map');
else {
  test('NanoBench by a map equals NanoBench by its importer', async () => {
    const path = join(folder, 'nanobench', 'B3_figure8_fast_rep2.csv.gz');
    const [mapped, own] = [
      await readFlight(path, { columns: givenFile('map.yaml', NANOBENCH_MAP) }),
      await readFlight(path),
    ];
    assert.equal([mapped.format, own.format], ['csv', 'nanobench-csv']);
    assert.equal(Object.keys(mapped.topics).sort(), Object.keys(own.topics).sort());
    for (const [topic, { time, columns }] of Object.entries(own.topics)) {
      const series = mapped.topics[topic as TopicName]!;
      assert.equal(series.time, time, topic);
      columns.forEach((column, k) => same(Array.from(series.columns[k]), Array.from(column)));
    }
    assert.equal([mapped.droppedRows, mapped.startUnixSeconds], [own.droppedRows, own.startUnixSeconds]);
  });

  test('what is proposed for NanoBench under unknown names flies as physics says', async () => {
    const { readFile } = await import('node:fs/promises');
    const { gunzipSync } = await import('node:zlib');
    const path = join(folder, 'nanobench', 'B3_figure8_fast_rep2.csv.gz');
    const text = gunzipSync(await readFile(path))
      .toString()
      .replaceAll('motor_motor_', 'motor')
      .replaceAll('imu_gyro', 'gyro')
      .replaceAll('imu_acc', 'acc');
    const log = givenFile(
      'mine.csv',
      text.replace('qx,qy,qz,qw', 'quat_x,quat_y,quat_z,quat_w').replace('vx,vy,vz', 'vel_x,vel_y,vel_z'),
    );
    const proposal = await readFlight(log).then(
      () => assert.unreachable() as never,
      (error: UnknownTable) => error.proposal,
    );
    const flight = await readFlight(log, { columns: givenFile('mine.columns.yaml', proposal) });
    agree(turning(flight, 0.2), [0, 1, 2], 0.9, 'turning');
    agree(moving(flight, 0.2), [0, 1, 2], 0.95, 'moving');
    agree(accelerating(flight, 0.5), [0, 1], 0.9, 'accelerating');
    const own = await readFlight(path);
    same(first(flight, 'motors'), first(own, 'motors'));
  });

  test('the octocopter’s own log: frames as physics says, fit for neither, and its proposal is right', async () => {
    const path = join(folder, 'x8copter', 'log_20240613_115633.log.gz');
    const proposal = await readFlight(path).then(
      () => assert.unreachable() as never,
      (error: UnknownTable) => error.proposal,
    );
    for (const map of [X8_MAP, proposal]) {
      const log = await readLog(path, { columns: givenFile('x8.yaml', map) });
      const { flight } = log;
      assert.is(flight.topics.pose?.time.length, 3261);
      near(flight.durationSeconds, 32.59, 0.01);
      agree(turning(flight, 0.2), [0, 1, 2], 0.95, 'turning');
      agree(moving(flight, 0.2), [0, 1], 0.95, 'moving');
      agree(leaning(flight, 0.5), [1], 0.9, 'leaning'); // along x the estimate of its velocity is rough
      near(Math.max(...flight.topics.pose!.columns[2]), 1.15, 0.01);
      assert.is(describeLog(path, log).fitness.verdict, 'neither');
      assert.match(describeLog(path, log).fitness.fineTune.why, /8 motors/);
    }
  });

  test('rollouts: all rows, a flight for each time that goes back', async () => {
    const path = join(folder, 'crazyflie-rollouts', 'cf.csv.gz');
    const flights = await readFlights(path, { columns: givenFile('cf.yaml', ROLLOUTS_MAP) });
    assert.is(flights.length, 160);
    const rows = flights.reduce((sum, { topics, droppedRows }) => sum + topics.motors!.time.length + droppedRows, 0);
    assert.is(rows, 3812);
    const { motors, battery } = flights[0].topics;
    near(first(flights[0], 'motors')[0], 10240 / 65535, 1e-12);
    near(battery!.columns[0][0], 4.022, 1e-12);
    near(motors!.time[1], 0.02617088, 1e-9);
  });
}

test.run();
