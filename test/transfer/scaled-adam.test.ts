import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScaledAdam } from '../../src/transfer/scaled-adam.ts';
import { near } from '../given.ts';

const movement = { scales: Float32Array.of(1, 10), rate: 1, decays: false };

test('the first step is one learning rate of each weight’s scale, against the gradient', () => {
  const weights = [Float32Array.of(3, 3)];
  new ScaledAdam([movement]).step(weights, [Float32Array.of(0.2, -5)], 0.01, 0);
  near(weights[0][0], 3 - 0.01, 1e-6);
  near(weights[0][1], 3 + 0.1, 1e-6);
});

/** Two steps by hand: m = 0.1 g1 then 0.9·0.1 g1 + 0.1 g2, v alike with 0.001, both corrected for their start at 0. */
test('the second step is that of the paper', () => {
  const [g1, g2, lr] = [0.5, -0.1, 0.01];
  const weights = [Float32Array.of(1)];
  const adam = new ScaledAdam([{ scales: Float32Array.of(1), rate: 1, decays: false }]);
  adam.step(weights, [Float32Array.of(g1)], lr, 0);
  adam.step(weights, [Float32Array.of(g2)], lr, 0);
  const m = (0.09 * g1 + 0.1 * g2) / (1 - 0.9 ** 2);
  const v = (0.000999 * g1 ** 2 + 0.001 * g2 ** 2) / (1 - 0.999 ** 2);
  near(weights[0][0], 1 - lr - (lr * m) / Math.sqrt(v), 1e-6);
});

test('weight decay shrinks kernels by its share of a step, and nothing else', () => {
  const weights = [Float32Array.of(2), Float32Array.of(2)];
  const still = [Float32Array.of(0), Float32Array.of(0)];
  const scales = Float32Array.of(1);
  const adam = new ScaledAdam([
    { scales, rate: 1, decays: true },
    { scales, rate: 1, decays: false },
  ]);
  adam.step(weights, still, 0.1, 0.5);
  near(weights[0][0], 2 * (1 - 0.1 * 0.5), 1e-6);
  assert.is(weights[1][0], 2);
});

test('at rate 0 nothing moves, decay or not', () => {
  const weights = [Float32Array.of(2)];
  const frozen = { scales: Float32Array.of(1), rate: 0, decays: true };
  new ScaledAdam([frozen]).step(weights, [Float32Array.of(1)], 0.1, 0.5);
  assert.is(weights[0][0], 2);
});

test.run();
