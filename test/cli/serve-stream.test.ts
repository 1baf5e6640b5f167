import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFlight } from '../../src/episode/file.ts';
import { countSamples } from '../../src/episode/samples.ts';
import { readFlight } from '../../src/telemetry/logs/index.ts';
import { packageRoot } from '../../src/package-root.ts';
import { givenFlight, series, times } from '../telemetry/pipeline/given-events.ts';

const program = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'windhover-cli-'));
const log = join(folder, 'flight.mcap');
const flight = givenFlight({
  battery: series(times(300, 0.01), () => 4),
  velocity: series(times(300, 0.01), Math.sin, Math.cos, Math.cos),
});

test.before(async () => {
  await writeFlight(log, flight);
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A command under way: its output so far, and its end. */
class Running {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [program, ...args], { cwd: folder });
    this.child.stdout?.on('data', (data) => (this.stdout += data));
    this.child.stderr?.on('data', (data) => (this.stderr += data));
    this.ended = new Promise((resolve) =>
      this.child.on('close', (status) => resolve({ status, stdout: this.stdout, stderr: this.stderr })),
    );
  }

  async until(pattern: RegExp): Promise<RegExpMatchArray> {
    for (let i = 0; i < 3000; i++) {
      const match = `${this.stdout}${this.stderr}`.match(pattern);
      if (match) return match;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${pattern} not within 30 s in: ${this.stdout}${this.stderr}`);
  }
}

async function withServe(use: (url: string, serve: Running) => Promise<void>, ...flags: string[]): Promise<Ended> {
  const serve = new Running('serve', '--port', '0', ...flags);
  const [, url] = await serve.until(/(ws:\/\/127\.0\.0\.1:\d+)/);
  await use(url, serve);
  serve.child.kill('SIGINT');
  return serve.ended;
}

const run = (...args: string[]) => new Running(...args).ended;
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('what stream sends, serve records: the numbers of both agree, and the file holds the flight', async () => {
  const total = countSamples(flight);
  let streamed: Ended | undefined;
  const served = await withServe(
    async (url) => {
      streamed = await run('stream', log, log, '--to', url, '--speed', 'max', '--json');
    },
    ...['--record', 'rec', '--json'],
  );
  assert.is(streamed?.status, 0, streamed?.stderr);
  const { sent, acknowledged, seconds, flights } = JSON.parse(streamed?.stdout ?? '');
  assert.equal([sent, acknowledged, flights.length], [2 * total, 2 * total, 2]);
  assert.ok(seconds > 0);
  assert.is(served.status, 0, served.stderr);
  const [first, last, ...more] = lines(served.stdout);
  assert.equal(Object.keys(first), ['listening']);
  const { received, recorded, relayed, dropped, recordings } = last;
  assert.equal([received, recorded, relayed, dropped], [2 * total, 2 * total, 0, 0]);
  assert.equal(recordings.map(isAbsolute), [true, true]);
  assert.equal((await readFlight(recordings[1])).topics.velocity?.columns, flight.topics.velocity?.columns);
  assert.equal(more, []);
});

test('for people: flights as they come, a table at the end', async () => {
  const served = await withServe(
    async (url, serve) => {
      const streamed = await run('stream', log, '--to', url, '--speed', 'max');
      assert.match(streamed.stdout, /600 sent, 600 acknowledged/);
      await serve.until(/ends: 600 messages/);
    },
    ...['--record', 'people'],
  );
  assert.match(served.stderr, /begins/);
  assert.match(served.stdout, /600 received, 600 recorded/);
});

test('Ctrl-C on a stream: end mark, JSON and 130', async () => {
  const served = await withServe(
    async (url) => {
      const streaming = new Running('stream', log, '--to', url, '--speed', '0.1', '--json');
      await waitFor(() => existsSync(join(folder, 'cut', 'flight.mcap')));
      streaming.child.kill('SIGINT');
      const { status, stdout } = await streaming.ended;
      assert.is(status, 130);
      const { sent, acknowledged, interrupted, flights } = JSON.parse(stdout);
      assert.equal([acknowledged, interrupted, flights[0].truncated], [sent, true, true]);
    },
    ...['--record', 'cut', '--json'],
  );
  const { received, recorded, flights } = lines(served.stdout)[1];
  assert.is(recorded, received);
  assert.is(flights[0].truncated, true);
});

test('SIGTERM ends serve as cleanly', async () => {
  const serve = new Running('serve', '--port', '0', '--json');
  await serve.until(/listening/);
  serve.child.kill('SIGTERM');
  const { status, stdout } = await serve.ended;
  assert.is(status, 0);
  assert.is(lines(stdout).length, 2);
});

test('a port in use: exit code 2, one line that names it', async () => {
  await withServe(
    async (url) => {
      const { port } = new URL(url);
      const { status, stdout, stderr } = await run('serve', '--port', port, '--json');
      assert.equal([status, stdout], [2, '']);
      assert.match(stderr.trim(), new RegExp(`^windhover: --port: .*${port}.*$`));
    },
    ...['--record', 'rec2'],
  );
});

test('bad input to stream: exit code 2 and one line, before anything is sent', async () => {
  writeFileSync(join(folder, 'foreign.csv'), 'a,b\n1,2\n');
  const to = ['--to', 'ws://127.0.0.1:1'];
  const cases: [string[], RegExp][] = [
    [[log, 'missing.mcap', ...to], /missing\.mcap/],
    [[log, 'foreign.csv', ...to], /foreign\.csv/],
    [[log, ...to], /ws:\/\/127\.0\.0\.1:1: .*nothing listens/],
    [[log, '--to', 'here'], /here: expected an address like ws:/],
    [[log, '--speed', 'fast', ...to], /--speed: expected max or a number/],
    [[log], /--to/],
    [['--to', 'ws://127.0.0.1:1'], /log/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = await run('stream', ...args);
    assert.equal([status, stdout], [2, ''], stderr);
    assert.match(stderr.trim(), message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('a hub that goes away in the middle: JSON all the same, exit code 1', async () => {
  const serve = new Running('serve', '--port', '0', '--json', '--record', 'gone');
  const [, url] = await serve.until(/(ws:\/\/127\.0\.0\.1:\d+)/);
  const streaming = new Running('stream', log, '--to', url, '--speed', '0.1', '--json');
  await waitFor(() => existsSync(join(folder, 'gone', 'flight.mcap')));
  serve.child.kill('SIGINT');
  const { status, stdout, stderr } = await streaming.ended;
  assert.is(status, 1);
  assert.match(stderr, /connection was lost: the hub ends/);
  assert.type(JSON.parse(stdout).lost, 'string');
  assert.is((await serve.ended).status, 0);
});

async function waitFor(ready: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !ready(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('stream --protocol rosbridge: ROS messages that serve takes, and another protocol is refused', async () => {
  const served = await withServe(
    async (url) => {
      const to = `${url}/rosbridge?name=ros`;
      const { status, stdout } = await run(
        'stream',
        log,
        '--to',
        to,
        '--protocol',
        'rosbridge',
        '--speed',
        'max',
        '--json',
      );
      assert.is(status, 0);
      const { sent, flights } = lines(stdout)[0];
      assert.equal([sent, flights[0].leftOut], [600, []]);
    },
    ...['--record', 'ros', '--json'],
  );
  const report = lines(served.stdout).at(-1);
  assert.equal([report.received, report.recorded, report.flights[0].name], [600, 600, 'ros']);
  const wrong = await run('stream', log, '--to', 'ws://127.0.0.1:1', '--protocol', 'mavlink');
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, /--protocol: expected .*windhover.*rosbridge.*mavlink/);
});

test.run();
