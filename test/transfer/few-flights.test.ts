import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { createMlp, type Mlp } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import { flyEpisodes } from '../../src/evaluate/fly.ts';
import { activateBackend } from '../../src/backend/index.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { fitCommandMap } from '../../src/transfer/calibrate.ts';
import { type CloneTask, cloneFlights } from '../../src/transfer/clone.ts';
import { policyError } from '../../src/transfer/errors.ts';
import { finetune } from '../../src/transfer/finetune.ts';
import type { SourceStates } from '../../src/transfer/minibatches.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { DEFAULT_FINETUNE } from '../../src/transfer/settings.ts';
import { sourceStates } from '../../src/transfer/source-task.ts';
import { standInFlights } from '../../src/transfer/stand-in.ts';
import { givenVehicle } from '../given.ts';

test.before(() => activateBackend('wasm'));

const vehicle = givenVehicle();
const logged = standInFlights(vehicle, 1);
const [only, ...others] = logged.map((flight) => flightSamples(flight, vehicle.control_Hz, vehicle.battery.nominal_V));

/** Error on the other flights of a network, the policy's own unless told otherwise, that learns from the first one. */
async function errorOn({ contract, actor }: Policy, source: SourceStates | null, jitter = 0, start: Mlp = actor) {
  const { map } = fitCommandMap([only], vehicle);
  const task: CloneTask = { contract, map, train: [only], validation: [], anchors: [], source, gap: null };
  const settings = {
    ...DEFAULT_FINETUNE,
    epochs: 8,
    samplesPerEpoch: 8000,
    ewcLambda: 0,
    rehearsal: 1,
    jitter,
    trims: 0,
  };
  const learnt = await cloneFlights(start, task, settings);
  return policyError(contract, learnt.actor, map, others).actionMse;
}

const rehearsed = (policy: Policy) => sourceStates(policy, [{ task: 'hover', vehicle, learntAt: 0 }], 1);

test('noise on what is observed keeps one flight from being learnt by heart', async () => {
  const policy = readPolicy('hover-motors');
  const source = rehearsed(policy);
  const [bare, noisy] = [await errorOn(policy, source), await errorOn(policy, source, 1.6)];
  assert.ok(noisy < 0.5 * bare, `${bare} without, ${noisy} with`);
});

test('a policy that a calm pilot taught errs less on others after one flight than one from scratch or a stiffer one', async () => {
  const calm = readPolicy('waypoint-motors-pilot');
  const stiff = readPolicy('hover-motors');
  const error = await errorOn(calm, rehearsed(calm));
  const scratch = await errorOn(calm, null, 0, createMlp(calm.actor.sizes, new Rng(1)));
  const other = await errorOn(stiff, rehearsed(stiff));
  assert.ok(error < scratch / 1.2, `${error} and ${scratch}`);
  assert.ok(error < 0.5 * other, `${error} and ${other}`);
});

test('flights rehearsed with disturbances keep a policy flying that learnt from flights', async () => {
  const policy = readPolicy('waypoint-motors-pilot');
  const { contract, actor } = policy;
  const train = [only, ...others];
  const { map } = fitCommandMap(train, vehicle);
  const source = sourceStates(policy, [{ task: 'waypoint', vehicle, learntAt: 0 }], 1);
  const task: CloneTask = { contract, map, train, validation: [], anchors: [], source, gap: null };
  const settings = { ...DEFAULT_FINETUNE, ewcLambda: 0, rehearsal: 1, epochs: 12, jitter: 1.6, trims: 0 };
  const learnt = await cloneFlights(actor, task, settings);
  const where = { task: 'waypoint', vehicle, randomisation: null, seed: 9 };
  const flown = flyEpisodes({ ...policy, actor: learnt.actor }, where, 0, 100);
  const rate = flown.filter(({ success }) => success).length / 100;
  assert.ok(rate >= 0.9, `${rate}`);
});

test('the network from scratch learns the commands of a flight and flies nothing, which the report shows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-few-'));
  const quick = { epochs: 8, samplesPerEpoch: 8000, episodes: 60, ewcLambda: 0.001, jitter: 1.6, trims: 12 };
  const policy = 'waypoint-motors-pilot';
  const report = await finetune({ policy, flights: logged.slice(0, 3), out: join(folder, 'run'), ...quick });
  rmSync(folder, { recursive: true });
  const [{ before, after, scratch }] = report.source;
  assert.ok(report.real.scratch.actionMse < 0.01, `it has learnt from the flights: ${report.real.scratch.actionMse}`);
  assert.is(scratch!.successRate, 0);
  assert.ok(before.successRate > 0.9 && after.successRate > 0.8, `${before.successRate} and ${after.successRate}`);
});

test.run();
