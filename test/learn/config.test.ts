import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { configYaml, parseConfig, resolveConfig } from '../../src/learn/config.ts';

const file = (text: string) => ({ name: 'my.yaml', text });

function refused(pattern: RegExp, act: () => unknown): void {
  assert.throws(act, (error: Error) => error instanceof InputError && pattern.test(error.message));
}

test('flags go over the file, the file over the defaults, single settings over all', () => {
  const config = resolveConfig({ seed: 3 }, file('seed: 1\nalgorithm: ppo\nlearn: {gamma: 0.9, epochs: 2}'), [
    'learn.epochs=7',
  ]);
  assert.is(config.seed, 3);
  assert.is(config.learn.gamma, 0.9);
  assert.is(config.learn.epochs, 7);
  assert.is(config.learn.gaeLambda, 0.95);
});

test('a config.yaml gives back the settings that it was written from', () => {
  const config = resolveConfig({ task: 'waypoint', until: 0.9 });
  assert.equal(parseConfig('config.yaml', configYaml(config)), config);
});

test('a task brings its own reward, whichever way it was named', () => {
  const { reward } = resolveConfig({ task: 'waypoint' });
  assert.equal(resolveConfig({}, file('task: waypoint')).reward, reward);
  assert.equal(resolveConfig({}, undefined, ['task=waypoint']).reward, reward);
});

test('randomisation is on unless it is turned off', () => {
  assert.is(resolveConfig({}).randomise, true);
  assert.is(resolveConfig({ randomise: false }).randomise, false);
});

test('the nominal vehicle brings its own batches and needs no memory, whichever way it was asked for', () => {
  for (const algorithm of ['dagger', 'ppo'] as const)
    assert.is.not(
      resolveConfig({ algorithm, randomise: false }).learn.envs,
      resolveConfig({ algorithm }).learn.envs,
      algorithm,
    );
  const nominal = resolveConfig({ randomise: false }).learn;
  assert.is(nominal.retries, 0);
  assert.is(nominal.privilegedCritic, false);
  assert.equal(resolveConfig({ randomise: false }).observation.stateAverages_s, []);
  assert.equal(resolveConfig({}, file('randomise: false')).learn, nominal);
  assert.is(resolveConfig({ randomise: false }, undefined, ['learn.minibatch=999']).learn.minibatch, 999);
});

test('an expert teaches where our kernels learn; PPO learns elsewhere, and from what a policy had', () => {
  assert.is(resolveConfig({}).algorithm, 'dagger');
  assert.is(resolveConfig({}, file('task: forest')).algorithm, 'dagger');
  assert.is(resolveConfig({ backend: 'webgpu' }).algorithm, 'ppo');
  assert.is(resolveConfig({ algorithm: 'ppo' }).learn.gamma, 0.995);
  assert.is(resolveConfig({ algorithm: 'ppo' }, undefined, ['learn.gamma=0.9']).learn.gamma, 0.9);
  assert.is(resolveConfig({}, file('algorithm: ppo')).steps, 2_500_000);
  refused(/--set reward\.crash=3: dagger learns from an expert, not by it: add --algorithm ppo/, () =>
    resolveConfig({}, undefined, ['reward.crash=3']),
  );
  refused(/my\.yaml: learn\.gamma: dagger learns from an expert, not by it: add algorithm: ppo/, () =>
    resolveConfig({}, file('learn: {gamma: 0.9}')),
  );
  assert.is(resolveConfig({}, file(configYaml(resolveConfig({})))).algorithm, 'dagger', 'its own file is heeded');
  refused(/backend: expected wasm or auto with the algorithm dagger, got cuda/, () =>
    resolveConfig({ algorithm: 'dagger', backend: 'cuda' }),
  );
});

test('the pilot teaches whom action 0 hovers, on the nominal vehicle, and leaves the memory to be tuned by', () => {
  const given = { task: 'hover', teacher: 'pilot', randomise: false } as const;
  const config = resolveConfig(given);
  assert.is(config.algorithm, 'dagger');
  assert.equal(config.observation, resolveConfig({ task: 'hover' }).observation);
  assert.is(resolveConfig({}).teacher, 'expert');
  for (const [change, why] of [
    [
      { randomise: true },
      /randomise: expected false \(--no-randomise\) with the teacher pilot, got true: it trims nothing/,
    ],
    [{ actions: 'ctbr' }, /actions: expected motors with the teacher pilot, got ctbr/],
    [{ algorithm: 'ppo' }, /algorithm: expected dagger with the teacher pilot, got ppo/],
    [{ task: 'track' }, /task: expected hover or waypoint with the teacher pilot, got track/],
    [{ task: 'forest' }, /task: expected hover or waypoint with the teacher pilot, got forest/],
  ] as const)
    refused(why, () => resolveConfig({ ...given, ...change }));
  refused(/my\.yaml: teacher: expected .*, got "?nobody/, () => resolveConfig({}, file('teacher: nobody')));
});

test('what is wrong is named with where it stands and what was expected', () => {
  refused(/my\.yaml: learn\.gamma: expected a number at most 1, got 2/, () =>
    resolveConfig({}, file('learn: {gamma: 2}')),
  );
  refused(/--set learn\.gamma=2: learn\.gamma: /, () => resolveConfig({}, undefined, ['learn.gamma=2']));
  refused(/my\.yaml: learn\.gama: expected no such field, got 0\.9/, () =>
    resolveConfig({}, file('learn: {gama: 0.9}')),
  );
  refused(/my\.yaml: line 2/, () => resolveConfig({}, file('seed: 1\nlearn: [')));
  refused(/--set gamma: expected key=value/, () => resolveConfig({}, undefined, ['gamma']));
  refused(/task: expected hover or waypoint or forest or track, got hovr/, () => resolveConfig({ task: 'hovr' }));
  refused(/my\.yaml: task: expected hover or waypoint or forest or track, got "hovr"/, () =>
    resolveConfig({}, file('task: hovr')),
  );
  refused(/--set learn\.hidden=\[8: expected a value as YAML/, () => resolveConfig({}, undefined, ['learn.hidden=[8']));
});

test.run();
