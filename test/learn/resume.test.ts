import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/package-root.ts';
import { near } from '../given.ts';
import { shown } from './events-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-resume-'));
const main = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
const sets = ['learn.envs=24', 'learn.horizon=32', 'learn.minibatch=256', 'learn.hidden=[16]', 'checkpoint_s=0'];
const settings = [
  '--algorithm',
  'ppo',
  '--task',
  'hover',
  '--seed',
  '5',
  '--steps',
  '20000',
  '--until',
  '0',
  ...sets.flatMap((set) => ['--set', set]),
];

test.after(() => rmSync(folder, { recursive: true, force: true }));

function windhover(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const result = { child, stdout: '', stderr: '', ended: once(child, 'exit') };
  child.stdout.on('data', (data) => (result.stdout += data));
  child.stderr.on('data', (data) => (result.stderr += data));
  return result;
}

function finished(...args: string[]): Promise<void> {
  return ended(0, ...args);
}

async function ended(expected: number, ...args: string[]): Promise<void> {
  const run = windhover(...args);
  const [code] = await run.ended;
  assert.is(code, expected, run.stderr);
}

/** Bytes of all that a run's result consists of; report.json tells seconds and is left out. */
function results(run: string): Record<string, string> {
  const files = ['metrics.jsonl', ...readdirSync(join(run, 'policy')).map((name) => join('policy', name))];
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(run, name)).toString('base64')]));
}

function metricsLines(run: string): number {
  const file = join(run, 'metrics.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

function stepsIn(run: string, name: string): number[] {
  const lines = readFileSync(join(run, name), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line).steps);
}

/** Starts a run and ends it by SIGKILL once `due` says so. */
async function killed(run: string, due: () => boolean, ...others: string[]): Promise<void> {
  const { child, ended } = windhover('pretrain', ...settings, ...others, '--out', run);
  const poll = setInterval(() => due() && child.kill('SIGKILL'), 5);
  const [, signal] = await ended;
  clearInterval(poll);
  assert.is(signal, 'SIGKILL', 'the run ended before it was killed');
}

const whole = join(folder, 'whole');

test('the same seed gives the same bytes, whatever the number of workers', async () => {
  await finished('pretrain', ...settings, '--out', whole);
  const three = join(folder, 'three-workers');
  await finished('pretrain', ...settings, '--workers', '3', '--out', three);
  assert.equal(results(three), results(whole));
});

test('another seed gives other bytes', async () => {
  const other = join(folder, 'other-seed');
  await finished('pretrain', ...settings, '--seed', '6', '--out', other);
  assert.is.not(results(other)['policy/weights.bin'], results(whole)['policy/weights.bin']);
});

test('killed in the middle and resumed, a run ends with the bytes of one never killed', async () => {
  const run = join(folder, 'killed');
  await killed(run, () => metricsLines(run) >= 9);
  await finished('pretrain', '--resume', run);
  assert.equal(results(run), results(whole));
  assert.equal(stepsIn(run, 'timing.jsonl'), stepsIn(whole, 'metrics.jsonl'));
  const curve = (folder: string) => shown(folder, 'train/approx_kl');
  assert.equal(curve(run), curve(whole), 'TensorBoard shows one curve, no step twice');
  assert.equal(
    curve(run).map(([step]) => step),
    stepsIn(whole, 'metrics.jsonl'),
  );
});

test('killed before the first checkpoint, it starts again', async () => {
  const run = join(folder, 'killed-early');
  await killed(run, () => existsSync(join(run, 'config.yaml')));
  await finished('pretrain', '--resume', run);
  assert.equal(results(run), results(whole));
});

test('a run that another process still writes is not resumed, and goes on undisturbed', async () => {
  const run = join(folder, 'busy');
  const first = windhover('pretrain', ...settings, '--out', run);
  while (metricsLines(run) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const second = windhover('pretrain', '--resume', run);
  const [code] = await second.ended;
  assert.is(first.child.exitCode, null, 'the first had ended before the second began');
  assert.is(code, 2);
  assert.match(second.stderr, `process ${first.child.pid} does`);
  assert.equal(await first.ended, [0, null]);
  assert.equal(results(run), results(whole));
  assert.not.ok(existsSync(join(run, 'writer.pid')));
});

test('Ctrl-C saves, says how to go on, and the rest gives the same bytes', async () => {
  const run = join(folder, 'stopped');
  const stopped = windhover('pretrain', ...settings, '--out', run);
  const poll = setInterval(() => metricsLines(run) >= 5 && stopped.child.kill('SIGINT'), 5);
  const [code] = await stopped.ended;
  clearInterval(poll);
  assert.is(code, 130, stopped.stderr);
  assert.match(stopped.stderr, `pretrain --resume ${run}`);
  const timing = join(run, 'timing.jsonl');
  const lines = readFileSync(timing, 'utf8').trimEnd().split('\n');
  const hour = lines.map((line) => ({ ...JSON.parse(line), seconds: 3600 + JSON.parse(line).seconds }));
  writeFileSync(timing, hour.map((line) => `${JSON.stringify(line)}\n`).join('')); // as if it had learnt for an hour
  await finished('pretrain', '--resume', run);
  assert.equal(results(run), results(whole));
  const { seconds, timeToSuccessSeconds, stepsPerSecond, steps } = JSON.parse(
    readFileSync(join(run, 'report.json'), 'utf8'),
  );
  assert.ok(timeToSuccessSeconds > 3600 && seconds > timeToSuccessSeconds && seconds < 3700, 'both processes count');
  near(stepsPerSecond, steps / 3600, 0.03 * stepsPerSecond);
});

test('DAgger, with more rollouts than it remembers: the same bytes for any workers, killed and resumed or not', async () => {
  const dagger = ['--algorithm', 'dagger', '--set', 'learn.rollouts=4', '--until', '1'];
  const once = join(folder, 'dagger');
  await ended(1, 'pretrain', ...settings, ...dagger, '--out', once);
  const three = join(folder, 'dagger-three-workers');
  await ended(1, 'pretrain', ...settings, ...dagger, '--workers', '3', '--out', three);
  assert.equal(results(three), results(once));
  const run = join(folder, 'dagger-killed');
  await killed(run, () => metricsLines(run) >= 9, ...dagger);
  await ended(1, 'pretrain', '--resume', run);
  assert.equal(results(run), results(once));
  const lines = readFileSync(join(once, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  const losses = lines.map((line) => JSON.parse(line).imitationLoss);
  assert.ok(losses.at(-1) < 0.5 * losses[0], 'it does learn');
});

test.run();
