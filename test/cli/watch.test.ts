import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CatalogueItem } from '../../src/episode/catalogue.ts';
import { hasDesktop } from '../../src/cli/open-browser.ts';
import { collectItems } from '../../src/cli/watch-items.ts';
import { TelemetryHub } from '../../src/telemetry/hub/index.ts';
import { packageRoot } from '../../src/package-root.ts';
import { givenForeignMcap, givenRecording } from '../viewer/recordings.ts';

const test = suite('windhover watch');

const folder = mkdtempSync(join(tmpdir(), 'windhover-watch-'));
const run = join(folder, 'first run');
const flight = {
  seconds: 1,
  position: (t: number): [number, number, number] => [t, 0, 1],
  goal: [0, 0, 1] as [number, number, number],
};

test.before(async () => {
  mkdirSync(join(run, 'episodes'), { recursive: true });
  mkdirSync(join(run, 'flights'));
  const episode = (outcome: 'success' | 'crash') => givenRecording({ ...flight, outcome });
  writeFileSync(join(run, 'episodes', 'before-3.mcap'), await episode('crash'));
  writeFileSync(join(run, 'episodes', 'after-3.mcap'), await episode('success'));
  writeFileSync(join(run, 'episodes', 'hover-10.mcap'), await episode('success'));
  writeFileSync(join(run, 'episodes', 'hover-9.mcap'), 'not an episode');
  writeFileSync(join(run, 'flights', 'flown.mcap'), await givenRecording(flight));
  const metrics = [
    { steps: 100, success: null },
    { steps: 200, success: 0.25 },
    { steps: 300, success: 0.75 },
  ];
  writeFileSync(join(run, 'metrics.jsonl'), `${metrics.map((line) => JSON.stringify(line)).join('\n')}\n{"steps": 40`);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

const main = ['--import', 'tsx', join(packageRoot(), 'src', 'cli', 'main.ts'), 'watch'];

function refuse(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...main, ...args], {
    cwd: packageRoot(),
    encoding: 'utf8',
  });
  assert.is(status, 2, `exit code 2 for ${args.join(' ')}, stderr: ${stderr}`);
  assert.is(stdout, '');
  assert.is(stderr.trim().split('\n').length, 1, `one line: ${stderr}`);
  return stderr;
}

/** As `refuse`, for what this process itself must answer meanwhile. */
async function ended(...args: string[]): Promise<{ status: number; stderr: string }> {
  const child = spawn(process.execPath, [...main, ...args], {
    cwd: packageRoot(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  const [status] = await once(child, 'close');
  return { status, stderr };
}

async function start(
  ...args: string[]
): Promise<{ child: ChildProcess; url: string; items: CatalogueItem[]; hubs?: string[] }> {
  const child = spawn(process.execPath, [...main, ...args, '--json'], {
    cwd: packageRoot(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return { child, ...JSON.parse(line) };
}

/** Status and body of an address exactly as written: `fetch` would resolve the dots by itself. */
function get(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string; body: Buffer }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      resolve({
        status: answer.statusCode ?? 0,
        type: answer.headers['content-type'] ?? '',
        body: Buffer.concat(parts),
      });
    })
      .on('error', reject)
      .end();
  });
}

test('lists pairs, episodes in order of their number, flights and the learning curve of a run', async () => {
  const { catalogue, warnings } = await collectItems([run]);
  const [group] = catalogue.groups;
  assert.is(group.title, 'first run');
  assert.is(group.detail, 'hover · crazyflie');
  assert.equal(group.curve, { steps: [200, 300], successRate: [0.25, 0.75], evaluation: [null, null] });
  assert.equal(
    group.items.map(({ id, kind }) => [id, kind]),
    [
      ['first-run/before-and-after-3', 'pair'],
      ['first-run/hover-10', 'episode'],
      ['first-run/flown', 'flight'],
    ],
  );
  const [pair] = group.items;
  assert.equal(
    pair.recordings.map(({ role, outcome }) => [role, outcome]),
    [
      ['before', 'crash'],
      ['after', 'success'],
    ],
  );
  assert.is(pair.durationSeconds, 1);
  assert.is(warnings.length, 1, 'the damaged episode is left out, not the run');
  assert.match(warnings[0], /hover-9\.mcap/);
});

test('finds the runs in a folder where nothing is named', async () => {
  const { catalogue } = await collectItems([], undefined, folder);
  assert.equal(
    catalogue.groups.map(({ title }) => title),
    ['first run'],
  );
  const named = await collectItems([folder]);
  assert.equal(named.catalogue, catalogue, 'a folder of runs may be named too');
});

test('serves page, list, recordings and vehicles, nothing else, and ends with 0 at Ctrl-C', async () => {
  const { child, url, items } = await start(run, '--port', '0');
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const page = await get(url, '/');
  assert.is(page.status, 200);
  assert.match(page.type, /^text\/html/);
  assert.match(page.body.toString(), /<title>Windhover<\/title>/);
  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page.body.toString());
  assert.match((await get(url, script?.[1] ?? '')).type, /^text\/javascript/);
  const listed = JSON.parse((await get(url, '/api/items')).body.toString());
  assert.equal(listed.groups[0].items, items);
  const data = await get(url, `/${items[1].recordings[0].url}`);
  assert.is(data.body.subarray(1, 5).toString(), 'MCAP');
  const vehicle = await get(url, '/api/vehicle/Crazyflie%202.1');
  assert.is(JSON.parse(vehicle.body.toString()).rotors.length, 4);
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/data/..%2f..%2fpackage.json',
    '/api/live',
    '/nothing',
  ])
    assert.is((await get(url, path)).status, 404, path);
  for (const unknown of ['Kestrel', '..%2f..%2fpackage'])
    assert.equal((await get(url, `/api/vehicle/${unknown}`)).body.toString(), 'null', 'is drawn as any vehicle');
  assert.is(
    (await get(url, '/', { host: 'elsewhere.example' })).status,
    403,
    'a name that was pointed at this machine',
  );
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  assert.is(code, 0);
});

