import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonalFisher } from '../../policies/fisher.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import { activateBackend } from '../../src/backend/index.ts';
import { type CloneSettings, type CloneTask, cloneFlights, stopEpoch } from '../../src/transfer/clone.ts';
import { measureGap } from '../../src/transfer/gap.ts';
import { flightMeanError, policyError } from '../../src/transfer/errors.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { flyAlong } from '../../src/transfer/self-fed.ts';
import { givenPolicy, givenVehicle } from '../given.ts';
import { givenFlight } from './given-samples.ts';

test.before(() => activateBackend('wasm'));

const vehicle = givenVehicle();
const policy = givenPolicy();
const trim = [0.03, -0.02, 0, -0.01];
const flights = [1, 2, 3].map((seed) =>
  flightSamples(givenFlight(vehicle, { name: `f${seed}`, seed, seconds: 8, trim }), 100, vehicle.battery.nominal_V),
);
const { obs } = flyAlong(policy.contract, policy.actor, flights);
const n = obs.length / policy.contract.observation.size;
const fisher = diagonalFisher(policy.actor, policy.contract.action.std, obs, n);
const task: CloneTask = {
  contract: policy.contract,
  map: vehicle.command,
  train: flights.slice(0, 2),
  validation: flights.slice(2),
  anchors: [{ weights: mlpWeights(policy.actor), fisher }],
  source: null,
  gap: null,
};
const settings: CloneSettings = {
  method: 'full',
  layerDecay: 1,
  epochs: 8,
  batch: 128,
  samplesPerEpoch: 1200,
  learningRate: 1e-3,
  ewcLambda: 0,
  l2spLambda: 0,
  rehearsal: 0,
  jitter: 0,
  trims: 0,
  dropout: 0,
  weightDecay: 0,
  augment: false,
  seed: 1,
};

function moved(a: Float32Array[], b: Float32Array[]): number {
  let square = 0;
  a.forEach((array, i) => {
    for (let k = 0; k < array.length; k++) square += (array[k] - b[i][k]) ** 2;
  });
  return Math.sqrt(square);
}

test('learns flights that it can learn: below each flight’s own mean, on one it never saw', async () => {
  const { actor } = await cloneFlights(policy.actor, task, { ...settings, epochs: 40 });
  const before = policyError(policy.contract, policy.actor, task.map, flights.slice(2)).actionMse;
  const after = policyError(policy.contract, actor, task.map, flights.slice(2)).actionMse;
  assert.ok(after < 0.2 * before, `${after} of ${before}`);
  const mean = flightMeanError(flights.slice(2)).actionMse;
  assert.ok(after < 1.5 * mean, `${after} against the oracle's ${mean}`);
});

test('the same seed gives the same bytes, another one others', async () => {
  const run = async (seed: number) =>
    mlpWeights((await cloneFlights(policy.actor, task, { ...settings, epochs: 2, seed })).actor);
  const first = await run(1);
  assert.equal(await run(1), first);
  assert.not.equal(await run(2), first);
});

test('a lambda of zero is plain cloning, anchor or not', async () => {
  const with0 = await cloneFlights(policy.actor, task, { ...settings, epochs: 2 });
  const without = await cloneFlights(policy.actor, { ...task, anchors: [] }, { ...settings, epochs: 2 });
  assert.equal(mlpWeights(with0.actor), mlpWeights(without.actor));
});

test('the larger lambda, the nearer the weights stay, in Fisher’s measure', async () => {
  const distances: number[] = [];
  for (const ewcLambda of [0, 1, 100]) {
    const { metrics, actor } = await cloneFlights(
      policy.actor,
      { ...task, validation: [] },
      { ...settings, ewcLambda },
    );
    if (ewcLambda > 0) assert.ok(metrics[0].ewcPenalty > 0, 'the penalty is not silently zero');
    let sum = 0;
    mlpWeights(actor).forEach((array, i) => {
      for (let k = 0; k < array.length; k++) sum += fisher[i][k] * (array[k] - task.anchors[0].weights[i][k]) ** 2;
    });
    distances.push(sum);
  }
  assert.ok(distances[0] > 3 * distances[1] && distances[1] > 3 * distances[2], distances.join());
});

test('with an overwhelming lambda nothing that mattered moves', async () => {
  const everything = fisher.map((array) => new Float32Array(array.length).fill(1));
  const anchor = { weights: task.anchors[0].weights, fisher: everything };
  const slow = { ...settings, learningRate: 1e-4 };
  const free = await cloneFlights(policy.actor, { ...task, validation: [] }, slow);
  const held = await cloneFlights(
    policy.actor,
    { ...task, validation: [], anchors: [anchor] },
    { ...slow, ewcLambda: 1e6 },
  );
  const [a, b] = [free, held].map(({ actor }) => moved(mlpWeights(actor), mlpWeights(policy.actor)));
  assert.ok(b < 0.2 * a, `${b} against ${a} without`);
});

