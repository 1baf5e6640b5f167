import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/package-root.ts';
import { flightsFolder, near } from '../given.ts';
import { givenFile, nanobenchRow, nanobenchTable } from '../telemetry/logs/given-logs.ts';

const rows = Array.from({ length: 50 }, (_, i) => nanobenchRow(i));
const table = nanobenchTable(rows);

function windhover(...args: string[]): { code: number | null; out: string; err: string } {
  const main = join(packageRoot(), 'src', 'cli', 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
    cwd: packageRoot(),
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

test('--json prints one object with each file’s topics', () => {
  const path = givenFile('flight.csv', table);
  const { code, out, err } = windhover('inspect', path, '--json');
  assert.is(code, 0, err);
  const { files } = JSON.parse(out);
  assert.is(out.trim().split('\n').length, 1);
  assert.is(files.length, 1);
  const [{ file, format, durationSeconds, truncated, topics, usable, droppedRows }] = files;
  assert.equal([file, format, truncated, droppedRows], [path, 'nanobench-csv', false, 0]);
  near(durationSeconds, 0.49, 1e-9);
  near(topics[0].rateHz, 100, 1e-3);
  assert.equal([topics[0].name, topics[0].count, topics[0].gaps], ['pose', 50, 0]);
  assert.ok(usable.includes('motors'));
});

test('for people it prints a table and a verdict for each file', () => {
  const path = givenFile('flight.csv', table);
  const { code, out } = windhover('inspect', path, path);
  assert.is(code, 0);
  assert.is(out.match(/topic +samples +Hz +gaps/g)?.length, 2);
  assert.match(out, /Not for fine-tuning: the vehicle never flew in it\./);
});

test('a cut file and bad rows are told, and are no failure', () => {
  const bad = [...rows];
  bad[7] = nanobenchRow(7, { vx: 'nan' });
  const path = givenFile('cut.csv', nanobenchTable(bad).slice(0, -30));
  const { code, out } = windhover('inspect', path, '--json');
  assert.is(code, 0);
  const [{ truncated, droppedRows, warnings }] = JSON.parse(out).files;
  assert.equal([truncated, droppedRows], [true, 1]);
  assert.match(warnings.join(), /the last row is cut/);
  assert.match(windhover('inspect', path).out, /truncated[\s\S]*Dropped: 1 rows/);
});

test('bad files among good ones: the good are shown, one line on stderr for each bad one, exit code 2', () => {
  const good = givenFile('flight.csv', table);
  const [foreign, unknown] = [
    givenFile('notes.txt', 'no log at all'),
    givenFile('mine.csv', 'time_ms,gyro_x\n0,1\n9,2\n'),
  ];
  for (const flags of [[], ['--json']]) {
    const { code, out, err } = windhover('inspect', foreign, good, unknown, good, ...flags);
    assert.is(code, 2);
    const shown = flags.length > 0 ? JSON.parse(out).files.length : out.match(/topic +samples/g)?.length;
    assert.is(shown, 2);
    const lines = err.trim().split('\n');
    assert.is(lines.length, 2);
    assert.match(lines[0], /^windhover: .*notes\.txt: expected a flight log/);
    assert.match(lines[1], /^windhover: .*mine\.csv: expected a map of its columns/);
  }
});

test('only bad files: nothing on stdout', () => {
  const foreign = givenFile('notes.txt', 'no log at all');
  for (const flags of [[], ['--json']]) {
    const { code, out, err } = windhover('inspect', foreign, foreign, ...flags);
    assert.equal([code, out, err.trim().split('\n').length], [2, '', 2]);
  }
});

test('an unknown table gets a map of its columns proposed, which can be saved and used', () => {
  const table = ['time_ms,gyro_x,gyro_y,gyro_z', '0,1,2,3', '10,2,3,4', ''].join('\n');
  const path = givenFile('mine.csv', table);
  const { code, out, err } = windhover('inspect', path);
  assert.is(code, 2);
  assert.match(err, /mine\.csv: expected a map of its columns \(--columns, or mine\.columns\.yaml beside it\)/);
  const map = givenFile('map.yaml', out);
  const [{ durationSeconds, usable }] = JSON.parse(windhover('inspect', path, '--columns', map, '--json').out).files;
  near(durationSeconds, 0.01, 1e-9);
  assert.equal(usable, ['rates']);
  const asJson = windhover('inspect', path, '--json');
  assert.equal([asJson.code, asJson.out], [2, '']);
});

test('topics that contradict each other are a note that asks', () => {
  // to and fro at another pace by the velocity than by the position
  const rows = Array.from(
    { length: 1000 },
    (_, i) => `${i / 100},${Math.sin(i / 50)},0,0,0,0,0,${Math.cos(i / 70)},0,0`,
  );
  const path = givenFile('mine.csv', ['t,x,y,z,r,p,yaw,vx,vy,vz', ...rows, ''].join('\n'));
  const map = givenFile(
    'map.yaml',
    'time: { column: t, unit: s }\nposition: { columns: [x, y, z], unit: m }\nattitude: { angles: [r, p, yaw], unit: rad }\nvelocity: { columns: [vx, vy, vz], unit: m/s }\n',
  );
  const { code, out } = windhover('inspect', path, '--columns', map);
  assert.is(code, 0);
  assert.match(out, /Note: mine: the position does not move as the velocity\s+says[\s\S]*\?\n$/);
});

test('no file at all is wrong use', () => {
  const { code, err } = windhover('inspect');
  assert.is(code, 2);
  assert.match(err, /file/);
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights to inspect');
else
  test('a real log of each kind is summed up', () => {
    const names = ['px4/quadrotor_local.ulg', 'crazyflie-1khz/log10', 'mcap/cub_stabilize_2025_11_13.mcap'];
    const { code, out } = windhover('inspect', ...names.map((name) => join(folder, name)), '--json');
    assert.is(code, 0);
    const [px4, usd, ros] = JSON.parse(out).files;
    assert.is(px4.topics.find((topic: { name: string }) => topic.name === 'vehicle_angular_velocity').count, 4625);
    near(usd.topics[0].rateHz, 1011, 1);
    assert.equal(ros.usable, ['pose']);
    assert.is(ros.topics[0].count, 19703);
  });

test.run();
