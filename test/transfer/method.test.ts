import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { createMlp } from '../../policies/mlp.ts';
import { layerRates, parseMethod, startOf } from '../../src/transfer/method.ts';

test('each name says which layers learn', () => {
  assert.equal(layerRates(3, parseMethod('full', 3), 1), [1, 1, 1]);
  assert.equal(layerRates(3, parseMethod('head', 3), 1), [0, 0, 1]);
  assert.equal(layerRates(3, parseMethod('freeze:1', 3), 1), [0, 1, 1]);
  assert.equal(layerRates(3, parseMethod('full', 3), 0.5), [0.25, 0.5, 1]);
});

test('a new head starts anew, everything below it where it was', () => {
  const source = createMlp([3, 4, 2], new Rng(1));
  const start = startOf(source, parseMethod('head', 2), new Rng(2));
  assert.equal(start.kernels[0], source.kernels[0]);
  assert.not.equal(start.kernels[1], source.kernels[1]);
  assert.is(startOf(source, parseMethod('freeze:1', 2), new Rng(2)), source);
});

test('what leaves nothing to learn, or is no method, is refused by name', () => {
  assert.throws(() => parseMethod('freeze:3', 3), /freeze:K with K below 3.*got freeze:3/);
  assert.throws(() => parseMethod('freeze', 3), /expected full, head, freeze:K or sweep, got freeze/);
});

test.run();
