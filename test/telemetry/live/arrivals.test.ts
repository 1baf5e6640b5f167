import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Arrivals } from '../../../src/telemetry/live/arrivals.ts';
import { near } from '../../given.ts';

const test = suite('arrivals');

/** Unix time at which the receiver's clock stands when the vehicle's is at zero. */
const zero = 1_700_000_000;

/** Messages of so many seconds at 50 Hz, each so late. */
function given(seconds: number, late: (t: number) => number, pace = 1): Arrivals {
  const arrivals = new Arrivals();
  for (let i = 0; i <= seconds * 50; i++) arrivals.add((i / 50) * pace, zero + i / 50 + late(i / 50));
  return arrivals;
}

test('counts messages a second over the last two seconds', () => {
  const arrivals = given(5, () => 0);
  near(arrivals.rate(zero + 5), 50, 3);
  near(arrivals.rate(zero + 6), 25, 3, 'half of the time nothing came');
  assert.is(arrivals.rate(zero + 60), 0);
});

test('the delay is against the fastest message, whatever the offset of the clocks', () => {
  near(given(5, () => 0.3).delay ?? -1, 0, 1e-6, 'a constant delay cannot be seen');
  near(given(5, (t) => (t < 4.5 ? 0.01 : 0.21)).delay ?? -1, 0.2, 1e-6, 'a jam');
  near(given(30, (t) => (t < 10 ? 0 : 0.2)).delay ?? -1, 0, 1e-6, 'what was fast ten seconds ago is forgotten');
});

test('a log that is played faster has a pace and no delay', () => {
  const arrivals = given(5, () => 0, 4);
  near(arrivals.pace ?? 0, 4, 0.01);
  assert.is(arrivals.delay, null);
});

test('says nothing before it knows, and how long nothing has come', () => {
  const arrivals = new Arrivals();
  assert.equal([arrivals.pace, arrivals.delay, arrivals.rate(zero), arrivals.silence(zero)], [null, null, 0, 0]);
  arrivals.add(0, zero);
  assert.equal([arrivals.pace, arrivals.silence(zero + 3)], [null, 3]);
});

test.run();
