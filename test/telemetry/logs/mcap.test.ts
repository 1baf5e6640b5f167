import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { createFlightFile, writeFlight } from '../../../src/episode/index.ts';
import { readFlight, readFlights, readLog } from '../../../src/telemetry/logs/index.ts';
import { givenFlight } from '../../episode/given-flight.ts';
import { flightsFolder, near } from '../../given.ts';
import { givenFile, nanobenchRow, nanobenchTable } from './given-logs.ts';

async function givenRecording(): Promise<string> {
  const path = givenFile('slope.mcap', '');
  await writeFlight(path, givenFlight());
  return path;
}

test('a recording of ours is a flight', async () => {
  const flight = await readFlight(await givenRecording());
  assert.is(flight.format, 'mcap');
  assert.is(flight.name, 'slope');
  assert.is(flight.topics.pose?.time.length, 100);
  assert.equal(flight.warnings, []);
});

test('a table written as MCAP and read again is the same flight', async () => {
  const rows = Array.from({ length: 50 }, (_, i) => nanobenchRow(i, { px: i / 7, pwr_pm_vbat: 4 - i / 100 }));
  const table = await readFlight(givenFile('x.csv', nanobenchTable(rows)));
  const path = givenFile('x.mcap', '');
  await writeFlight(path, table);
  const back = await readFlight(path);
  assert.equal(Object.keys(back.topics).sort(), Object.keys(table.topics).sort());
  for (const [topic, series] of Object.entries(back.topics))
    assert.equal(series.columns, table.topics[topic as 'pose']?.columns, topic);
  near(back.durationSeconds, table.durationSeconds, 1e-9);
  assert.is(back.vehicle, 'Crazyflie 2.1');
});

test('a recording cut in the middle is read as far as it goes', async () => {
  const path = givenFile('long.mcap', '');
  const file = await createFlightFile(path, { chunkBytes: 4096 });
  await file.start({ kind: 'recording', name: 'long' });
  for (let i = 0; i < 1000; i++) await file.write('velocity', i / 100, [i, 0, 0]);
  await file.end();
  const bytes = readFileSync(path);
  const flight = await readFlight(givenFile('cut.mcap', bytes.subarray(0, bytes.length >> 1)));
  const count = flight.topics.velocity?.time.length ?? 0;
  assert.ok(count > 400 && count < 600, `${count} of 1000 from half the file`);
  assert.is(flight.truncated, true);
  assert.match(flight.warnings.join(), /ends before its footer; read as far as it goes/);
});

test('several episodes in a file are flights of their own, or one with a warning', async () => {
  const path = givenFile('run.mcap', '');
  const file = await createFlightFile(path);
  await file.start({ kind: 'episode', name: 'run' });
  for (const episode of [0, 1]) {
    await file.raw('/episode', 'windhover.Episode', episode * 10, { episode, event: 'start' });
    for (let i = 0; i < 5; i++) await file.write('velocity', episode * 10 + i, [i, 0, 0]);
  }
  await file.end();
  assert.equal(
    (await readFlights(path)).map(({ durationSeconds }) => durationSeconds),
    [4, 4],
  );
  assert.match((await readFlight(path)).warnings.join(), /holds 2 episodes/);
});

test('an MCAP without messages, or cut before the first, is refused', async () => {
  const bytes = readFileSync(await givenRecording());
  for (const size of [8, 100]) {
    const error = await readFlight(givenFile('cut.mcap', bytes.subarray(0, size)))
      .then(() => null)
      .catch((e: Error) => e);
    assert.instance(error, InputError);
    assert.match(error?.message ?? '', /expected messages in the MCAP, found none/);
  }
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights for MCAP');
else {
  const cub = join(folder, 'mcap', 'cub_stabilize_2025_11_13.mcap');

  test('a real ROS 2 bag shows its own topics, and those that Windhover reads', async () => {
    const { flight, raw } = await readLog(cub);
    assert.equal(
      raw?.map(({ name, time }) => [name, time.length]),
      [
        ['/cub1/pose', 19703],
        ['/cub1/joy_serial_status', 1555],
      ],
    );
    near(flight.durationSeconds, 198, 0.5);
    assert.equal(Object.keys((await readFlight(cub)).topics), ['pose']);
  });
}

test.run();
