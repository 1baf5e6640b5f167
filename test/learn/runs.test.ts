import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { differingSettings } from '../../src/learn/differing-settings.ts';
import { findRuns } from '../../src/learn/find-runs.ts';
import { readRun } from '../../src/learn/run-summary.ts';
import { givenRun } from './given-run.ts';

const root = mkdtempSync(join(tmpdir(), 'windhover-runs-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

const fresh = () => mkdtempSync(join(root, 'case-'));
const LATER = Date.now() + 3_600_000; // long after anything here was written

test('a finished run says what its report says', () => {
  const report = { steps: 3000, timeToSuccessSeconds: 7.5, reached: true, evaluation: { successRate: 0.964 } };
  const run = givenRun(join(fresh(), 'a'), { seed: 4, evaluations: [null, 0, 0.9], report });
  const { summary, curve } = readRun(run, LATER);
  const { begun, ...rest } = summary;
  assert.match(begun, /^\d{4}-\d\d-\d\dT/);
  assert.equal(rest, {
    run,
    task: 'hover',
    vehicle: 'crazyflie',
    actions: 'motors',
    seed: 4,
    randomised: true,
    steps: 3000,
    totalSteps: 9000,
    success: 0.964,
    timeToSuccessSeconds: 7.5,
    seconds: 6,
    status: 'finished',
  });
  assert.equal(curve, {
    steps: [1000, 2000, 3000],
    seconds: [2, 4, 6],
    success: [null, 0, 0.45],
    evaluation: [null, 0, 0.9],
  });
});

test('a run that ended without what it was to reach fell short', () => {
  const report = { steps: 9000, timeToSuccessSeconds: null, reached: false, evaluation: { successRate: 0.5 } };
  assert.is(readRun(givenRun(join(fresh(), 'a'), { report }), LATER).summary.status, 'fell short');
});

test('a run without a report was stopped, and can be resumed; its last line may be cut', () => {
  const run = givenRun(join(fresh(), 'a'), { evaluations: [0.1, null, 0.3, null], timing: false });
  appendFileSync(join(run, 'metrics.jsonl'), '{"iteration":5,"steps":50');
  const { summary, curve } = readRun(run, LATER);
  assert.equal([summary.status, summary.steps, summary.success, summary.seconds], ['stopped', 4000, 0.3, null]);
  assert.equal(curve.seconds, [null, null, null, null]);
});

test('a run whose metrics grew a moment ago, after its checkpoint, goes on; one that saved last was stopped', () => {
  const run = givenRun(join(fresh(), 'a'));
  mkdirSync(join(run, 'checkpoints'));
  writeFileSync(join(run, 'checkpoints', 'latest.bin'), '');
  const at = (name: string, seconds: number) => utimesSync(join(run, name), seconds, seconds);
  at('metrics.jsonl', 1000);
  at('checkpoints/latest.bin', 999);
  assert.is(readRun(run, 1_002_000).summary.status, 'running');
  assert.is(readRun(run, 1_060_000).summary.status, 'stopped');
  at('checkpoints/latest.bin', 1001);
  assert.is(readRun(run, 1_002_000).summary.status, 'stopped');
});

test('a loss that is no number, or a report that cannot be read, is a failure with its reason', () => {
  const lost = givenRun(join(fresh(), 'a'));
  appendFileSync(join(lost, 'metrics.jsonl'), '{"iteration":3,"steps":3000,"policyLoss":null}\n');
  assert.equal(readRun(lost, LATER).summary.status, 'failed');
  assert.match(readRun(lost, LATER).summary.reason!, /no number/);
  const broken = givenRun(join(fresh(), 'a'));
  writeFileSync(join(broken, 'report.json'), '{"run":');
  assert.equal(readRun(broken, LATER).summary.status, 'failed');
  assert.match(readRun(broken, LATER).summary.reason!, /report\.json/);
});

test('a run of another version, with settings that this one does not know, is read all the same', () => {
  const run = givenRun(join(fresh(), 'a'), { settings: { algorithm: 'sac', task: 'forest' } });
  assert.is(readRun(run, LATER).summary.task, 'forest');
});

test('runs are found wherever they lie, the newest first; what is none is named and does not stop the rest', () => {
  const runs = fresh();
  givenRun(join(runs, 'old'), { begun: new Date('2025-01-01') });
  givenRun(join(runs, 'start', 'simulation'), { begun: new Date('2025-03-01') });
  mkdirSync(join(runs, 'start', 'recordings'));
  givenRun(join(runs, 'new'), { begun: new Date('2025-05-01') });
  mkdirSync(join(runs, 'junk'));
  givenRun(join(runs, 'broken'));
  writeFileSync(join(runs, 'broken', 'config.yaml'), 'task: [');
  givenRun(join(runs, 'tuned'));
  writeFileSync(join(runs, 'tuned', 'config.yaml'), 'command: finetune\nvehicle: crazyflie\nseed: 1\n');
  const found = findRuns([runs], LATER);
  assert.equal(
    found.runs.map(({ summary }) => summary.run),
    ['new', 'start/simulation', 'old'].map((name) => join(runs, name)),
  );
  const reasons = Object.fromEntries(found.leftOut.map(({ path, reason }) => [path.slice(runs.length + 1), reason]));
  assert.equal(Object.keys(reasons).sort(), ['broken', 'junk', 'tuned']);
  assert.match(reasons.broken, /^config\.yaml: expected the settings of a run/);
  assert.match(reasons.junk, /^expected a run, but it holds no config\.yaml/);
  assert.match(reasons.tuned, /fine-tuning/);
});

test('runs that are named stay in that order, whatever is newer', () => {
  const runs = fresh();
  const [a, b] = ['a', 'b'].map((name, i) => givenRun(join(runs, name), { begun: new Date(`2025-05-0${i + 1}`) }));
  for (const order of [
    [a, b],
    [b, a],
  ])
    assert.equal(
      findRuns(order, LATER).runs.map(({ summary }) => summary.run),
      order,
    );
});

test('a run named twice counts once; a folder that is not there is refused', () => {
  const run = givenRun(join(fresh(), 'a'));
  assert.is(findRuns([run, join(run, '..')], LATER).runs.length, 1);
  assert.throws(
    () => findRuns([join(root, 'none')]),
    (error: Error) => error instanceof InputError && /none: expected a run or a folder of runs/.test(error.message),
  );
});

test('settings differ by their full name; lists count as one; what a run lacks is undefined', () => {
  const differences = differingSettings([
    { task: 'hover', seed: 1, learn: { gamma: 0.99, hidden: [64, 64] }, until: null },
    { task: 'hover', seed: 2, learn: { gamma: 0.99, hidden: [32] }, until: null, algorithm: 'sac' },
  ]);
  assert.equal(differences, [
    { key: 'seed', values: [1, 2] },
    { key: 'learn.hidden', values: [[64, 64], [32]] },
    { key: 'algorithm', values: [undefined, 'sac'] },
  ]);
  assert.equal(differingSettings([{ a: { b: 1 } }, { a: { b: 1 } }]), []);
});

test.run();
