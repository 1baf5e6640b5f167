import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nominalAirframe } from '../../envs/airframe.ts';
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { breakDown } from '../../src/evaluate/breakdown.ts';
import { dependences } from '../../src/evaluate/dependence.ts';
import { evaluatePolicy } from '../../src/evaluate/evaluate.ts';
import { FACTORS, factorsAtStart } from '../../src/evaluate/factors.ts';
import { givenEnv, givenPolicy, givenVehicle, near } from '../given.ts';

const vehicle = givenVehicle();
const ranges = DEFAULT_RANDOMISATION;

/** Episodes whose latency [ms] is as given, all else in the middle; those of up to 12 ms succeed. */
function givenResults(latencies: number[]) {
  const middle = FACTORS.map((factor) => {
    const edges = factor.edges(ranges, vehicle);
    return (edges[0] + edges.at(-1)!) / 2;
  });
  const at = FACTORS.findIndex(({ name }) => name === 'latency_ms');
  return latencies.map((latency) => ({
    success: latency <= 12,
    crash: latency > 12,
    steps: 500,
    squaredErrorSum: 1,
    factors: middle.map((value, k) => (k === at ? latency : value)),
  }));
}

test('episodes are counted into the bin where they belong; what lies outside goes to the ends', () => {
  const found = breakDown(givenResults([-1, 0, 4.99, 5, 11, 14, 15, 20, 25]), vehicle, ranges);
  assert.equal(
    found.map(({ factor }) => factor),
    ['latency_ms'],
    'what did not differ is left out',
  );
  assert.equal(
    found[0].bins.map(({ low, high, episodes, successRate }) => [low, high, episodes, successRate]),
    [
      [0, 5, 3, 1],
      [5, 10, 1, 1],
      [10, 15, 2, 0.5],
      [15, 20, 3, 0],
    ],
  );
  // Wilson's interval of 3 in 3 and 0 in 3: z²/(n + z²) from the far end
  near(found[0].bins[0].successCi95![0], 3 / (3 + 1.96 ** 2), 1e-3);
  near(found[0].bins[3].successCi95![1], 1.96 ** 2 / (3 + 1.96 ** 2), 1e-3);
});

test('a bin without episodes has no rate', () => {
  const [{ bins }] = breakDown(givenResults([1, 19]), vehicle, ranges);
  assert.equal(
    bins.map(({ episodes, successRate, successCi95 }) => [episodes, successRate, successCi95 === null]),
    [
      [1, 1, false],
      [0, null, true],
      [0, null, true],
      [1, 0, false],
    ],
  );
});

test('what success depends on is named with its best and worst bin, and not what chance explains', () => {
  const few = breakDown(givenResults([1, 19]), vehicle, ranges);
  assert.equal(dependences(few), []);
  const many = breakDown(givenResults(Array.from({ length: 200 }, (_, k) => k / 10)), vehicle, ranges);
  const [{ label, best, worst }] = dependences(many);
  assert.equal([label, best.successRate, worst.low, worst.successRate], ['latency', 1, 15, 0]);
});

test('edges ascend and span what is drawn: no episode of 2000 lies outside', () => {
  const env = givenEnv({ n: 2000, randomisation: ranges, seed: 7 });
  const values = Array.from({ length: env.n }, (_, i) => factorsAtStart(env, i));
  FACTORS.forEach((factor, k) => {
    const edges = factor.edges(ranges, vehicle);
    for (let e = 1; e < edges.length; e++) assert.ok(edges[e] > edges[e - 1], `${factor.name}: ${edges}`);
    const own = values.map((row) => row[k]);
    const rounding = 1e-9 * edges.at(-1)!;
    assert.ok(Math.min(...own) >= edges[0] - rounding, `${factor.name} from ${Math.min(...own)}`);
    assert.ok(Math.max(...own) <= edges.at(-1)! + rounding, `${factor.name} to ${Math.max(...own)}`);
    assert.ok(Math.max(...own) - Math.min(...own) > (edges.at(-1)! - edges[0]) / 2, `${factor.name} hardly differs`);
  });
  const tilt = FACTORS.findIndex(({ name }) => name === 'startTilt_deg');
  const mean = values.reduce((sum, row) => sum + row[tilt], 0) / values.length;
  near(mean, 45, (3 * 90) / Math.sqrt(12 * 2000), 'tilt, drawn evenly from 0 to 90°');
});

