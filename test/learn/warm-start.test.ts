import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import { resolveConfig } from '../../src/learn/config.ts';
import { pretrain } from '../../src/learn/pretrain.ts';
import { settingsFrom, warmStart } from '../../src/learn/warm-start.ts';
import { readPolicy } from '../../src/policy-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-warm-'));
const zoo = 'hover-motors';
const config = (sets: string[], given = {}) =>
  resolveConfig({ backend: 'wasm', ...given }, undefined, sets, settingsFrom(zoo));
const small = ['learn.envs=8', 'learn.horizon=8', 'learn.minibatch=32'];

test('while the critic learns alone the actor stays the policy that the run began from, and then moves', async () => {
  const before = mlpWeights(readPolicy(zoo).actor);
  const after = async (name: string, warmup: number) => {
    const sets = [...small, `learn.criticWarmupSteps=${warmup}`];
    const result = await pretrain(join(folder, name), config(sets, { steps: 200 }));
    assert.ok(result.finished);
    return mlpWeights(readPolicy(join(folder, name)).actor);
  };
  assert.equal(await after('alone', 1e6), before);
  assert.not.equal(await after('both', 0), before);
});

test('a network of another size, or EWC with nothing to hold to, is refused by name', () => {
  const refused = (sets: string[], expected: RegExp) => {
    const settings = config(sets);
    const { learn, observation: _ } = settings;
    assert.throws(
      () => warmStart(settings, [53, ...learn.hidden, 4]),
      (error: Error) => error instanceof InputError && expected.test(error.message),
    );
  };
  refused(['learn.hidden=[32, 32]'], /network: expected layers of 53-32-32-4 as the run has, got 53-64-64-4/);
  refused(['from=null', 'learn.ewc=1'], /learn\.ewc: expected a policy to begin from/);
  refused(['backend=cpu', 'learn.ewc=1'], /learn\.ewc: expected the backend wasm/);
});

test.run();