test('rehearsal keeps the actions in the source task’s states', async () => {
  const far = obs.map((x, k) => -x + Math.sin(k)); // states unlike those of the flights
  const actions = new Float32Array(n * 4).fill(0.25);
  const rehearse = { ...task, validation: [], source: { obs: far, actions, n } };
  const errors: number[] = [];
  for (const rehearsal of [0, 1]) {
    const { actor } = await cloneFlights(policy.actor, rehearse, { ...settings, rehearsal });
    const { MlpInference } = await import('../../policies/inference.ts');
    const out = new Float32Array(n * 4);
    new MlpInference(actor, n).run(far, n, out);
    errors.push(out.reduce((sum, x) => sum + (x - 0.25) ** 2, 0) / out.length);
  }
  assert.ok(errors[1] < 0.3 * errors[0], errors.join());
});

const learnt = async (change: Partial<CloneSettings>, its: Partial<CloneTask> = {}) =>
  (await cloneFlights(policy.actor, { ...task, validation: [], ...its }, { ...settings, epochs: 3, ...change })).actor;

test('frozen layers stay as they are, to the bit, and the others learn', async () => {
  const source = mlpWeights(policy.actor);
  for (const [method, frozen] of [
    ['head', 4],
    ['freeze:2', 4],
    ['freeze:1', 2],
    ['freeze:0', 0],
  ] as const) {
    const weights = mlpWeights(await learnt({ method, ewcLambda: 0.1, l2spLambda: 0.1, weightDecay: 1, dropout: 0.1 }));
    weights.forEach((array, i) => {
      const same = array.every((x, k) => Object.is(x, source[i][k]));
      assert.is(same, i < frozen, `${method}, weights ${i}`);
    });
  }
});

test('freeze:0 is full', async () => {
  assert.equal(mlpWeights(await learnt({ method: 'freeze:0' })), mlpWeights(await learnt({})));
});

test('with layer-wise decay the lower layers move less', async () => {
  const far = async (layerDecay: number) => {
    const weights = mlpWeights(await learnt({ layerDecay }));
    return moved([weights[0]], [mlpWeights(policy.actor)[0]]);
  };
  assert.ok((await far(0.1)) < 0.3 * (await far(1)));
});

test('L2-SP holds all weights, the more the larger its λ', async () => {
  const far = async (l2spLambda: number) => moved(mlpWeights(await learnt({ l2spLambda })), mlpWeights(policy.actor));
  const [free, held] = [await far(0), await far(100)];
  assert.ok(held < 0.5 * free, `${held} of ${free}`);
});

test('weight decay makes kernels smaller', async () => {
  const size = async (weightDecay: number) => {
    const kernels = mlpWeights(await learnt({ weightDecay })).filter((_, i) => i % 2 === 0);
    return moved(
      kernels,
      kernels.map((kernel) => new Float32Array(kernel.length)),
    );
  };
  assert.ok((await size(10)) < 0.9 * (await size(0)));
});

test('dropout, jitter, trims and augmentation change what is learnt, and the seed repeats it', async () => {
  const plain = mlpWeights(await learnt({}));
  const gap = measureGap(flights, vehicle);
  for (const change of [{ dropout: 0.2 }, { jitter: 1 }, { trims: 12 }, { augment: true }]) {
    const first = mlpWeights(await learnt(change, { gap }));
    assert.not.equal(first, plain);
    assert.equal(mlpWeights(await learnt(change, { gap })), first);
  }
});

/** One task per anchor: each holds what its Fisher information speaks of. */
test('several anchors hold at once', async () => {
  const split = [0, 1].map((part) => fisher.map((array) => array.map((x, k) => (k % 2 === part ? 100 * x : 0))));
  const weights = mlpWeights(policy.actor);
  const both = [
    { weights, fisher: split[0] },
    { weights, fisher: split[1] },
  ];
  const one = [{ weights, fisher: fisher.map((array) => array.map((x) => 100 * x)) }];
  const distance = async (anchors: CloneTask['anchors']) =>
    moved(mlpWeights(await learnt({ ewcLambda: 1 }, { anchors })), weights);
  const [held, half, whole] = [await distance(both), await distance([both[0]]), await distance(one)];
  assert.ok(Math.abs(held - whole) < 1e-3 * whole, 'together they are the whole');
  assert.ok(half > 1.2 * held, 'one of them is half');
});

test('without validation flights the last epoch stands', async () => {
  const last = await cloneFlights(policy.actor, { ...task, validation: [] }, { ...settings, epochs: 3 });
  assert.is(last.bestEpoch, 3);
});

test('with validation flights the last epoch that is not clearly worse than the best one stands', () => {
  assert.is(stopEpoch([9, 5, 1, 1.1, 1.3]), 3);
  assert.is(stopEpoch([1, 5, 6]), 0, 'before the first, if nothing helped');
});

test.run();