test('the nominal vehicle has nominal factors', () => {
  const env = givenEnv();
  const value = Object.fromEntries(factorsAtStart(env, 0).map((each, k) => [FACTORS[k].name, each]));
  for (const name of ['motorLag_ratio', 'thrust_ratio', 'weakestMotor_ratio', 'mass_ratio'])
    near(value[name], 1, 1e-12, name);
  near(value.latency_ms, 1000 * vehicle.latency_s, 1e-9);
  assert.is(value.wind_m_s, 0);
});

test('each factor reads what was drawn of the airframe', () => {
  const nominal = nominalAirframe(vehicle);
  const arm = Math.hypot(...vehicle.rotors[0].position_m.slice(0, 2)); // a square: all rotors are as far
  const airframe = {
    ...nominal,
    gust_m_s: 0.3,
    centreOfMass_m: [0.03 * arm, -0.04 * arm, 0.5] as [number, number, number],
    rest_V: vehicle.battery.empty_V + 0.25 * (vehicle.battery.full_V - vehicle.battery.empty_V),
    sagAtFullThrust_V: 1.2 * vehicle.battery.sagAtFullThrust_V,
    drain_ratio: 0.9,
    sensorDelay_ratio: 1.4,
    noise_ratio: 1.7,
    estimatorLag_s: 0.012,
  };
  const value = (name: string) =>
    FACTORS.find((factor) => factor.name === name)!.value({ airframe, tilt_rad: 0 }, vehicle);
  near(value('gust_m_s'), 0.3, 1e-12);
  near(value('centreOfMass_ratio'), 0.05, 1e-9, '3, 4, 5: the part along z is no lever');
  near(value('charge_percent'), 25, 1e-9);
  near(value('sag_ratio'), 1.2, 1e-12);
  near(value('drain_ratio'), 0.9, 1e-12);
  near(value('sensorDelay_ratio'), 1.4, 1e-12);
  near(value('noise_ratio'), 1.7, 1e-12);
  near(value('estimatorLag_ms'), 12, 1e-9);
});

test('a factor that the vehicle or the ranges leave at one value is left out, with no number that is none', () => {
  const still = { ...vehicle, estimator: { ...vehicle.estimator, lag_s: 0 } };
  const calm = { ...ranges, gust_m_s: [0, 0] as [number, number] };
  const env = givenEnv({ n: 50, randomisation: calm, seed: 7, vehicle: still });
  const results = Array.from({ length: env.n }, (_, i) => ({
    success: true,
    crash: false,
    steps: 500,
    squaredErrorSum: 1,
    factors: factorsAtStart(env, i),
  }));
  assert.ok(results.every(({ factors }) => factors.every(Number.isFinite)));
  const names = breakDown(results, still, calm).map(({ factor }) => factor);
  assert.equal(
    FACTORS.map(({ name }) => name).filter((name) => !names.includes(name)),
    ['gust_m_s', 'estimatorLag_ms'],
  );
});

test('the breakdown adds up to the evaluation, whatever the number of threads, and costs it nothing', async () => {
  const options = { task: 'hover', vehicle, randomisation: ranges, seed: 3, episodes: 30 };
  const policy = givenPolicy();
  const [one, three] = await Promise.all(
    [1, 3].map((workers) => evaluatePolicy(policy, { ...options, factors: true, workers })),
  );
  assert.equal(three, one);
  const { breakdown, ...rest } = one;
  assert.equal(rest, await evaluatePolicy(policy, options), 'the same episodes are flown');
  assert.ok(breakdown!.length >= 6);
  for (const { bins } of breakdown!) {
    assert.is(
      bins.reduce((sum, { episodes }) => sum + episodes, 0),
      30,
    );
    const successes = bins.reduce((sum, bin) => sum + bin.episodes * (bin.successRate ?? 0), 0);
    near(successes / 30, one.successRate, 1e-12);
  }
});

test.run();
