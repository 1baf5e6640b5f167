import * as tf from '@tensorflow/tfjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { sharedKernelBytes } from '../../src/backend/kernels.ts';
import { selectBackend } from '../../src/backend/index.ts';
import { defaultConfig } from '../../src/learn/config.ts';
import { updateActor, updateCritic } from '../../src/learn/kernel-updates.ts';
import { LearningMemory, sharedMemory } from '../../src/learn/learning-memory.ts';
import { type Networks, newNetworks } from '../../src/learn/networks.ts';
import { Rollout } from '../../src/learn/rollout.ts';
import { TensorPpo } from '../../src/learn/tensor-ppo.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import { near } from '../given.ts';

const shape = { T: 8, N: 40, O: 5, P: 3, A: 2 };
const hidden = [12, 8];
const learn = { ...defaultConfig('hover').learn, hidden, minibatch: 150, epochs: 3, entropyCoef: 0.01 };
const learningRate = 3e-3;

function fill(rollout: Rollout): void {
  const rng = new Rng(11);
  for (const array of [rollout.obs, rollout.criticObs, rollout.actions, rollout.advantages, rollout.returns])
    for (let i = 0; i < array.length; i++) array[i] = rng.normal();
  for (let i = 0; i < rollout.logProbs.length; i++) rollout.logProbs[i] = -2 - 0.5 * rng.uniform();
}

const orders = () => ({ actor: new Rng(1, 2), critic: new Rng(1, 3) });

function givenMemory(networks: Networks): LearningMemory {
  const memory = new LearningMemory(
    { rollout: shape, hidden },
    sharedMemory({ rollout: shape, hidden }),
    sharedKernelBytes()!,
  );
  fill(memory.rollout);
  memory.actor.load(networks.actor, networks.logStd);
  memory.critic.load(networks.critic);
  memory.shuffles.actor.set(orders().actor.state);
  memory.shuffles.critic.set(orders().critic.state);
  return memory;
}

test('two updates by the kernels are those by TF.js within float error, whatever part of a minibatch is taken', async () => {
  await selectBackend('cpu');
  const networks = newNetworks(shape, hidden, 0.5, new Rng(4));
  const memory = givenMemory(networks);
  const rollout = new Rollout(shape);
  fill(rollout);
  const tensors = new TensorPpo(networks, learn, rollout, orders());
  for (let k = 0; k < 2; k++) {
    const expected = await tensors.update(learningRate);
    const actor = updateActor(memory, learn, learningRate);
    const critic = updateCritic(memory, learn, learningRate);
    near(actor.policyLoss, expected.policyLoss, 1e-4, 'policy loss');
    near(actor.approxKl, expected.approxKl, 1e-4, 'KL');
    near(actor.clipFraction, expected.clipFraction, 2e-3, 'clip fraction');
    near(critic.valueLoss, expected.valueLoss, 1e-4, 'value loss');
  }
  const after = await tensors.networks();
  const pairs = [
    [memory.actor.mlp(), after.actor, networks.actor],
    [memory.critic.mlp(), after.critic, networks.critic],
  ] as const;
  for (const [mine, theirs, before] of pairs)
    mlpWeights(mine).forEach((weights, w) => {
      let moved = 0;
      weights.forEach((x, i) => {
        near(x, mlpWeights(theirs)[w][i], 3e-4, `weight ${w}, ${i}`);
        moved = Math.max(moved, Math.abs(x - mlpWeights(before)[w][i]));
      });
      assert.ok(moved > 5e-3, `weights ${w} learn`);
    });
  after.logStd.forEach((x, a) => near(memory.actor.weights.at(-1)![a], x, 3e-4, `logStd ${a}`));
  tf.disposeVariables();
});

test('what was saved goes on with the same bits', () => {
  const networks = newNetworks(shape, hidden, 0.5, new Rng(4));
  const [one, other] = [givenMemory(networks), givenMemory(networks)];
  updateActor(one, learn, learningRate);
  other.actor.restore(one.actor.state());
  other.shuffles.actor.set(one.shuffles.actor);
  for (const memory of [one, other]) updateActor(memory, learn, learningRate);
  assert.equal(other.actor.state(), one.actor.state());
  assert.throws(() => other.actor.restore(one.critic.state()), /state\[0\]: expected \d+ numbers, got \d+/);
});

test('EWC holds the actor: the heavier, the nearer to where it was, weight by weight as its Fisher information says', () => {
  const networks = newNetworks(shape, hidden, 0.5, new Rng(4));
  const weights = mlpWeights(networks.actor);
  const anchor = { weights, fisher: weights.map((array, i) => array.map(() => (i === 0 ? 1 : 0))) };
  const moved = (ewc: number) => {
    const memory = givenMemory(networks);
    for (let k = 0; k < 5; k++) updateActor(memory, { ...learn, ewc }, learningRate, [anchor]);
    const now = mlpWeights(memory.actor.mlp());
    return now.map((array, i) => Math.hypot(...array.map((weight, k) => weight - weights[i][k])));
  };
  const [free, held, fast] = [0, 1, 1000].map(moved);
  assert.ok(held[0] < 0.7 * free[0], `${held[0]} of ${free[0]}`);
  assert.ok(fast[0] < 0.5 * held[0], `${fast[0]} of ${held[0]}`);
  assert.ok(held[2] > 0.5 * free[2], 'weights that the source task does not need are free');
});

test.run();
