import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { readPolicy } from '../../src/policy-folder.ts';
import { finetune } from '../../src/transfer/finetune.ts';
import { standInFlights } from '../../src/transfer/stand-in.ts';
import { near } from '../given.ts';
import { flights, givenSource, quick, refuses, vehicle } from './given-finetune.ts';

let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'windhover-methods-'));
  givenSource(join(folder, 'source'));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

const run = (out: string, more = {}) =>
  finetune({ policy: join(folder, 'source'), flights, out: join(folder, out), ...quick, ...more });

test('a sweep learns with every number of frozen layers, and the validation flights choose', async () => {
  const report = await run('swept', { method: 'sweep', ewcLambda: 0.01 });
  assert.equal(
    report.sweep!.map(({ freeze }) => freeze),
    [0, 1, 2],
  );
  const least = Math.min(...report.sweep!.map(({ validationMse }) => validationMse));
  const chosen = report.sweep!.findIndex(({ validationMse }) => validationMse === least);
  assert.is(report.settings.method, `freeze:${chosen}`);
  assert.equal(report.sweep![chosen].real.after, report.real.after);
  const frozen = readPolicy(report.policy).actor.kernels.slice(0, chosen);
  assert.equal(frozen, readPolicy(join(folder, 'source')).actor.kernels.slice(0, chosen));
});

test('λ is searched for where it is not given, and told', async () => {
  const told: string[] = [];
  const report = await run('searched', {
    ewcLambda: null,
    onShift: ({ fields }: { fields: { name: string }[] }) => told.push(fields[0].name),
    onProgress: ({ phase }: { phase: string }) => told.push(phase),
  });
  assert.equal(told.slice(0, 3), ['calibrate', report.shift.fields[0].name, 'search'], 'the shift before learning');
  assert.ok(report.lambdaSearch!.length >= 3);
  assert.ok(report.lambdaSearch!.some(({ lambda }) => lambda === report.settings.ewcLambda));
  assert.is(report.settings.method, 'full');
});

test('a poisoned log is refused before anything is learnt, and what is forced past is told', async () => {
  const real = standInFlights(vehicle, 1).slice(0, 4);
  const swapped = real.map((flight) => ({
    ...flight,
    topics: {
      ...flight.topics,
      motors: { ...flight.topics.motors!, columns: [2, 1, 0, 3].map((motor) => flight.topics.motors!.columns[motor]) },
    },
  }));
  await refuses(
    run('poisoned', { flights: [real[0], real[1], real[2], swapped[3]] }),
    /motors: expected motion that follows the commands, but roll and pitch do not .* in the order M3 M2 M1 M4/,
  );
  assert.not.ok(existsSync(join(folder, 'poisoned')));
  const forced = await run('forced-poison', { flights: [...real.slice(0, 3), swapped[3]], epochs: 1, force: true });
  assert.match(forced.warnings.join('\n'), /motors: expected motion that follows/);
});

test('a chain of vehicles keeps an anchor a stage, and reports every stage in every task', async () => {
  const heavy = join(folder, 'heavy.yaml');
  writeFileSync(heavy, stringify({ ...vehicle, name: 'heavy', mass_kg: 1.2 * vehicle.mass_kg }));
  const policy = (await run('first', { epochs: 2, force: true })).policy;
  for (const ewcMode of ['separate', 'online'] as const) {
    const report = await run(`chain-${ewcMode}`, { policy, vehicle: heavy, epochs: 2, ewcMode, force: true });
    const { chain } = report;
    assert.equal(
      chain.tasks.map((task) => [task.vehicle, task.learntAt]),
      [
        ['crazyflie', 0],
        ['heavy', 2],
      ],
    );
    assert.is(chain.success.length, 3);
    assert.equal(
      report.source.map(({ vehicle }) => vehicle),
      ['crazyflie', 'heavy'],
    );
    assert.is(report.source[1].before.successRate, chain.success[1][1]);
    assert.is(report.source[1].after.successRate, chain.success[2][1]);
    const tuned = readPolicy(report.policy);
    assert.is(tuned.anchors!.length, 3);
    assert.equal(tuned.anchors!.slice(0, 2), readPolicy(policy).anchors);
    assert.is(tuned.contract.chain![2].vehicle.name, 'heavy');
    near(
      tuned.contract.action.center[0],
      1.2 * readPolicy(policy).contract.action.center[0],
      1e-9,
      'hover of the heavy one',
    );
  }
});

test.run();
