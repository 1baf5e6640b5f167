import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bench, HISTORY, type Kept, toKeep } from './history.ts';

const BENCH = fileURLToPath(new URL('learning.ts', import.meta.url));
/** The figures to reach, by the names that other programs look for. */
const NAMES = [
  'hover_seconds',
  'hover_randomised_seconds',
  'hover_randomised_worst',
  'waypoint_seconds',
  'waypoint_randomised_worst',
  'forest_seconds',
  'env_steps_hover',
  'env_steps_forest',
  'ppo_steps',
  'train_samples',
  'peak_memory_mb',
  'collect_scaling',
];

function bench(...flags: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', BENCH, ...flags], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('every figure of the bench is measured, and --json has the promised shape', () => {
  const kept = readFileSync(HISTORY, 'utf8');
  const { status, stdout, stderr } = bench('--smoke', '--json');
  assert.is(status, 0, stderr); // met or not
  const result: Bench = JSON.parse(stdout);
  assert.equal(Object.keys(result), ['machine', 'backend', 'versions', 'figures']);
  assert.equal(
    result.figures.map(({ name }) => name),
    NAMES,
  );
  for (const figure of result.figures) {
    assert.equal(Object.keys(figure), ['name', 'value', 'unit', 'reach', 'met', 'beside']);
    assert.ok(Number.isFinite(figure.value) && figure.value >= 0, `${figure.name}: ${figure.value}`);
    assert.type(figure.met, 'boolean');
  }
  assert.is(readFileSync(HISTORY, 'utf8'), kept); // nothing is kept unasked
});

test('a name that is no figure, and --keep of a smoke, are refused in one line', () => {
  for (const [flags, said] of [
    [['--only', 'hover'], /--only: expected one of hover_seconds, .* got hover$/],
    [['--smoke', '--keep'], /--keep: expected without --smoke/],
    [['--quick'], /--quick/],
  ] as const) {
    const { status, stderr } = bench(...flags);
    assert.is(status, 2);
    assert.match(stderr.trim(), said);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('what is kept of a bench says when, of which commit, on which machine, and the values by name', () => {
  const figure = { name: 'ppo_steps', value: 61_234.5678, unit: 'steps/s', reach: '>= 1', met: true, beside: 'x' };
  const machine = { processor: 'P', cores: 2, platform: 'linux' };
  const versions = { node: '20.19.0', windhover: '0.1.0' };
  const kept = toKeep({ machine, backend: 'wasm', versions, figures: [figure] }, new Date(86_400_123), 'abc1234');
  assert.equal(kept, {
    date: '1970-01-02T00:00:00Z',
    commit: 'abc1234',
    machine,
    backend: 'wasm',
    versions,
    figures: { ppo_steps: 61_230 }, // four figures: more is noise
  });
});

test('the history in the repository can be read, line by line, and runs forward', () => {
  const lines = readFileSync(HISTORY, 'utf8').trimEnd().split('\n');
  const kept: Kept[] = lines.map((line) => JSON.parse(line));
  for (const { date, figures } of kept) {
    assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    for (const [name, value] of Object.entries(figures)) assert.ok(NAMES.includes(name) && value >= 0, name);
  }
  const dates = kept.map(({ date }) => date);
  assert.equal(dates, [...dates].sort());
});

test.run();
