import { take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decode } from '../../../src/telemetry/pipeline/decode.ts';
import { writeData, writeFrame } from '../../../src/telemetry/protocols/windhover.ts';
import { end, marbles, sample } from './given-events.ts';

const data = writeData('a', 7, [
  { topic: 'battery', t: 0.5, values: [4] },
  { topic: 'battery', t: 0.6, values: [3.9] },
]);
const frames = {
  d: { text: data, at: 9 },
  e: { text: writeFrame(end('a', 9) as never), at: 9 },
  h: { text: '{"op":"hello","version":1,"role":"hub"}', at: 9 },
  x: { text: 'what?', at: 9 },
  y: {
    text: '{"op":"data","flight":"a","seq":7,"messages":[{"topic":"battery","t":0.5,"values":[]},{"topic":"battery","t":0.6,"values":[3.9]}]}',
    at: 9,
  },
};
const events = { a: sample('battery', 0.5, [4], 9, 7), b: sample('battery', 0.6, [3.9], 9, 8), e: end('a', 9) };

test('a data frame becomes its samples, numbered and with their arrival', () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('-d------e-|', frames).pipe(decode())).toBe('-(ab)---e-|', events);
  });
});

test('empty, never, one and error', () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('|', frames).pipe(decode())).toBe('|');
    expectObservable(cold('-', frames).pipe(decode())).toBe('-');
    expectObservable(cold('-e-|', frames).pipe(decode())).toBe('-e-|', events);
    expectObservable(cold('-e-#', frames).pipe(decode())).toBe('-e-#', events);
  });
});

test('what is no telemetry is left out, what cannot be read is told', () => {
  const problems: string[] = [];
  marbles(({ cold, expectObservable }) => {
    const source = cold('-h-x-y-|', frames);
    expectObservable(source.pipe(decode((problem) => problems.push(problem)))).toBe('-----b-|', events);
  });
  assert.is(problems.length, 2);
  assert.match(problems[0], /expected JSON/);
  assert.match(problems[1], /messages\[0\]\.values: expected 1 numbers/);
});

test('early unsubscribe stops in the middle of a frame', () => {
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-d-d', frames);
    expectObservable(source.pipe(decode(), take(1))).toBe('-(a|)', events);
    expectSubscriptions(source.subscriptions).toBe('^!');
  });
});

test.run();
