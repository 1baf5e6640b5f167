import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/package-root.ts';
import { givenRun } from '../learn/given-run.ts';

const program = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'windhover-runs-cli-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function runs(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'runs', ...args], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const report = { steps: 3000, timeToSuccessSeconds: 7.5, reached: true, evaluation: { successRate: 0.964 } };

test.before(() => {
  const at = (day: number) => new Date(`2025-05-0${day}`);
  givenRun(join(folder, 'runs', 'a'), { seed: 1, evaluations: [null, 0.5, 0.75], begun: at(1) });
  givenRun(join(folder, 'runs', 'b'), { seed: 2, evaluations: [null, 0.5, 0.95], report, begun: at(2) });
  mkdirSync(join(folder, 'runs', 'junk'));
});

test('runs of ./runs are listed, the newest first, with what became of them; others are named', () => {
  const { status, stdout, stderr } = runs(folder);
  assert.is(status, 0, stderr);
  const [header, , b, a] = stdout.split('\n').map((line) => line.split(/ {2,}/));
  assert.equal(header, ['run', 'task', 'vehicle', 'seed', 'steps', 'success', 'time to it', 'status']);
  assert.equal(b, ['b', 'hover', 'crazyflie, randomised', '2', '3000', '96.4 %', '7.5 s', 'finished']);
  assert.match(
    a.join('|'),
    /^a\|hover\|crazyflie, randomised\|1\|3000\|75\.0 %\|–\|(stopped: can be resumed|running)$/,
  );
  assert.match(stderr, /left out {2}junk: expected a run, but it holds no config\.yaml/);
});

test('two runs named are compared: what differs, and success over steps and time', () => {
  const { stdout } = runs(folder, 'runs/a', 'runs/b');
  assert.match(stdout, /setting that differs {2}A {2}B\n─+ {2}─ {2}─\nseed {18}1 {2}2\n/);
  assert.match(stdout, /success over steps\n[\s\S]*3 k steps\n[\s\S]*success over time\n[\s\S]*6 s\n/);
  assert.match(stdout, /A {2}a\n {2}B {2}b\n$/);
});

test('as JSON: one object; settings that differ and curves with --compare', () => {
  const list = JSON.parse(runs(folder, '--json').stdout);
  assert.equal(Object.keys(list), ['runs', 'leftOut']);
  assert.ok(list.runs.every((run: { run: string }) => isAbsolute(run.run)));
  assert.equal(list.runs[0].status, 'finished');
  const { runs: compared, differences } = JSON.parse(runs(folder, '--compare', '--json').stdout);
  assert.equal(differences, [{ key: 'seed', values: [2, 1] }]);
  assert.equal(compared[1].curve, {
    steps: [1000, 2000, 3000],
    seconds: [2, 4, 6],
    success: [null, 0.25, 0.375],
    evaluation: [null, 0.5, 0.75],
  });
});

test('--svg writes the picture', () => {
  const { status, stderr } = runs(folder, '--svg', 'runs.svg');
  assert.is(status, 0, stderr);
  assert.match(readFileSync(join(folder, 'runs.svg'), 'utf8'), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
});

test('a picture that does not fit on the disk leaves no half of it', () => {
  if (process.platform === 'win32') return console.log('skipped: ulimit is of POSIX shells');
  const limited = ['-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, program, 'runs', '--svg', 'half.svg'];
  const { status, stderr } = spawnSync('sh', limited, { cwd: folder, encoding: 'utf8' });
  assert.is(status, 1, stderr);
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith('half')),
    [],
  );
});

test('no runs at all is no error; a folder that is not there, and nothing to compare, are', () => {
  const empty = mkdtempSync(join(folder, 'empty-'));
  assert.match(runs(empty).stdout, /No runs in .* yet; make one with: windhover pretrain/);
  assert.equal(JSON.parse(runs(empty, '--json').stdout), { runs: [], leftOut: [] });
  const cases: [string[], RegExp][] = [
    [['nowhere'], /nowhere: expected a run or a folder of runs/],
    [['--svg', 'no/such.svg'], /--svg: expected a file in a folder that exists, got no\/such\.svg/],
    [['.'], /\.: expected runs, found none/],
    [['--compare'], /expected runs to compare, found none/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = runs(empty, ...args, '--json');
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, message);
  }
  assert.is(existsSync(join(empty, 'runs')), false);
});

test.run();
