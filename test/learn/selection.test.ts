import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import type { EpisodeResult } from '../../src/evaluate/fly.ts';
import { type Evaluation, Evaluator, summarise } from '../../src/evaluate/evaluate.ts';
import { resolveConfig } from '../../src/learn/config.ts';
import { newNetworks } from '../../src/learn/networks.ts';
import { pooled } from '../../src/learn/pooled.ts';
import { Selection } from '../../src/learn/selection.ts';
import { conditionOf, fieldNormaliser, observationSpec } from '../../src/learn/setup.ts';
import type { Metrics } from '../../src/learn/trainer.ts';
import { readVehicle } from '../../src/vehicle-file.ts';
import { near } from '../given.ts';

const vehicle = readVehicle('crazyflie');
const LOOK_STEPS = 24_000;

/** Flies no episode: each one succeeds with the chance that the policy truly has. */
function coins(rng: Rng) {
  const coin = { rate: 0, flown: 0, sets: [] as number[] };
  const fly = async (_k: number, { count, options }: { count: number; options: { seed: number } }) => {
    coin.flown += count;
    coin.sets.push(options.seed);
    return Array.from({ length: count }, () => given(rng.uniform() < coin.rate));
  };
  return { coin, evaluator: new Evaluator({ size: 1, fly }) };
}

function given(success: boolean): EpisodeResult {
  return { success, crash: !success, steps: 500, squaredErrorSum: 500 * (success ? 0.01 : 1) };
}

/** A run whose policy truly succeeds at `rates[k]` when it is looked at for the k-th time. */
async function run(rates: number[], rng: Rng, until: number | null = 0.95) {
  const config = resolveConfig({ task: 'hover', until, steps: LOOK_STEPS * rates.length });
  const normaliser = fieldNormaliser(observationSpec(config, vehicle));
  const { coin, evaluator } = coins(rng);
  const selection = new Selection(config, normaliser, await conditionOf(config), evaluator);
  const networks = newNetworks({ T: 2, N: 1, O: normaliser.mean.length, P: 1, A: 4 }, [4], 0.5, new Rng(1));
  let looks = 0;
  while (looks < rates.length && !selection.done) {
    coin.rate = rates[looks++];
    const metrics = { iteration: looks, steps: looks * LOOK_STEPS, success: coin.rate } as Metrics;
    await selection.consider(metrics, { ...networks, logStd: Float32Array.of(coin.rate) });
  }
  const chosen = rates[selection.state.best!.steps / LOOK_STEPS - 1];
  return { selection, looks, chosen, coin };
}

const steady = (rate: number, looks: number) => Array<number>(looks).fill(rate);
const count = async (times: number, of: (k: number) => Promise<boolean>) => {
  let yes = 0;
  for (let k = 0; k < times; k++) if (await of(k)) yes++;
  return yes;
};

test('a policy of 0.93 does not pass as one of 0.95, though it is looked at twenty times', async () => {
  const passed = await count(100, async (k) => (await run(steady(0.93, 20), new Rng(k, 1))).selection.done);
  // one look passes with less than 0.1 %: P(≥ 95 of 100) · P(≥ 862 of 900) = 0.31 · 0.0004
  assert.ok(passed <= 4, `${passed} of 100 passed`);
});

test('a policy of 0.97 passes within a few looks', async () => {
  const soon = await count(100, async (k) => {
    const { selection, looks } = await run(steady(0.97, 20), new Rng(k, 2));
    return selection.done && looks <= 4;
  });
  assert.ok(soon >= 95, `${soon} of 100 passed within four looks`); // each look with 0.92 · 0.98
});

test('what is handed out is as good as was asked when the rate climbs through it', async () => {
  const climb = Array.from({ length: 40 }, (_, k) => 0.6 + 0.38 * Math.min(1, k / 25));
  let sum = 0;
  for (let k = 0; k < 60; k++) sum += (await run(climb, new Rng(k, 3))).chosen;
  assert.ok(sum / 60 >= 0.95, `true rate of the chosen: ${sum / 60}`);
});

test('a run without a goal hands out one of its better policies', async () => {
  const rng = new Rng(4, 4);
  const rates = Array.from({ length: 80 }, () => rng.uniform(0.9, 0.97));
  const { chosen, selection } = await run(rates, new Rng(5, 5), null);
  assert.not(selection.done);
  assert.ok(chosen > 0.95, `true rate of the chosen: ${chosen}`);
});

test('a run that never reaches the goal hands out what it has, and says so', async () => {
  const { selection, chosen } = await run([...steady(0, 5), ...steady(0.6, 5)], new Rng(6, 6));
  assert.not(selection.done);
  assert.is(chosen, 0.6);
});

test('no set of episodes is flown twice, and few are flown on the way up', async () => {
  const climb = Array.from({ length: 20 }, (_, k) => 0.5 + 0.02 * k);
  const { coin, looks } = await run(climb, new Rng(7, 7));
  assert.is(new Set(coin.sets).size, coin.sets.length);
  assert.ok(coin.flown <= 100 * looks + 4 * 900, `${coin.flown} episodes in ${looks} looks`);
});

test('a policy that is far from the goal is told from few episodes', async () => {
  const { coin } = await run(steady(0.5, 20), new Rng(8, 8));
  // 30 a look; 900 at the last, and 300 for a best policy each 200 000 steps: there must be one to hand out
  assert.ok(coin.flown <= 20 * 30 + 900 + 300 * 2, `${coin.flown} episodes`);
});

test('a run without a goal that has reached 0.95 confirms another policy from time to time', async () => {
  const { coin } = await run(steady(0.99, 60), new Rng(9, 9), null);
  assert.ok(coin.flown <= 60 * 100 + 900 * 9, `${coin.flown} episodes`); // 1.44 M steps: one in 200 000, and the last
});

test('two sets pooled are what one set of both episodes would be', () => {
  const set = (successes: number, episodes: number): Evaluation =>
    summarise(
      Array.from({ length: episodes }, (_, i) => given(i < successes)),
      9,
    );
  const both = pooled(set(290, 300), set(565, 600));
  const one = set(855, 900);
  assert.is(both.episodes, 900);
  near(both.successRate, 0.95, 1e-12);
  near(both.successCi95[0], one.successCi95[0], 1e-12);
  near(both.successCi95[1], one.successCi95[1], 1e-12);
  near(both.positionRmseM, one.positionRmseM, 1e-12);
  near(both.crashRate, one.crashRate, 1e-12);
});

test.run();
