import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { modelCard } from '../../src/learn/card.ts';
import { type RunConfig, resolveConfig } from '../../src/learn/config.ts';
import { describePolicy } from '../../src/learn/describe.ts';
import { newNetworks } from '../../src/learn/networks.ts';
import { fieldNormaliser, observationSpec } from '../../src/learn/setup.ts';
import { readVehicle } from '../../src/vehicle-file.ts';

/** The command on the card of a run with this configuration. */
function commandFor(config: RunConfig): string {
  const vehicle = readVehicle(config.vehicle);
  const normaliser = fieldNormaliser(observationSpec(config, vehicle));
  const shape = { T: 2, N: 1, O: normaliser.mean.length, P: 1, A: 4 };
  const { actor, logStd } = newNetworks(shape, config.learn.hidden, 0.5, new Rng(1));
  const card = modelCard(describePolicy(config, vehicle, normaliser, actor, logStd), config);
  return card.split('\n').find((line) => line.startsWith('npx windhover pretrain'))!;
}

test('a run with the usual settings is made again by its flags alone', () => {
  const config = resolveConfig({ task: 'waypoint', vehicle: 'x500', actions: 'ctbr', seed: 4, steps: 1000 });
  const command = 'npx windhover pretrain --task waypoint --vehicle x500 --actions ctbr --seed 4 --steps 1000';
  assert.is(commandFor(config), command);
});

test('a setting of its own stands on the card, and the card makes the same settings again', () => {
  const sets = ['learn.hidden=[32,16]', 'learn.learningRateSteps=1200000', 'reward.crash=7'];
  const given = { task: 'hover', algorithm: 'ppo' as const, randomise: false, until: 0.9 };
  const config = resolveConfig(given, undefined, sets);
  const command = commandFor(config);
  assert.match(command, ' --no-randomise --until 0.9 ');
  const onCard = [...command.matchAll(/--set '?([^' ]+)'?/g)].map(([, set]) => set);
  assert.equal([...onCard].sort(), [...sets].sort());
  assert.equal(resolveConfig(given, undefined, onCard), config);
});

test.run();
