import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batch } from '../../../src/telemetry/pipeline/batch.ts';
import { marbles } from './given-events.ts';

test('full batches at once, the rest at the end', () => {
  marbles(({ cold, expectObservable }) => {
    const full = { x: ['a', 'b'], y: ['c', 'd'], z: ['e'] };
    expectObservable(cold('--a--b--c--d--e--|').pipe(batch(2))).toBe('-----x-----y-----(z|)', full);
    expectObservable(cold('--a--b--|').pipe(batch(2))).toBe('-----x--|', full);
  });
});

test('empty, never and one', () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('|').pipe(batch(2))).toBe('|');
    expectObservable(cold('-').pipe(batch(2))).toBe('-');
    expectObservable(cold('-a-|').pipe(batch(2))).toBe('---(x|)', { x: ['a'] });
  });
});

test('what waits when the source fails is dropped', () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('-a-#').pipe(batch(2))).toBe('---#');
  });
});

test('a value waits no longer than it may, counted from the first of its batch', () => {
  marbles(({ cold, expectObservable }) => {
    const source = cold('a--b-----c---d-|');
    expectObservable(source.pipe(batch(9, { maxWaitMs: 5 }))).toBe('-----x--------y|', {
      x: ['a', 'b'],
      y: ['c', 'd'],
    });
  });
});

test('a batch that fills does not leave its timer behind', () => {
  marbles(({ cold, expectObservable }) => {
    const source = cold('ab--c------|');
    expectObservable(source.pipe(batch(2, { maxWaitMs: 5 }))).toBe('-x-------y-|', { x: ['a', 'b'], y: ['c'] });
  });
});

test('early unsubscribe reaches the source and stops the timer', () => {
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a----');
    expectObservable(source.pipe(batch(2, { maxWaitMs: 3 })), '^-!').toBe('------');
    expectSubscriptions(source.subscriptions).toBe('^-!');
  });
});

test('a size that is no whole number from 1 is refused', () => {
  for (const size of [0, -1, 1.5, Number.NaN]) assert.throws(() => batch(size), /size/);
});

test.run();
