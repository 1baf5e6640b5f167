import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { activateBackend } from '../../src/backend/index.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { fitCommandMap } from '../../src/transfer/calibrate.ts';
import { type CloneTask, cloneFlights } from '../../src/transfer/clone.ts';
import { policyError } from '../../src/transfer/errors.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { DEFAULT_FINETUNE } from '../../src/transfer/settings.ts';
import { sourceStates } from '../../src/transfer/source-task.ts';
import { standInFlights } from '../../src/transfer/stand-in.ts';
import { givenVehicle } from '../given.ts';

test.before(() => activateBackend('wasm'));

test('noise on what is observed keeps one flight from being learnt by heart', async () => {
  const vehicle = givenVehicle();
  const policy = readPolicy('hover-motors');
  const [only, ...others] = standInFlights(vehicle, 1).map((flight) =>
    flightSamples(flight, vehicle.control_Hz, vehicle.battery.nominal_V),
  );
  const { contract } = policy;
  const { map } = fitCommandMap([only], vehicle);
  const source = sourceStates(policy, [{ task: 'hover', vehicle, learntAt: 0 }], 1);
  const task: CloneTask = { contract, map, train: [only], validation: [], anchors: [], source, gap: null };
  const errorWith = async (jitter: number) => {
    const settings = { ...DEFAULT_FINETUNE, epochs: 8, samplesPerEpoch: 8000, ewcLambda: 0, jitter };
    const { actor } = await cloneFlights(policy.actor, task, settings);
    return policyError(contract, actor, map, others).actionMse;
  };
  const [bare, noisy] = [await errorWith(0), await errorWith(1.6)];
  assert.ok(noisy < 0.5 * bare, `${bare} without, ${noisy} with`);
});

test.run();
