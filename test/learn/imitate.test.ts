import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { MlpInference } from '../../policies/inference.ts';
import { createMlp, type Mlp, mlpWeights } from '../../policies/mlp.ts';
import { sharedKernelBytes } from '../../src/backend/kernels.ts';
import { defaultConfig } from '../../src/learn/config.ts';
import { Demonstrations, demonstrationMemory } from '../../src/learn/demonstrations.ts';
import { imitate } from '../../src/learn/imitate.ts';
import { near } from '../given.ts';

const SHAPE = { R: 3, T: 16, N: 24, O: 5, A: 2, hidden: [12] };
const EACH = SHAPE.T * SHAPE.N;

function outputs(mlp: Mlp, x: Float32Array): Float32Array {
  const n = x.length / SHAPE.O;
  const out = new Float32Array(n * SHAPE.A);
  new MlpInference(mlp, n).run(x, n, out);
  return out;
}

/** Demonstrations by another network, of which the last rollout is not there yet: what lies in its place is wrong. */
function given(): Demonstrations {
  const rng = new Rng(7);
  const memory = new Demonstrations(SHAPE, demonstrationMemory(SHAPE), sharedKernelBytes()!);
  memory.obs.forEach((_, k) => {
    memory.obs[k] = rng.normal();
  });
  memory.actions.set(outputs(createMlp([5, 12, 2], new Rng(1)), memory.obs));
  memory.actions.fill(100, 2 * EACH * SHAPE.A);
  memory.actor.load(createMlp([5, 12, 2], new Rng(2)), [0, 0]);
  memory.draws.set(new Rng(3).state);
  return memory;
}

const learn = { ...defaultConfig('hover').learn, minibatch: 96, epochs: 60 };

test('it learns what was shown, of the rollouts that are there alone', () => {
  const memory = given();
  const first = imitate(memory, { ...learn, epochs: 1 }, 1e-9, 2).loss;
  imitate(memory, learn, 0.01, 2);
  imitate(memory, learn, 0.001, 2);
  const { loss } = imitate(memory, { ...learn, epochs: 1 }, 1e-9, 2);
  assert.ok(loss < 0.01 * first, `${loss} of ${first}`);
});

test('its loss is the mean square of the difference', () => {
  const memory = given();
  const flown = outputs(memory.actor.mlp(), memory.obs.slice(0, 2 * EACH * SHAPE.O));
  const squares = [0, 0];
  flown.forEach((action, k) => {
    squares[k % 2] += (action - memory.actions[k]) ** 2 / (2 * EACH);
  });
  const stats = imitate(memory, { ...learn, epochs: 100 }, 1e-12, 2); // minibatches are drawn: 38 400 of 768 samples
  stats.squares.forEach((square, a) => near(square, squares[a], 0.03 * squares[a], `component ${a}`));
  near(stats.loss, (stats.squares[0] + stats.squares[1]) / 2, 1e-9);
});

test('EWC holds the weights that its Fisher information names, and no others', () => {
  const moved = (lambda: number) => {
    const memory = given();
    const before = mlpWeights(memory.actor.mlp());
    const fisher = before.map((array, i) => new Float32Array(array.length).fill(i === 0 ? 1 : 0));
    imitate(memory, { ...learn, ewc: lambda }, 0.01, 2, [{ weights: before, fisher }]);
    const after = mlpWeights(memory.actor.mlp());
    return [0, 2].map((i) => Math.hypot(...after[i].map((value, k) => value - before[i][k])));
  };
  const [free, held] = [moved(0), moved(1000)];
  assert.ok(held[0] < 0.03 * free[0], `${held[0]} of ${free[0]}`);
  assert.ok(held[1] > 0.3 * free[1], `${held[1]} of ${free[1]}`);
});

test.run();
