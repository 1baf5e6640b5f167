import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { evaluatePolicy } from '../../src/evaluate/evaluate.ts';
import { policyFolder, readPolicy } from '../../src/policy-folder.ts';
import { finetuneOnPolicy, type OnPolicyOptions } from '../../src/transfer/on-policy.ts';
import { readVehicle } from '../../src/vehicle-file.ts';

let folder = '';
const file = (name: string) => join(folder, name);
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'windhover-on-policy-'));
  writeFileSync(file('same.yaml'), stringify(crazyflie));
  writeFileSync(file('heavy.yaml'), stringify(heavy));
  writeFileSync(file('late.yaml'), stringify(late));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

const crazyflie = readVehicle('crazyflie');
/** What the zoo's policy crashes: a third heavier, slow to answer, and late. */
const heavy = {
  ...crazyflie,
  mass_kg: 1.35 * crazyflie.mass_kg,
  rotor: { ...crazyflie.rotor, lag_s: 2.5 * crazyflie.rotor.lag_s },
  latency_s: crazyflie.latency_s + 0.05,
};
/** Crashed too, but within what can be learnt in seconds. */
const late = {
  ...crazyflie,
  mass_kg: 1.25 * crazyflie.mass_kg,
  rotor: { ...crazyflie.rotor, lag_s: 2 * crazyflie.rotor.lag_s },
  latency_s: crazyflie.latency_s + 0.04,
};
/** The critic alone learns in the first 60 000 steps, so that the policy moves in the last two iterations. */
const short = { policy: 'hover-motors', steps: 72_000, episodes: 20, seed: 3 };
const tune = (out: string, options: Partial<OnPolicyOptions> & { vehicle: string }) =>
  finetuneOnPolicy({ ...short, out: file(out), ...options });

test('two iterations make no pilot of a vehicle that the policy crashes: refused, and the source is the result', async () => {
  const report = await tune('crashes', { vehicle: file('heavy.yaml'), ewcLambda: 0 });
  assert.is(report.verdict, 'negative');
  assert.is(report.accepted, false);
  assert.equal(readPolicy(report.policy).actor, readPolicy('hover-motors').actor);
  assert.not.equal(readPolicy(report.rejected!).actor, readPolicy('hover-motors').actor);
  assert.is(report.settings.reward.haste, 0.4, 'who crashes learns with a price on haste');
});

test('scores are those of whoever flies the same episodes with the policies handed out', async () => {
  const report = await tune('same', { vehicle: file('same.yaml'), force: true });
  assert.is(report.settings.reward.haste, 0, 'who flies the vehicle already is refined');
  assert.is(report.target.before.successRate, 1);
  const again = (await import('../../src/learn/selection.ts')).evaluationSeed(3, 0x72000001);
  const fly = { task: 'hover', vehicle: crazyflie, randomisation: null, seed: again, episodes: 20 };
  const flown = await evaluatePolicy(readPolicy(report.policy), fly);
  assert.is(report.target.after.successRate, flown.successRate);
  assert.is(report.target.after.positionRmseM, flown.positionRmseM);
});

test('EWC keeps the weights nearer to where they were', async () => {
  const moved = (policy: string) => {
    const [now, then] = [readPolicy(policy).actor, readPolicy('hover-motors').actor];
    return Math.hypot(...now.kernels.flatMap((kernel, l) => [...kernel].map((w, i) => w - then.kernels[l][i])));
  };
  const { rejected } = await tune('held', { vehicle: file('heavy.yaml'), ewcLambda: 100 });
  const [held, free] = [moved(rejected!), moved(file('crashes/rejected'))];
  assert.ok(held < 0.9 * free, `moved ${held} with EWC, ${free} without`);
});

test('an expert teaches a vehicle that the policy crashes, and the policy still flies its own', async () => {
  const report = await tune('taught', { objective: 'dagger', vehicle: file('late.yaml'), steps: 200_000 });
  assert.is(report.objective, 'dagger');
  const { before, after } = report.target;
  assert.ok(before.successRate === 0 && after.successRate >= 0.9, `${before.successRate} to ${after.successRate}`);
  assert.ok(report.source[0].after.successRate >= 0.95, `${report.source[0].after.successRate} on its own vehicle`);
  assert.is(report.verdict, 'positive');
});

test('a run that is stopped leaves nothing behind, and the policy it began from is untouched', async () => {
  const stop = new AbortController();
  const before = readPolicy('hover-motors').actor;
  const run = tune('stopped', { vehicle: file('heavy.yaml'), signal: stop.signal, onProgress: () => stop.abort() });
  await run.then(() => assert.unreachable('expected it to stop')).catch(() => undefined);
  assert.is(existsSync(file('stopped')), false);
  assert.equal(readPolicy(policyFolder('hover-motors')).actor, before);
});

test.run();
