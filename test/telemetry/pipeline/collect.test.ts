import { from, lastValueFrom, map, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collect } from '../../../src/telemetry/pipeline/collect.ts';
import type { TelemetryEvent } from '../../../src/telemetry/pipeline/event.ts';
import { begin, end, marbles, sample } from './given-events.ts';

const volt = (seq: number, time = seq / 10) => sample('battery', time, [4 - time], time, seq);
const collected = (events: TelemetryEvent[]) => lastValueFrom(from(events).pipe(collect('ws://hub'), toArray()));

test('a streamed flight comes out whole at its end mark', async () => {
  const [{ flight, received, gaps }] = await collected([begin('a', 'circle'), volt(0), volt(1), volt(2), end('a', 3)]);
  assert.equal([...(flight.topics.battery?.time ?? [])], [0, 0.1, 0.2]);
  assert.equal([...(flight.topics.battery?.columns[0] ?? [])], [4, 3.9, 3.8]);
  assert.equal({ received, gaps }, { received: 3, gaps: 0 });
  const { name, source, format, durationSeconds, truncated, droppedRows, warnings } = flight;
  assert.equal({ name, source, format }, { name: 'circle', source: 'ws://hub#circle', format: 'stream' });
  assert.equal(
    { durationSeconds, truncated, droppedRows, warnings },
    { durationSeconds: 0.2, truncated: false, droppedRows: 0, warnings: [] },
  );
});

test('numbers that are missing in the middle or at the end are gaps, and the flight says so', async () => {
  const [{ flight, received, gaps }] = await collected([begin('a', 'x'), volt(0), volt(3), end('a', 6)]);
  assert.equal({ received, gaps }, { received: 2, gaps: 4 });
  assert.match(flight.warnings[0], /^4 .*did not arrive/);
});

test('whoever joins in mid-flight misses the beginning, which is no gap', async () => {
  const joined = { ...begin('a', 'x'), fromSeq: 10 } as TelemetryEvent;
  const [{ flight, gaps }] = await collected([joined, volt(10), end('a', 11)]);
  assert.is(gaps, 0);
  assert.match(flight.warnings[0], /first 10 messages/);
});

test("a sample out of order is dropped and counted; the vehicle's own count is kept", async () => {
  const ended = { ...end('a', 2), droppedRows: 5, truncated: true, warnings: ['cut'] } as TelemetryEvent;
  const [{ flight }] = await collected([begin('a', 'x'), volt(0, 1), volt(1, 0.5), ended]);
  assert.is(flight.droppedRows, 6);
  assert.is(flight.truncated, true);
  assert.equal(flight.warnings, ['cut']);
});

test('marbles: empty, never, one, many, error and early unsubscribe', () => {
  const events = { B: begin('a', 'one'), s: volt(0), E: end('a', 1), C: begin('b', 'two') };
  const names = map(
    ({ flight }: { flight: { name: string; truncated: boolean } }) => flight.name + (flight.truncated ? '!' : ''),
  );
  marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const run = (source: string) => cold(source, events).pipe(collect('ws://hub'), names);
    expectObservable(run('|')).toBe('|');
    expectObservable(run('-')).toBe('-');
    expectObservable(run('-B-s-E-|')).toBe('-----f-|', { f: 'one' });
    expectObservable(run('-B-s-C-E-|')).toBe('-------f-(g|)', { f: 'one', g: 'two!' });
    expectObservable(run('-B-s-#')).toBe('-----#');
    const source = hot('-B-s-E-', events);
    expectObservable(source.pipe(collect('ws://hub'), names), '^--!').toBe('---');
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

test('samples of a flight that never began are left out', async () => {
  assert.equal(await collected([volt(0), end('a', 1)]), []);
});

test.run();
