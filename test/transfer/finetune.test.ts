import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mlpWeights } from '../../policies/mlp.ts';
import { readPolicy, writePolicy } from '../../src/policy-folder.ts';
import { finetune } from '../../src/transfer/finetune.ts';
import { givenPolicy, near } from '../given.ts';
import { flights, givenSource, quick, refuses, truth, vehicle } from './given-finetune.ts';
import { givenFlight } from './given-samples.ts';

let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'windhover-finetune-'));
  givenSource(join(folder, 'source'));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

const run = (out: string, more = {}) =>
  finetune({ policy: join(folder, 'source'), flights, out: join(folder, out), ...quick, ...more });

test('writes a run with the tuned policy, its report and what the viewer shows', async () => {
  const report = await run('run', { ablateEwc: true, keepFlights: true });
  assert.is(report.policy, join(folder, 'run', 'policy'));
  assert.is(report.verdict, 'neutral', report.reason);
  assert.match(report.reason, /one held-out flight tells no interval/);
  assert.ok(report.accepted && report.rejected === null);
  assert.ok(report.compared.before.ratio < 1);
  assert.ok(report.real.after.actionMse < report.real.before.actionMse);
  const { real, gain } = report.ablation!.ewc0;
  near(gain.ratio, real.after.actionMse / report.real.before.actionMse, 1e-9);
  assert.is(report.ablation!.ewc0.source[0].task, 'hover');
  assert.is(report.flights.train.length + report.flights.validation.length + report.flights.test.length, 5);
  assert.is(report.source[0].episodes, 4);
  assert.equal(
    JSON.parse(readFileSync(join(folder, 'run', 'report.json'), 'utf8')),
    JSON.parse(JSON.stringify(report)),
  );
  assert.equal(readdirSync(join(folder, 'run', 'episodes')).sort(), ['after-hover-0.mcap', 'before-hover-0.mcap']);
  assert.is(readdirSync(join(folder, 'run', 'flights')).length, 5);
  assert.not.ok(readdirSync(folder).some((name) => name.includes('partial')));
});

test('two held-out flights that agree make a gain clear', async () => {
  const report = await run('two', { flights: flights.slice(0, 3), test: flights.slice(3) });
  assert.is(report.verdict, 'positive', report.reason);
  assert.ok(report.compared.before.ci95![1] < 1);
});

test('the artifact has the fitted map, the source’s Fisher and where it came from', async () => {
  const tuned = readPolicy(join(folder, 'run'));
  const source = readPolicy(join(folder, 'source'));
  near(tuned.contract.commandMap.level, truth.level, 0.03, 'level');
  assert.equal(tuned.anchors![0], { weights: mlpWeights(source.actor), fisher: source.fisher });
  assert.equal(tuned.anchors![1].weights, mlpWeights(tuned.actor));
  tuned.fisher!.forEach((array, i) => {
    const both = array.map((_, k) => source.fisher![i][k] + tuned.anchors![1].fisher[i][k]);
    assert.equal(array, both);
  });
  assert.not.equal(tuned.actor, source.actor);
  assert.equal(tuned.contract.action.std, source.contract.action.std);
  assert.equal(tuned.contract.scores, {});
  assert.match(JSON.stringify(tuned.contract.provenance), /behaviour cloning with EWC/);
  assert.equal(readPolicy(join(folder, 'run', 'policy-before')).actor, source.actor);
});

test('calibration is not counted as learning', async () => {
  const { real } = JSON.parse(readFileSync(join(folder, 'run', 'report.json'), 'utf8'));
  assert.ok(real.nominalMap.actionMse > 2 * real.before.actionMse, 'motors are weaker than the file says');
});

test('a policy that got worse is refused, and the source policy is the result', async () => {
  // learns one trim, is judged by another
  const test = [givenFlight(vehicle, { name: 'other', seed: 9, seconds: 8, map: truth })];
  const worse = flights.map((flight, k) =>
    givenFlight(vehicle, { name: flight.name, seed: k + 1, seconds: 8, map: truth, trim: [0.2, -0.2, 0.2, -0.2] }),
  );
  const report = await run('refused', { flights: worse, test });
  assert.not(report.accepted);
  assert.match(report.reason, /did not fall/);
  assert.is(report.verdict, 'negative');
  assert.equal(readPolicy(report.policy).actor, readPolicy(join(folder, 'source')).actor);
  assert.is(report.rejected, join(folder, 'refused', 'rejected'));
  const rejected = readPolicy(report.rejected!);
  assert.not.equal(rejected.actor, readPolicy(join(folder, 'source')).actor);
  assert.match(rejected.card!, /\*\*negative\*\*: the action error on held-out flights did not fall/);
  const forced = await run('forced', { flights: worse, test, force: true });
  assert.ok(forced.forced && forced.rejected === null && forced.verdict === 'negative');
  assert.not.equal(readPolicy(forced.policy).actor, readPolicy(join(folder, 'source')).actor);
});

test('the same seed gives the same policy', async () => {
  const [a, b] = [await run('once', { seed: 3 }), await run('again', { seed: 3 })];
  const bytes = (policy: string) => readFileSync(join(policy, 'weights.bin'));
  assert.equal(bytes(a.policy), bytes(b.policy));
  assert.equal(a.real, b.real);
});

test('stopped in the middle, it leaves nothing behind', async () => {
  const controller = new AbortController();
  const stopped = run('stopped', {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('stopped by hand')),
  });
  await stopped.then(
    () => assert.unreachable('it should have stopped'),
    (error) => assert.is(error.message, 'stopped by hand'),
  );
  assert.not.ok(readdirSync(folder).some((name) => name.startsWith('stopped')));
});

test('what does not fit is refused by its name, before anything is written', async () => {
  await refuses(run('x', { flights: flights.slice(0, 1) }), /expected at least two/);
  await refuses(
    run('x', { flights: flights.map((flight) => ({ ...flight, vehicle: 'x500' })) }),
    /f1.csv: vehicle: expected crazyflie/,
  );
  await refuses(run('run'), /expected a folder that is empty/);
  const policy = readPolicy(join(folder, 'source'));
  writePolicy(join(folder, 'ctbr'), {
    ...policy,
    contract: { ...policy.contract, action: { ...policy.contract.action, mode: 'ctbr' } },
  });
  await refuses(run('x', { policy: join(folder, 'ctbr') }), /action.mode: expected motors, got ctbr/);
  writePolicy(join(folder, 'seeing'), givenPolicy({ task: 'forest' }));
  await refuses(
    run('x', { policy: join(folder, 'seeing') }),
    /seeing: observation.spec.beams: expected 0, got 16: telemetry holds no ranges/,
  );
  writePolicy(join(folder, 'bare'), { contract: { ...policy.contract, fisher: null }, actor: policy.actor });
  await refuses(
    run('x', { policy: join(folder, 'bare') }),
    /fisher.bin: expected for --ewc 0.001, the artifact has none/,
  );
  assert.not.ok(existsSync(join(folder, 'x')));
});

test.run();
