import { from, lastValueFrom, map, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { samplesInOrder } from '../../../src/episode/samples.ts';
import type { Flight, TopicName } from '../../../src/telemetry/flight.ts';
import { type AlignedRow, align, alignFlight } from '../../../src/telemetry/pipeline/align.ts';
import type { LiveGridOptions } from '../../../src/telemetry/pipeline/live-grid.ts';
import { near } from '../../given.ts';
import { end, givenFlight, marbles, sample, series, times } from './given-events.ts';

const topics: TopicName[] = ['velocity', 'motors', 'battery'];

/** Jittered topics at different rates, with holes. */
function uneven(): Flight {
  const jitter = (t: number, i: number) => t + 0.003 * Math.sin(i * 5);
  const slope = (t: number) => 2 * t;
  const holed = times(300, 0.01).filter((t) => t < 1 || t > 1.6);
  return givenFlight({
    velocity: series(holed.map(jitter), slope, Math.sin, Math.cos),
    motors: series(times(140, 0.02, 0.05).map(jitter), Math.cos, slope, slope, slope),
    battery: series([0.1, 1.1, 1.4], (t) => 4 - t),
  });
}

function live(flight: Flight, rateHz: number, options: LiveGridOptions = {}): Promise<AlignedRow[]> {
  const samples = [...samplesInOrder(flight)].map(({ topic, time, values }) => sample(topic, time, values));
  return lastValueFrom(from([...samples, end('a', samples.length)]).pipe(align(rateHz, topics, options), toArray()));
}

test('a live stream gives the same rows as the whole flight', async () => {
  const flight = uneven();
  for (const [rateHz, options] of [
    [100, {}],
    [33, {}],
    [100, { maxGapSeconds: 0.05 }],
  ] as const) {
    const rows = await live(flight, rateHz, options);
    const table = alignFlight(flight, rateHz, topics, options);
    assert.is(rows.length, table.time.length);
    rows.forEach((row, i) => {
      near(row.time, table.time[i], 1e-9, 'time');
      assert.is(row.allValid, table.allValid[i] === 1, `row ${i}`);
      const expected = topics.flatMap((topic) => table.columns[topic as never] as Float64Array[]).map((c) => c[i]);
      assert.equal([...row.values], expected, `row ${i}`);
    });
  }
});

test('a row comes as soon as it is settled, not at the end', () => {
  marbles(({ hot, expectObservable }) => {
    const at = (ms: number) => sample('battery', ms / 1000, [ms]);
    const source = hot('a-b-c', { a: at(0), b: at(10), c: at(20) });
    const rows = source.pipe(align(100, ['battery']));
    expectObservable(rows.pipe(toIndex())).toBe('--0-1', { 0: 0, 1: 1 });
  });
});

test('marbles: empty, never, one, error and early unsubscribe', () => {
  const values = { s: sample('battery', 0, [4]), e: end('a', 1) };
  const rows = () => align(10, ['battery']);
  marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
    expectObservable(cold('|').pipe(rows() as never)).toBe('|');
    expectObservable(cold('-').pipe(rows() as never)).toBe('-');
    expectObservable(cold('-s-e-|', values).pipe(rows(), toIndex())).toBe('---0-|', { 0: 0 });
    expectObservable(cold('-s-|', values).pipe(rows(), toIndex())).toBe('---(0|)', { 0: 0 });
    expectObservable(cold('-s-#', values).pipe(rows(), toIndex())).toBe('---#');
    const source = hot('-s-e-', values);
    expectObservable(source.pipe(rows(), toIndex()), '^-!').toBe('---');
    expectSubscriptions(source.subscriptions).toBe('^-!');
  });
});

test('a topic that never comes does not hold the others back for longer than the gap', async () => {
  const flight = givenFlight({ velocity: series(times(100, 0.01), Math.sin, Math.sin, Math.sin) });
  const rows = await live(flight, 100);
  assert.is(rows.length, 100);
  assert.ok(rows.every(({ valid }) => valid[0] === 1 && valid[1] === 0));
});

test('a clock that jumps by a year skips the hole instead of filling it', async () => {
  const flight = givenFlight({ battery: series([0, 0.01, 3e7, 3e7 + 0.01], (t) => t) });
  const rows = await lastValueFrom(
    from([...samplesInOrder(flight)].map(({ topic, time, values }) => sample(topic, time, values))).pipe(
      align(100, ['battery']),
      toArray(),
    ),
  );
  assert.equal(
    rows.map(({ values }) => values[0]),
    [0, 0.01, 3e7, 3e7 + 0.01],
  );
});

test('by arrival, two clocks that differ by an hour meet', async () => {
  // Both carry the receiver's time as their value; the delay is 5 ms plus jitter that now and then is nothing.
  const events = times(200, 0.01, 50).flatMap((t, i) => {
    const delay = 0.005 + (i % 10) * 0.0005;
    return [sample('battery', t, [t], t + delay), sample('velocity', t - 3600, [t, t, t], t + delay)];
  });
  const rows = await lastValueFrom(
    from(events).pipe(align(100, ['velocity', 'battery'], { clock: 'arrival' }), toArray()),
  );
  const settled = rows.filter(({ allValid }) => allValid);
  assert.ok(settled.length > 190, `${settled.length} rows`);
  for (const { time, values } of settled) {
    near(values[0], time - 0.005, 1e-6, 'velocity, moved by the shortest delay');
    near(values[3], time - 0.005, 0.0101, 'battery, held for up to one sample');
  }
});

test('a rate that is no rate is refused', () => {
  assert.throws(() => align(0, ['battery']), /rateHz/);
});

function toIndex() {
  return map(({ index }: AlignedRow) => index);
}

test.run();
