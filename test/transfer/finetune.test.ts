import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { mlpWeights } from '../../policies/mlp.ts';
import { diagonalFisher } from '../../policies/fisher.ts';
import { readPolicy, writePolicy } from '../../src/policy-folder.ts';
import { standInFlights } from '../../src/transfer/stand-in.ts';
import { finetune } from '../../src/transfer/finetune.ts';
import { givenPolicy, givenVehicle, near } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const truth = { unit: 'PWM/65535', level: 0.6, exponent: 1.5, batteryExponent: 1.14 };
const flights = [1, 2, 3, 4, 5].map((seed) => givenFlight(vehicle, { name: `f${seed}`, seed, seconds: 8, map: truth }));
const quick = {
  epochs: 5,
  episodes: 4,
  ewcLambda: 0.001,
  rehearsal: 0,
  batch: 128,
  workers: 1,
  backend: 'wasm',
} as const;

let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'windhover-finetune-'));
  const policy = givenPolicy();
  const n = 64;
  const obs = new Float32Array(n * policy.contract.observation.size).map((_, k) => Math.sin(k));
  policy.fisher = diagonalFisher(policy.actor, policy.contract.action.std, obs, n);
  policy.contract.fisher = { tasks: ['hover'], samples: n };
  writePolicy(join(folder, 'source'), policy);
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

const run = (out: string, more = {}) =>
  finetune({ policy: join(folder, 'source'), flights, out: join(folder, out), ...quick, ...more });

test('writes a run with the tuned policy, its report and what the viewer shows', async () => {
  const report = await run('run', { ablateEwc: true, keepFlights: true });
  assert.is(report.policy, join(folder, 'run', 'policy'));
  assert.is(report.verdict, 'positive', report.reason);
  assert.ok(report.accepted && report.rejected === null);
  assert.ok(report.compared.before.ratio < 1);
  assert.ok(report.real.after.actionMse < report.real.before.actionMse);
  assert.ok(report.ablation!.ewc0.real.after.actionMse > 0);
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
  const report = await run('searched', { ewcLambda: null });
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

test('before it learns it tells how far the flights are from what the policy saw', async () => {
  const told: string[] = [];
  const report = await run('shifted', {
    epochs: 1,
    onShift: ({ fields }: { fields: { name: string }[] }) => told.push(fields[0].name),
    onProgress: ({ phase }: { phase: string }) => told.push(phase),
  });
  assert.is(
    told.find((text) => text !== 'calibrate'),
    report.shift.fields[0].name,
  );
});

test('a chain of vehicles keeps an anchor a stage, and reports every stage in every task', async () => {
  const heavy = join(folder, 'heavy.yaml');
  writeFileSync(heavy, stringify({ ...vehicle, name: 'heavy', mass_kg: 1.2 * vehicle.mass_kg }));
  const policy = join(folder, 'run');
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

async function refuses(promise: Promise<unknown>, words: RegExp): Promise<void> {
  await promise.then(
    () => assert.unreachable('it should have been refused'),
    (error) => {
      assert.is(error.name, 'InputError');
      assert.match(error.message, words);
    },
  );
}

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
