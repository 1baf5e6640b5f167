import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFlight } from '../../src/episode/index.ts';
import { packageRoot } from '../../src/package-root.ts';
import { drawTwin, flyTwin } from '../../src/transfer/twins.ts';
import { readVehicle } from '../../src/vehicle-file.ts';
import { givenVehicle } from '../given.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-identify-'));
const nominal = givenVehicle('crazyflie');
const flights = flyTwin(drawTwin(nominal, 2), { seed: 2, excited: true, flights: 2, seconds: 12 });
const logs: string[] = [];
for (const flight of flights) {
  logs.push(join(folder, `${flight.name}.mcap`));
  await writeFlight(logs.at(-1)!, flight);
}
const [other] = flyTwin(drawTwin(nominal, 2), { seed: 3, excited: true, flights: 1, seconds: 14 });
const unseen = join(folder, 'unseen.mcap');
await writeFlight(unseen, other);

function windhover(...args: string[]): { code: number | null; out: string; err: string } {
  const main = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

test('logs become a vehicle file that is read again, and one JSON object', () => {
  const { code, out, err } = windhover('identify', ...logs, '--out', 'mine.yaml', '--json', '--test', unseen, logs[0]);
  assert.is(code, 0, err);
  assert.match(err, /fitting {2}.*%.* 2 flights/);
  const found = JSON.parse(out);
  assert.is(found.out, join(folder, 'mine.yaml'));
  assert.ok(found.parameters.every(({ interval: [low, high] }: { interval: number[] }) => low < high));
  assert.is(found.flights.length, 2);
  const vehicle = readVehicle(found.out);
  assert.ok(vehicle.intervals?.thrust_ratio);
  assert.match(readFileSync(found.out, 'utf8'), /specificThrust_m_s2/);
  // the twin is heavier, weaker and slower than the file that the fit began at: what was found foretells it better
  const { foretold } = found;
  assert.equal(foretold.flights, [other.name]);
  for (const { constantRate, begunAt, identified } of [foretold.position, foretold.tilt])
    assert.ok(identified < 0.97 * begunAt && identified < 0.6 * constantRate, JSON.stringify(foretold));
  assert.match(err, /warning {2}\S+ holds the same flight as \S+: not foretold/);
});

test('nothing to foretell is told before the fit begins', () => {
  const { code, err } = windhover('identify', ...logs, '--out', 'other.yaml', '--test', logs[0]);
  assert.is(code, 2);
  assert.match(err, /^windhover: .*: expected a flight to foretell, not learnt from, .*, found none\n$/);
  assert.not(existsSync(join(folder, 'other.yaml')));
});

test('the file goes into evaluate, randomised by its intervals', () => {
  const { code, out, err } = windhover(
    ...[
      'evaluate',
      'hover-motors',
      '--task',
      'hover',
      '--vehicle',
      'mine.yaml',
      '--randomise',
      '--episodes',
      '8',
      '--json',
    ],
  );
  assert.is(code, 0, err);
  assert.is(JSON.parse(out).vehicle ?? 'crazyflie', 'crazyflie');
});

test('for people it prints what is told, what is not and what only stands together', () => {
  const { code, out } = windhover('identify', ...logs, '--out', 'mine.yaml', '--force');
  assert.is(code, 0);
  assert.match(out, /specificThrust_m_s2 .* to .* m\/s²/);
  assert.match(out, /Only together:\n {2}mass_kg, rotor\.maxThrust_N/);
});

test('wrong use is told in one line, and nothing is written', () => {
  const there = windhover('identify', ...logs, '--out', 'mine.yaml');
  assert.is(there.code, 2);
  assert.match(there.err, /mine\.yaml: expected no such file yet/);
  const format = windhover('identify', ...logs, '--out', 'mine.txt');
  assert.is(format.code, 2);
  assert.match(format.err, /--out: expected a file ending in \.yaml, got mine\.txt/);
  assert.not(existsSync(join(folder, 'mine.txt')));
  const nowhere = windhover('identify', ...logs, '--out', 'nowhere/mine.yaml');
  assert.is(nowhere.code, 2);
  assert.match(nowhere.err, /^windhover: --out: expected a file in a folder that exists, got nowhere\/mine\.yaml\n$/); // before the fit
  if (existsSync('/proc')) {
    const closed = windhover('identify', ...logs, '--out', '/proc/mine.yaml');
    assert.is(closed.code, 2);
    assert.match(closed.err, /^windhover: --out: expected a file in a folder that can be written/);
  }
  assert.is(windhover('identify', ...logs, '--vehicle', 'albatross', '--out', 'other.yaml').code, 2);
  rmSync(folder, { recursive: true });
});

test.run();
