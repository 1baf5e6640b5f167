import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { Minibatches } from '../../src/transfer/minibatches.ts';
import { near } from '../given.ts';

/** Sample `i` observes `i`. */
const given = (n: number, shift = 0) => ({
  obs: Float32Array.from({ length: n }, (_, i) => i + shift),
  actions: new Float32Array(4 * n),
  n,
});
const drawn = (n: number, samples: number, batch: number) => {
  const seen: number[] = [];
  for (const [logged] of new Minibatches(given(n), null, 0, new Rng(1)).ofEpoch(samples, batch))
    seen.push(...logged.obs);
  return seen;
};

test('few samples are taken several times each, many only in part', () => {
  const few = drawn(10, 40, 5);
  assert.is(few.length, 40);
  for (let i = 0; i < 10; i++) assert.is(few.filter((x) => x === i).length, 4);
  const many = drawn(100, 25, 5);
  assert.ok(many.length >= 20 && new Set(many).size === many.length);
  assert.is(new Set(many.map((x) => x % 4)).size, 1, 'every fourth');
});

test('states of the source task come beside, in their share and with their weight', () => {
  const batches = new Minibatches(given(8), given(3, 100), 0.5, new Rng(1));
  for (const [logged, source] of batches.ofEpoch(8, 4)) {
    assert.equal([logged.n, logged.weight, source.n, source.weight], [4, 1, 2, 0.5]);
    assert.ok(source.obs.every((x) => x >= 100) && logged.obs.every((x) => x < 8));
  }
});

test('jitter disturbs logged samples by its own standard deviation each time, and no states of the source task', () => {
  const n = 4000;
  const logged = { obs: new Float32Array(2 * n).fill(3), actions: new Float32Array(4 * n), n };
  const source = { obs: new Float32Array(2).fill(7), actions: new Float32Array(4), n: 1 };
  const batches = new Minibatches(logged, source, 1, new Rng(1), Float32Array.of(0.5, 0));
  const seen: number[] = [];
  for (const [flown, rehearsed] of batches.ofEpoch(n, 500)) {
    seen.push(...flown.obs.filter((_, k) => k % 2 === 0));
    assert.ok(flown.obs.every((x, k) => k % 2 === 0 || x === 3) && rehearsed.obs.every((x) => x === 7));
  }
  const mean = seen.reduce((sum, x) => sum + x, 0) / n;
  const std = Math.sqrt(seen.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
  near(mean, 3, (4 * 0.5) / Math.sqrt(n), 'mean'); // four standard errors
  near(std, 0.5, (4 * 0.5) / Math.sqrt(2 * n), 'standard deviation');
});

test.run();
