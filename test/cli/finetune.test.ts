import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonalFisher } from '../../policies/fisher.ts';
import { finetuneSummary } from '../../src/cli/finetune-summary.ts';
import { writeFlight } from '../../src/episode/index.ts';
import { packageRoot } from '../../src/package-root.ts';
import { policyName, writePolicy } from '../../src/policy-folder.ts';
import { givenPolicy, givenVehicle } from '../given.ts';
import { givenFlight } from '../transfer/given-samples.ts';

let folder = '';
const logs: string[] = [];

test.before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'windhover-cli-finetune-'));
  const policy = givenPolicy();
  const n = 64;
  const obs = new Float32Array(n * policy.contract.observation.size).map((_, k) => Math.sin(k));
  policy.fisher = diagonalFisher(policy.actor, policy.contract.action.std, obs, n);
  policy.contract.fisher = { tasks: ['hover'], samples: n };
  writePolicy(join(folder, 'source'), policy);
  const map = { ...givenVehicle().command, level: 0.6 };
  for (const seed of [1, 2, 3]) {
    const flight = givenFlight(givenVehicle(), { name: `f${seed}`, seed, seconds: 6, map });
    logs.push(join(folder, `f${seed}.mcap`));
    await writeFlight(logs.at(-1)!, flight);
  }
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

function windhover(...args: string[]) {
  const main = join(packageRoot(), 'src', 'cli', 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, 'finetune', ...args], {
    encoding: 'utf8',
    cwd: packageRoot(),
  });
  return { status, stdout, stderr };
}

const quick = () => ['--epochs', '2', '--episodes', '2', '--rehearsal', '0', '--workers', '1', '--backend', 'wasm'];

test('prints one JSON object with the fields that programs rely on', () => {
  const out = join(folder, 'run');
  const { status, stdout, stderr } = windhover(
    join(folder, 'source'),
    '--logs',
    ...logs,
    ...quick(),
    '--ablate',
    'ewc',
    '--out',
    out,
    '--json',
  );
  const lines = stdout.trim().split('\n');
  assert.is(lines.length, 1, stderr);
  const report = JSON.parse(lines[0]);
  assert.is(report.policy, join(out, 'policy'));
  for (const name of ['nominalMap', 'before', 'after', 'scratch', 'flightMean', 'repeatLast'])
    assert.type(report.real[name].actionMse, 'number', name);
  assert.is(report.flights.train.length + report.flights.validation.length + report.flights.test.length, 3);
  const [{ task, episodes, before, after }] = report.source;
  assert.equal([task, episodes], ['hover', 2]);
  assert.type(before.successRate, 'number');
  assert.type(after.successRate, 'number');
  assert.type(report.ablation.ewc0.real.after.actionMse, 'number');
  assert.ok(['positive', 'neutral', 'negative'].includes(report.verdict));
  assert.is(report.compared.scratch.ci95, null);
  assert.is.not(report.verdict, 'positive');
  assert.type(report.seconds, 'number');
  assert.is(status, report.accepted ? 0 : 1);
  assert.match(stderr, /fine-tuning/);
  const text = finetuneSummary(report);
  assert.match(text, /action error on 1 real flight it never saw/);
  assert.match(text, /one flight: no interval/);
  const learnt = (train: number, validation: number) => {
    const names = (count: number) => Array.from({ length: count }, (_, k) => `f${k}`);
    const split = { ...report.flights, train: names(train), validation: names(validation) };
    return finetuneSummary({ ...report, flights: split }).replace(/\s+/g, ' ');
  };
  assert.match(learnt(1, 0), /Learnt from 1 flight, EWC/);
  assert.match(learnt(2, 1), /Learnt from 2 flights, 1 other chose when to stop, EWC/);
  assert.match(learnt(9, 2), /Learnt from 9 flights, 2 others chose when to stop, EWC/);
  const told = (ratio: number) =>
    finetuneSummary({ ...report, compared: { ...report.compared, scratch: { ratio, ci95: null } } });
  assert.match(told(0.9), /what simulation adds/);
  assert.match(told(1.2), /simulation adds nothing here/);
  const lost = { ...report.compared, before: { ratio: 1.1, ci95: null } };
  assert.match(finetuneSummary({ ...report, compared: lost }), /fine-tuning gained nothing here/);
  assert.match(text, report.accepted ? /verdict +(positive|neutral)/ : /REFUSED/);
});

test('a run is called after the zoo’s own name, since several policies there share the contract’s', () => {
  assert.is(policyName('waypoint-motors-pilot', { name: 'waypoint-motors' }), 'waypoint-motors-pilot');
  assert.is(policyName(join(folder, 'mine'), { name: 'mine' }), 'mine');
});

test('wrong use and bad input end with 2 and one line, and leave nothing behind', () => {
  const empty = join(folder, 'empty.csv');
  writeFileSync(empty, '');
  const source = join(folder, 'source');
  const out = join(folder, 'none');
  const cases: [string[], RegExp][] = [
    [[source], /expected either --logs FILE… or --from/],
    [[source, '--logs', logs[0], '--from', 'ws://127.0.0.1:1'], /expected either/],
    [[source, '--logs', empty], /empty.csv: expected a flight log/],
    [[source, '--logs', logs[0]], /expected at least two/],
    [[source, '--logs', ...logs, '--ewc', '-1'], /--ewc: expected a number/],
    [[source, '--logs', ...logs, '--method', 'half'], /--method: expected full, head, freeze:K or sweep, got half/],
    [[source, '--logs', ...logs, '--ewc-mode', 'both'], /--ewc-mode: expected separate or online/],
    [[source, '--logs', ...logs, '--ablate', 'all'], /--ablate: expected ewc/],
    [[join(folder, 'missing'), '--logs', ...logs], /no such policy/],
  ];
  for (const [args, words] of cases) {
    const { status, stdout, stderr } = windhover(...args, '--out', out);
    assert.is(status, 2, `${args}: ${stderr}`);
    assert.match(stderr, words);
    assert.is(stdout, '');
    assert.not.match(stderr, /\n\s+at /);
  }
  assert.not.ok(existsSync(out));
});

test.run();
