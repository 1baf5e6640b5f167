import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { accelerating, agree, leaning, mean, moving, turning } from './consistency.ts';
import { givenFile, givenUsdLog, pack } from './given-logs.ts';

const ACC = ['acc.x(f)', 'acc.y(f)', 'acc.z(f)'];
const accRows = (count: number) => Array.from({ length: count }, (_, i) => [5_000_000 + i * 4000, 0, 0, 1]);

test('time is in microseconds in version 2 and in milliseconds in version 1', async () => {
  const two = givenUsdLog({ variables: ACC, rows: [5_000_000, 5_250_000].map((t) => [t, 0, 0, 1]) });
  const one = givenUsdLog({ version: 1, variables: ACC, rows: [5000, 5250].map((t) => [t, 0, 0, 1]) });
  for (const bytes of [one, two]) {
    const { topics } = await readFlight(givenFile('log00', bytes));
    assert.equal(Array.from(topics.acceleration?.time ?? []), [0, 0.25]);
    near(topics.acceleration?.columns[2][0] ?? 0, 9.80665, 1e-12, 'g in m/s²');
  }
});

test('millimetres, degrees and 16 bits become metres, radians and shares', async () => {
  const names = ['stateEstimateZ.x(h)', 'stateEstimateZ.y(h)', 'stateEstimateZ.z(h)'];
  const angles = ['ctrlLee.rpyx(f)', 'ctrlLee.rpyy(f)', 'ctrlLee.rpyz(f)'];
  const gyro = ['gyro.x(f)', 'gyro.y(f)', 'gyro.z(f)'];
  const motors = [1, 2, 3, 4].map((n) => `motor.m${n}(I)`);
  const thrust = ['ctrlLee.thrustSi(f)', ...['x', 'y', 'z'].map((axis) => `ctrlLee.torque${axis}(f)`)];
  const values = [1, -2000, 300, 0, 0, Math.PI / 2, 180, 90, -90, 65535, 0, 13107, 26214, 0.25, 1, 2, 3];
  const rows = [1, 2].map((n) => [n * 1e6, ...values]);
  const log = givenUsdLog({ variables: [...names, ...angles, ...gyro, ...motors, ...thrust], rows });
  const { topics } = await readFlight(givenFile('log00', log));
  const close = (topic: keyof typeof topics, expected: number[]) => {
    for (const [i, value] of expected.entries())
      near(topics[topic]?.columns[i][0] ?? Number.NaN, value, 1e-6, `${topic} ${i}`);
  };
  close('pose', [0.001, -2, 0.3, 0, 0, Math.SQRT1_2, Math.SQRT1_2]);
  close('rates', [Math.PI, Math.PI / 2, -Math.PI / 2]);
  close('motors', [1, 0, 0.2, 0.4]);
  close('wrench', [0.25, 1, 2, 3]);
});

test('the pitch of stateEstimate points down and is turned', async () => {
  const names = ['x', 'y', 'z', 'roll', 'pitch', 'yaw'].map((name) => `stateEstimate.${name}(f)`);
  const log = givenUsdLog({ variables: names, rows: [1, 2].map((n) => [n * 1e6, 0, 0, 1, 0, 60, 0]) });
  const { topics } = await readFlight(givenFile('log00', log));
  near(topics.pose?.columns[4][0] ?? 0, -0.5, 1e-6, 'qy');
});

test('a log cut in the middle of a record is read up to it', async () => {
  const log = givenUsdLog({ variables: ACC, rows: accRows(10) });
  for (const cut of [10, 24]) {
    const flight = await readFlight(givenFile('log00', log.subarray(0, -cut)));
    assert.is(flight.topics.acceleration?.time.length, 9);
    assert.is(flight.truncated, true);
    assert.match(flight.warnings.join(), /log00: ends in the middle of a record/);
  }
});

test('a wrong checksum is told, and damaged records in the middle are passed over', async () => {
  const rows = accRows(10);
  const log = givenUsdLog({ variables: ACC, rows });
  const record = 2 + 8 + 12;
  const start = log.length - 4 - 10 * record;
  log.fill(0xee, start + 3 * record, start + 4 * record + 5);
  const flight = await readFlight(givenFile('log00', log));
  assert.is(flight.topics.acceleration?.time.length, 8);
  near(flight.topics.acceleration?.time.at(-1) ?? 0, 0.036, 1e-9);
  assert.is(flight.droppedRows, 1);
  assert.is(flight.truncated, false);
  assert.match(flight.warnings.join(), /checksum does not match/);
});

