import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { createMlp } from '../../policies/mlp.ts';
import { stepScales } from '../../src/transfer/step-scales.ts';
import { near } from '../given.ts';

const mlp = createMlp([2, 1], new Rng(1));
const n = 200;
/** The second field is ten times smaller. */
const obs = new Float32Array(n * 2).map((_, k) => (k % 2 === 0 ? 1 : 0.1) * (k % 4 < 2 ? 1 : -1));

test('a field ten times smaller gets steps ten times longer', () => {
  const [kernel, bias] = stepScales(mlp, [0.3], obs, [], 0);
  near(bias[0], 1, 1e-3, 'an output’s bias');
  near(kernel[0], 1, 1e-3, 'a field of unit size');
  near(kernel[1], 10, 0.6, 'the small field');
});

test('what the source task holds moves as little as it allows', () => {
  const fisher = [Float32Array.of(0, 1e4), Float32Array.of(0)];
  const [kernel] = stepScales(mlp, [0.3], obs, [fisher], 2);
  near(kernel[1], 1 / Math.sqrt(2e4 * 0.09), 1e-3);
  assert.is(kernel[0], stepScales(mlp, [0.3], obs, [], 0)[0][0]);
});

test('a weight that nothing depends on has a bound', () => {
  const still = new Float32Array(n * 2);
  const [kernel] = stepScales(mlp, [0.3], still, [], 0);
  assert.ok(kernel.every((scale) => scale > 1 && scale < 100));
});

test.run();
