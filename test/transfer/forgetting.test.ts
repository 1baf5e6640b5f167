import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mlp } from '../../policies/mlp.ts';
import { activateBackend } from '../../src/backend/index.ts';
import { kernelBytes } from '../../src/backend/kernels.ts';
import { flyEpisodes } from '../../src/evaluate/fly.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { anchorsOf } from '../../src/transfer/anchors.ts';
import { fitCommandMap } from '../../src/transfer/calibrate.ts';
import { type CloneTask, cloneFlights } from '../../src/transfer/clone.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { DEFAULT_FINETUNE } from '../../src/transfer/settings.ts';
import { sourceStates } from '../../src/transfer/source-task.ts';
import { standInFlights } from '../../src/transfer/stand-in.ts';
import { givenVehicle } from '../given.ts';

test.before(() => activateBackend('wasm'));

const vehicle = givenVehicle();
const policy = readPolicy('hover-motors');
const train = standInFlights(vehicle, 1)
  .slice(0, 3)
  .map((flight) => flightSamples(flight, vehicle.control_Hz, vehicle.battery.nominal_V));
const { map } = fitCommandMap(train, vehicle);
const task: CloneTask = {
  contract: policy.contract,
  map,
  train,
  validation: [],
  anchors: anchorsOf(policy, 'separate'),
  source: null,
  gap: null,
};

function success(actor: Mlp): number {
  const fly = { task: 'hover', vehicle, randomisation: null, seed: 5 };
  const flown = flyEpisodes({ ...policy, actor }, fly, 0, 40, kernelBytes());
  return flown.filter((episode) => episode.success).length / flown.length;
}

async function learnt(ewcLambda: number, rehearsal: number): Promise<number> {
  const settings = { ...DEFAULT_FINETUNE, epochs: 6, samplesPerEpoch: 6000, ewcLambda, rehearsal, jitter: 0, trims: 0 };
  const source = rehearsal > 0 ? sourceStates(policy, [{ task: 'hover', vehicle, learntAt: 0 }], 1) : null;
  return success((await cloneFlights(policy.actor, { ...task, source }, settings)).actor);
}

test('λ = 0 forgets how to hover, λ > 0 does not', async () => {
  assert.is(success(policy.actor), 1);
  const [free, held] = [await learnt(0, 0), await learnt(300, 0)];
  assert.ok(free < 0.7, `without EWC ${free}`);
  assert.ok(held > 0.9, `with EWC ${held}`);
});

test('rehearsal alone keeps it, too', async () => {
  const kept = await learnt(0, 4);
  assert.ok(kept > 0.9, `${kept}`);
});

test.run();
