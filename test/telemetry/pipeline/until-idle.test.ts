import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { untilIdle } from '../../../src/telemetry/pipeline/until-idle.ts';
import { marbles } from './given-events.ts';

function expect(source: string, expected: string, idleMs = 5): number {
  let idle = 0;
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold(source).pipe(untilIdle(idleMs, () => idle++))).toBe(expected);
  });
  return idle;
}

test('completes once nothing has come for so long, and says that this was the reason', () => {
  assert.is(expect('--a--b----------c', '--a--b----|'), 1);
  assert.is(expect('-', '-----|'), 1);
  assert.is(expect('-a', '-a----|'), 1);
});

test('a source that ends by itself was not idle', () => {
  assert.is(expect('|', '|'), 0);
  assert.is(expect('--a-|', '--a-|'), 0);
  assert.is(expect('a---b---c---|', 'a---b---c---|'), 0);
  assert.is(expect('--#', '--#'), 0);
});

test('without a limit it waits for ever', () => {
  assert.is(expect('a 500ms b', 'a 500ms b', Number.POSITIVE_INFINITY), 0);
});

test('early unsubscribe reaches the source and stops the timer', () => {
  let idle = 0;
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a-----');
    expectObservable(source.pipe(untilIdle(3, () => idle++)), '^-!').toBe('-a');
    expectSubscriptions(source.subscriptions).toBe('^-!');
  });
  assert.is(idle, 0);
});

test.run();