test('refuses what it cannot show before it serves anything', async () => {
  const text = join(folder, 'notes.mcap');
  writeFileSync(text, 'hello');
  const foreign = join(folder, 'foreign.mcap');
  writeFileSync(foreign, await givenForeignMcap());
  const empty = join(folder, 'nothing here');
  mkdirSync(empty);
  assert.match(refuse(text), /notes\.mcap: expected a flight log/);
  assert.match(refuse(foreign), /foreign\.mcap: expected topics of a flight/);
  assert.match(refuse(join(folder, 'missing.mcap')), /missing\.mcap: expected a flight log, there is no such file/);
  assert.match(refuse(empty), /nothing here: expected a run/);
  assert.match(refuse(run, '--port', '99999'), /--port: expected a whole number from 0 to 65535/);
});

test('refuses an address that is none of a hub, and a token that is not the hub’s', async () => {
  assert.match(refuse('ws://'), /ws:\/\/: expected an address like ws:\/\/127\.0\.0\.1:8765/);
  assert.match(refuse('http://127.0.0.1:8765'), /expected an address like ws:/);
  assert.match(refuse(run, '--token', 'x'), /--token: expected the address of a hub too/);
  const hub = await TelemetryHub.start({ port: 0, token: 'right' });
  const { status, stderr } = await ended(hub.url, '--token', 'wrong', '--port', '0');
  assert.equal([status, stderr], [2, `windhover: --token: expected the one that ${hub.url} was given\n`]);
  await hub.close();
});

test('waits for a hub that is not there, beside what else there is', async () => {
  const hub = await TelemetryHub.start({ port: 0 });
  await hub.close();
  const { child, url, items, hubs } = await start(run, hub.url, '--port', '0');
  assert.equal([items.length, hubs], [3, [hub.url]]);
  assert.ok(JSON.parse((await get(url, '/api/items')).body.toString()).live);
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  assert.is(code, 0);
});

test('refuses a port that is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  assert.match(refuse(run, '--port', String(port)), new RegExp(`--port ${port}: expected a free port`));
  other.close();
});

test('opens a browser only where there is a desktop', () => {
  assert.is(hasDesktop('linux', {}), false);
  assert.is(hasDesktop('linux', { DISPLAY: ':0' }), true);
  assert.is(hasDesktop('linux', { WAYLAND_DISPLAY: 'wayland-0' }), true);
  assert.is(hasDesktop('darwin', {}), true);
  assert.is(hasDesktop('darwin', { SSH_CONNECTION: '10.0.0.1 22' }), false);
});

test.run();
