import { map } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Window, window } from '../../../src/telemetry/pipeline/window.ts';
import { marbles, row } from './given-events.ts';

const rows = {
  0: row(0),
  1: row(1),
  2: row(2),
  3: row(3),
  4: row(4),
  x: row(2, false),
  p: row(0, true, 'b'),
  q: row(1, true, 'b'),
};
/** A window as the indices of its rows, `a01` for rows 0 and 1 of flight a. */
const named = map((w: Window) => `${w.flight}${w.rows.map(({ index }) => index).join('')}`);

function expect(source: string, expected: string, names: Record<string, string>, length = 2, hop?: number): void {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold(source, rows).pipe(window(length, hop), named)).toBe(expected, names);
  });
}

test('empty, never, one and error', () => {
  expect('|', '|', {});
  expect('-', '-', {});
  expect('-0-|', '---|', {});
  expect('-0-1-#', '---w-#', { w: 'a01' });
  expect('-0-#', '---#', {});
});

test('windows follow each other, overlap or leave rows out, as the hop says', () => {
  expect('0-1-2-3-|', '--a---b-|', { a: 'a01', b: 'a23' });
  expect('0-1-2-3-|', '--a-b-c-|', { a: 'a01', b: 'a12', c: 'a23' }, 2, 1);
  expect('0-1-2-3-4-|', '--a-----b-|', { a: 'a01', b: 'a34' }, 2, 3);
});

test('no window holds an invalid row or bridges a skipped one', () => {
  expect('0-1-x-3-4-|', '--a-----b-|', { a: 'a01', b: 'a34' });
  expect('0-x-3-|', '------|', {});
  expect('0-2-3-|', '----a-|', { a: 'a23' });
});

test('flights that come at the same time are kept apart', () => {
  expect('0-p-1-q-|', '----a-b-|', { a: 'a01', b: 'b01' });
});

test('early unsubscribe reaches the source', () => {
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('0-1-2-3', rows);
    expectObservable(source.pipe(window(2), named), '^---!').toBe('--a', { a: 'a01' });
    expectSubscriptions(source.subscriptions).toBe('^---!');
  });
});

test('a length or hop that is no whole number from 1 is refused', () => {
  assert.throws(() => window(0), /length/);
  assert.throws(() => window(2, 0.5), /hop/);
});

test.run();
