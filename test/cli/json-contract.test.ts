import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFlight } from '../../src/episode/file.ts';
import { packageRoot } from '../../src/package-root.ts';
import { givenFlight, series, times } from '../telemetry/pipeline/given-events.ts';

/** The fields of `--json` that other programs rely on. */

const program = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'windhover json ü ')); // a path with a space and more than ASCII
const tiny = ['learn.envs=16', 'learn.horizon=16', 'learn.hidden=[8]'].flatMap((set) => ['--set', set]);
const log = join(folder, 'flight.mcap');

test.before(async () => {
  await writeFlight(log, givenFlight({ velocity: series(times(100, 0.01), Math.sin, Math.cos, Math.cos) }));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

function windhover(...args: string[]): Ended {
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
}

function inTheBackground(...args: string[]): Promise<Ended> {
  return new Promise((resolve) =>
    execFile(process.execPath, [program, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
}

/** The one object on stdout: nothing before it, nothing after, one line. */
function only({ stdout, stderr }: Ended) {
  assert.is(stdout.trimEnd().split('\n').length, 1, `${stdout}${stderr}`);
  return JSON.parse(stdout);
}

function hasFields(object: object, fields: string): void {
  const missing = fields.split(' ').filter((field) => !(field in object));
  assert.equal(missing, [], `fields missing in ${JSON.stringify(object).slice(0, 300)}`);
}

const EVALUATION = 'policy task vehicle episodes seed successRate successCi95 positionRmseM crashRate';

test('pretrain that ends at its step cap: JSON all the same, exit code 1, and --resume gives the same again', () => {
  const ended = windhover('pretrain', ...tiny, '--steps', '2000', '--until', '0.95', '--out', 'run', '--json');
  assert.is(ended.status, 1, ended.stderr);
  const report = only(ended);
  hasFields(report, 'run policy steps seconds stepsPerSecond timeToSuccessSeconds evaluation');
  hasFields(report.evaluation, EVALUATION);
  assert.equal([isAbsolute(report.run), isAbsolute(report.policy)], [true, true]);
  assert.ok(existsSync(join(report.policy, 'policy.json')));
  assert.is(report.timeToSuccessSeconds, null);
  assert.ok(report.steps >= 2000 && report.seconds > 0 && report.stepsPerSecond > 0);
  const [low, high] = report.evaluation.successCi95;
  assert.ok(low >= 0 && low <= report.evaluation.successRate && report.evaluation.successRate <= high && high <= 1);
  assert.is(/tensorflow\.js|node backend/i.test(ended.stderr), false, ended.stderr);
  assert.equal(only(windhover('pretrain', '--resume', 'run', '--json')), report);
});

test('evaluate: one entry a policy', () => {
  const ended = windhover('evaluate', 'run', 'hover-motors', '--episodes', '4', '--seed', '7', '--json');
  assert.is(ended.status, 0, ended.stderr);
  const { policies } = only(ended);
  assert.is(policies.length, 2);
  for (const entry of policies) {
    hasFields(entry, EVALUATION);
    assert.equal([isAbsolute(entry.policy), entry.episodes, entry.seed], [true, 4, 7]);
  }
});

test('evaluate --randomise: success by factor, in bins that add up, and drawn', () => {
  const args = ['--episodes', '12', '--randomise', '--breakdown-svg', 'where.svg', '--json'];
  const ended = windhover('evaluate', 'hover-motors', ...args);
  assert.is(ended.status, 0, ended.stderr);
  const [{ breakdown }] = only(ended).policies;
  assert.ok(breakdown.length > 1);
  for (const { bins, ...factor } of breakdown) {
    hasFields(factor, 'factor label unit');
    hasFields(bins[0], 'low high episodes successRate successCi95');
    assert.is(
      bins.reduce((sum: number, { episodes }: { episodes: number }) => sum + episodes, 0),
      12,
    );
  }
  assert.ok(existsSync(join(folder, 'where.svg')));
});

test('inspect: the file, its topics, rates and gaps', () => {
  const { files } = only(windhover('inspect', 'flight.mcap', '--json'));
  hasFields(files[0], 'file format durationSeconds truncated topics');
  assert.equal([isAbsolute(files[0].file), files[0].truncated], [true, false]);
  const velocity = files[0].topics.find(({ name }: { name: string }) => /velocity/.test(name));
  hasFields(velocity, 'name count rateHz gaps');
  assert.equal([velocity.count, velocity.gaps, Math.round(velocity.rateHz)], [100, 0, 100]);
});

test('serve and stream: the counts agree', async () => {
  const hub = spawn(process.execPath, [program, 'serve', '--port', '0', '--record', 'rec', '--json'], { cwd: folder });
  let stdout = '';
  hub.stdout.on('data', (data) => (stdout += data));
  const ended = new Promise<number | null>((resolve) => hub.on('close', resolve));
  while (!stdout.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 20));
  const { listening } = JSON.parse(stdout);
  assert.match(listening, /^ws:\/\/127\.0\.0\.1:\d+$/);
  const streamed = only(windhover('stream', 'flight.mcap', '--to', listening, '--speed', 'max', '--json'));
  hub.kill('SIGINT');
  assert.is(await ended, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.is(lines.length, 2, stdout);
  const report = JSON.parse(lines[1]);
  hasFields(streamed, 'sent acknowledged seconds');
  hasFields(report, 'received recorded relayed dropped recordings');
  const { sent, acknowledged } = streamed;
  assert.equal([sent, acknowledged, report.received, report.recorded, report.dropped], [100, 100, 100, 100, 0]);
  assert.ok(report.recordings.every(isAbsolute) && existsSync(report.recordings[0]));
});

test('policies: what the cards say', () => {
  const { policies } = only(windhover('policies', '--json'));
  for (const entry of policies) {
    hasFields(entry, 'name path task vehicle actions successRate');
    assert.ok(isAbsolute(entry.path) && entry.successRate >= 0.9);
  }
  assert.ok(policies.length >= 2);
});

test('doctor: one object', () => {
  const ended = windhover('doctor', '--json');
  assert.is(ended.status, 0, ended.stderr);
  assert.is(typeof only(ended), 'object');
});

test('bad input: exit code 2, one line, nothing on stdout, nothing left behind', async () => {
  writeFileSync(join(folder, 'bad.yaml'), 'learn:\n  gamma: 2\n');
  const before = readdirSync(folder);
  const cases: [string[], RegExp][] = [
    [['pretrain', '--set', 'learn.gamma=2'], /--set learn\.gamma=2: learn\.gamma: expected a number at most 1, got 2/],
    [['pretrain', '--set', 'learn.gama=1'], /learn\.gama: expected no such field/],
    [['pretrain', '--config', 'bad.yaml'], /bad\.yaml: learn\.gamma: expected/],
    [['pretrain', '--out', 'bad.yaml'], /--out: .*is a file/],
    [['pretrain', '--backend', 'abacus'], /--backend: expected auto, cuda, webgpu, native, wasm or cpu, got "abacus"/],
    [['pretrain', '--actions', 'wings'], /--actions: expected motors or ctbr, got "wings"/],
    [['pretrain', '--resume', '.'], /expected a run to resume/],
    [['evaluate', 'hover-motors', '--episodes', '2', '--record', '.'], /--record: expected a file, but \. is a folder/],
    [['evaluate', 'hover-motors', '--breakdown-svg', 'a.svg'], /--breakdown-svg: expected --randomise with it/],
    [['evaluate', 'hover-motors', '--vehicle', 'kite'], /vehicle kite: expected one of crazyflie/],
  ];
  const ended = await Promise.all(cases.map(([args]) => inTheBackground(...args, '--json')));
  for (const [i, [, message]] of cases.entries()) {
    const { status, stdout, stderr } = ended[i];
    assert.equal([status, stdout], [2, ''], stderr);
    assert.match(stderr.trim(), message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
  assert.equal(readdirSync(folder), before);
});

test.run();
