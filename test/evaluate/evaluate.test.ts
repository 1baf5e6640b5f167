import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { evaluatePolicy, summarise } from '../../src/evaluate/evaluate.ts';
import { vehicleFor } from '../../src/evaluate/fits.ts';
import { flyEpisodes } from '../../src/evaluate/fly.ts';
import { wilson95 } from '../../src/evaluate/interval.ts';
import { readVehicle } from '../../src/vehicle-file.ts';
import { givenPolicy, near } from '../given.ts';

const vehicle = readVehicle('crazyflie');
const options = { task: 'hover', vehicle, randomisation: DEFAULT_RANDOMISATION, seed: 3 };

test("Wilson's interval has the values of the literature", () => {
  // Newcombe 1998, table I: 81/263, 15/148, 0/20 and 1/29, method 3 (score, without continuity correction)
  for (const [x, n, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]) {
    const interval = wilson95(x, n);
    near(interval[0], low, 1e-4);
    near(interval[1], high, 1e-4);
  }
});

test("at the ends Wilson's interval is exact, without rounding errors", () => {
  assert.is(wilson95(0, 500)[0], 0);
  assert.is(wilson95(10, 10)[1], 1);
});

test("a policy trained for the user's own vehicle asks for its file", () => {
  const policy = givenPolicy();
  assert.equal(vehicleFor(policy, undefined, 'p'), readVehicle(policy.contract.vehicle));
  const own = { ...policy, contract: { ...policy.contract, vehicle: 'my-quad' } };
  assert.throws(() => vehicleFor(own, undefined, 'runs/a'), /^runs\/a: trained for my-quad.*--vehicle FILE\.yaml/);
  assert.is(vehicleFor(own, 'x500', 'runs/a').name, 'x500');
});

test('an episode is the same in whatever company it is flown', () => {
  const policy = givenPolicy();
  const together = flyEpisodes(policy, options, 0, 12);
  const apart = [...flyEpisodes(policy, options, 0, 5), ...flyEpisodes(policy, options, 5, 7)];
  assert.equal(apart, together);
});

test('the result does not depend on the number of threads', async () => {
  const policy = givenPolicy();
  const [one, three] = await Promise.all(
    [1, 3].map((workers) => evaluatePolicy(policy, { ...options, episodes: 30, workers })),
  );
  assert.equal(three, one);
});

test('rates, interval and RMSE are those of the episodes', () => {
  const results = [
    { success: true, crash: false, steps: 100, squaredErrorSum: 1 },
    { success: false, crash: true, steps: 50, squaredErrorSum: 5 },
  ];
  const summary = summarise(results, 9);
  assert.is(summary.successRate, 0.5);
  assert.is(summary.crashRate, 0.5);
  near(summary.positionRmseM, Math.sqrt(6 / 150), 1e-12);
});

test.run();
