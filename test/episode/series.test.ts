import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keepAscending, SeriesBuilder } from '../../src/episode/index.ts';

const kept = (times: number[]) => times.filter((_, i) => keepAscending(times)[i]);

test('times in order are all kept', () => {
  assert.equal(kept([0, 1, 2, 3]), [0, 1, 2, 3]);
  assert.equal(kept([]), []);
});

test('a repeated or earlier time goes, the rest stays', () => {
  assert.equal(kept([0, 1, 1, 2, 1.5, 3]), [0, 1, 2, 3]);
});

test('one time far ahead goes by itself', () => {
  assert.equal(kept([0, 1, 9e9, 2, 3]), [0, 1, 2, 3]);
  assert.equal(kept([9e9, 1, 2, 3]), [1, 2, 3]);
});

test('a time that is no number goes', () => {
  assert.equal(kept([0, Number.NaN, 1, Number.POSITIVE_INFINITY, 2]), [0, 1, 2]);
});

test('a series counts what it leaves out', () => {
  const builder = new SeriesBuilder('velocity');
  builder.push(10, [1, 2, 3]);
  builder.push(11, [1, Number.NaN, 3]);
  builder.push(12, [4, 5, 6]);
  builder.push(12, [7, 8, 9]);
  const { time, columns } = builder.finish(10);
  assert.equal(Array.from(time), [0, 2]);
  assert.equal(
    columns.map((c) => Array.from(c)),
    [
      [1, 4],
      [2, 5],
      [3, 6],
    ],
  );
  assert.is(builder.dropped, 2);
});

test('a pose without a rotation is dropped', () => {
  const builder = new SeriesBuilder('pose');
  assert.is(builder.push(0, [1, 2, 3, 0, 0, 0, 0]), false);
  assert.is(builder.push(1, [1, 2, 3, 0, 0, 0.6, -0.8]), true);
  assert.is(builder.dropped, 1);
});

test.run();
