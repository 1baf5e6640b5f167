import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Policy } from '../../policies/policy.ts';
import { flyEpisodes } from '../../src/evaluate/fly.ts';
import { resolveConfig } from '../../src/learn/config.ts';
import { pretrain } from '../../src/learn/pretrain.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { givenVehicle } from '../given.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-pilot-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const EPISODES = 100;

function success(policy: Policy, seed: number, task = 'hover'): number {
  const where = { task, vehicle: givenVehicle(), randomisation: null, seed };
  return flyEpisodes(policy, where, 0, EPISODES).filter((flown) => flown.success).length / EPISODES;
}

test('a policy that the pilot taught hovers, and its card says who taught it and how to make it again', async () => {
  const run = join(folder, 'run');
  const config = resolveConfig({ task: 'hover', teacher: 'pilot', randomise: false, steps: 120_000, seed: 5 });
  await pretrain(run, config);
  const policy = readPolicy(run);
  assert.ok(success(policy, 77) >= 0.95);
  assert.match(policy.card ?? '', /DAgger from a calm classical pilot/);
  assert.match(policy.card ?? '', /--teacher pilot --no-randomise --steps 120000\n/, 'and no other setting');
});

test('the policy of the zoo that the pilot taught flies waypoints', () => {
  assert.ok(success(readPolicy('waypoint-motors-pilot'), 78, 'waypoint') >= 0.98);
});

test.run();
