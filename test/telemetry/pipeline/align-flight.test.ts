import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { alignFlight } from '../../../src/telemetry/pipeline/align.ts';
import { near } from '../../given.ts';
import { givenFlight, series, times } from './given-events.ts';

const slope = (t: number) => 3 * t;

test('velocity on a straight line stays on it at every rate and under jitter', () => {
  const jittered = times(50, 0.02).map((t, i) => t + 0.004 * Math.sin(i * 7));
  const flight = givenFlight({
    velocity: series(
      jittered,
      slope,
      (t) => 1 - t,
      () => 2,
    ),
  });
  for (const rateHz of [37, 100, 250]) {
    const { time, columns, valid } = alignFlight(flight, rateHz, ['velocity']);
    time.forEach((t, i) => {
      if (i > 0) near(t - time[i - 1], 1 / rateHz, 1e-12, 'step');
      assert.is(valid.velocity[i], 1);
      near(columns.velocity[0][i], slope(t), 3e-6, 'x'); // a sample stamped 1 µs later still counts, at 3 m/s²
      near(columns.velocity[1][i], 1 - t, 1e-6, 'y');
    });
  }
});

test('a flight at its own rate comes through unchanged', () => {
  const flight = givenFlight({ motors: series(times(20, 0.01), slope, slope, slope, (t) => t * t) });
  const { time, columns, allValid } = alignFlight(flight, 100, ['motors']);
  assert.is(time.length, 20);
  assert.equal([...columns.motors[3]], [...(flight.topics.motors?.columns[3] ?? [])]);
  assert.ok(allValid.every((v) => v === 1));
});

test('a setpoint is held until the next, never taken from the future', () => {
  const flight = givenFlight({
    setpoint: series(
      [0, 0.1, 0.2],
      (t) => t,
      () => 0,
      () => 0,
    ),
  });
  const { columns } = alignFlight(flight, 50, ['setpoint']);
  const held = [0, 0, 0, 0, 0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2];
  for (const [i, value] of held.entries()) near(columns.setpoint[0][i], value, 1e-12, `row ${i}`);
});

test('a gap longer than allowed is not bridged, and the rows in it say so', () => {
  const flight = givenFlight({ velocity: series([0, 0.1, 0.6, 0.7], slope, slope, slope) });
  const { columns, valid } = alignFlight(flight, 10, ['velocity'], { maxGapSeconds: 0.2 });
  assert.equal([...valid.velocity], [1, 1, 0, 0, 0, 0, 1, 1]);
  for (const [i, v] of valid.velocity.entries()) assert.is(Number.isNaN(columns.velocity[0][i]), v === 0, `row ${i}`);
});

test('a held topic counts for the allowed gap and no longer', () => {
  const one = () => 1;
  const flight = givenFlight({
    motors: series([0, 0.5], one, one, one, one),
    velocity: series(times(6, 0.1), slope, slope, slope),
  });
  const { valid, allValid } = alignFlight(flight, 10, ['motors', 'velocity'], { maxGapSeconds: 0.2 });
  assert.equal([...valid.motors], [1, 1, 1, 0, 0, 1]);
  assert.equal([...allValid], [1, 1, 1, 0, 0, 1]);
});

test('a topic that begins later is missing until then', () => {
  const flight = givenFlight({
    velocity: series(times(6, 0.1), slope, slope, slope),
    battery: series([0.25, 0.35], () => 4),
  });
  const { valid, columns } = alignFlight(flight, 10, ['velocity', 'battery']);
  assert.equal([...valid.battery], [0, 0, 0, 1, 1, 1]);
  assert.is(columns.battery[0][3], 4);
});

test('a value that is no number makes its rows invalid', () => {
  const flight = givenFlight({ battery: series([0, 0.1, 0.2], (t) => (t === 0.1 ? Number.NaN : 4)) });
  assert.equal([...alignFlight(flight, 10, ['battery']).valid.battery], [1, 0, 1]);
});

test('a missing topic is named, with the file and what is there', () => {
  const flight = givenFlight({ battery: series([0], () => 4) });
  assert.throws(
    () => alignFlight(flight, 100, ['battery', 'motors']),
    (error: Error) => error instanceof InputError && /flight\.csv: motors: .*battery/.test(error.message),
  );
});

test('a rate that is no rate and an empty list of topics are refused', () => {
  const flight = givenFlight({ battery: series([0], () => 4) });
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => alignFlight(flight, rate, ['battery']), /rateHz/);
  assert.throws(() => alignFlight(flight, 100, []), /topics/);
});

test('a clock that jumps by years is refused instead of filling the memory', () => {
  const flight = givenFlight({ battery: series([0, 1e9], () => 4) });
  assert.throws(() => alignFlight(flight, 100, ['battery']), /flight\.csv: time/);
});

test.run();