test('samples that are no number are dropped and counted', async () => {
  const rows = accRows(5);
  rows[2][1] = Number.NaN;
  const flight = await readFlight(givenFile('log00', givenUsdLog({ variables: ACC, rows })));
  assert.is(flight.topics.acceleration?.time.length, 4);
  assert.is(flight.droppedRows, 1);
});

test('the vehicle is taken from the info file beside the log, repeats included', async () => {
  const path = givenFile('log104_2', givenUsdLog({ variables: ACC, rows: accRows(3) }));
  assert.is((await readFlight(path)).vehicle, 'Crazyflie');
  writeFileSync(join(dirname(path), 'info104.yaml'), 'experiment: 104\nmotors: upgraded motors\nmass: 0.0375\n');
  assert.is((await readFlight(path)).vehicle, 'Crazyflie, upgraded motors');
  writeFileSync(join(dirname(path), 'info104.yaml'), 'motors: [unclosed\n');
  assert.match((await readFlight(path)).warnings.join(), /info104.yaml: expected YAML/);
});

test('what cannot be used is refused with what was expected', async () => {
  const cases: [Uint8Array, RegExp][] = [
    [givenUsdLog({ variables: ACC, rows: [] }), /expected records behind the header, found 0/],
    [givenUsdLog({ variables: ACC, rows: accRows(2) }).subarray(0, 30), /expected a list of logged variables/],
    [givenUsdLog({ variables: ['sys.canfly(B)'], rows: [1, 2].map((t) => [t, 1]) }), /found sys.canfly/],
    [pack(['B', 0xbc], ['H', 2], ['H', 1], ['H', 7], 'e\0', ['H', 1], 'acc.x(?)\0'), /got "acc.x\(\?\)"/],
  ];
  for (const [bytes, message] of cases) {
    const path = givenFile('log00', bytes);
    const error = await readFlight(path)
      .then(() => null)
      .catch((e: Error) => e);
    assert.instance(error, InputError);
    assert.ok(error?.message.startsWith(`${path}: `));
    assert.match(error?.message ?? '', message);
  }
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights for cfusdlog');
else {
  test('real crazyswarm2 flights: frames, signs and units fit the physics', async () => {
    const moved = await readFlight(join(folder, 'crazyswarm2', 'log111_2'));
    agree(turning(moved, 0.1), [0, 1], 0.95, 'attitude and rates');
    agree(moving(moved, 0.1), [1], 0.98, 'position and velocity');
    agree(leaning(moved, 0.1), [0, 1], 0.9, 'velocity and lean');
    assert.match(moved.vehicle ?? '', /upgraded motors/);
    near(mean(moved.topics.wrench?.columns[0] ?? []), 0.0375 * 9.81, 0.15, 'thrust in N');
    const measured = await readFlight(join(folder, 'crazyswarm2', 'log201'));
    agree(accelerating(measured, 0.1), [0, 1, 2], 0.85, 'velocity and specific force');
    near(mean(measured.topics.acceleration?.columns[2] ?? []), 9.81, 0.1, 'mean specific force');
  });

  test('every real crazyswarm2 log is whole and some seconds long', async () => {
    const logs = readdirSync(join(folder, 'crazyswarm2')).filter((name) => name.startsWith('log'));
    for (const name of logs) {
      const flight = await readFlight(join(folder, 'crazyswarm2', name));
      assert.is(flight.truncated, false, name);
      assert.is(flight.droppedRows, 0, name);
      assert.ok(flight.durationSeconds > 5 && flight.durationSeconds < 18, `${name}: ${flight.durationSeconds} s`);
      assert.ok(flight.topics.pose && flight.topics.wrench, name);
    }
  });

  test('a real 1 kHz log: count, length, hover command, rest', async () => {
    const flight = await readFlight(join(folder, 'crazyflie-1khz', 'log10'));
    assert.is(flight.topics.motors?.time.length, 50496);
    near(flight.durationSeconds, 50.006959, 1e-6);
    const on = Array.from(flight.topics.motors?.columns[0] ?? []).filter((m) => m > 0);
    near(mean(on), 43000 / 65535, 0.06, 'command in the air');
    near(mean(flight.topics.acceleration?.columns[2].slice(0, 1000) ?? []), 9.81, 0.15, 'specific force at rest');
  });

  test('a real log cut at half its bytes gives half of its records', async () => {
    const bytes = readFileSync(join(folder, 'crazyflie-1khz', 'log15'));
    const flight = await readFlight(givenFile('log15', bytes.subarray(0, bytes.length >> 1)));
    near(flight.topics.motors?.time.length ?? 0, 62774 / 2, 10);
    assert.is(flight.truncated, true);
  });
}

test.run();
