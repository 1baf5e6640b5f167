import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gyroLateness } from '../../../src/transfer/identify/clocks.ts';
import { flightData } from '../../../src/transfer/identify/flight-data.ts';
import { drawTwin, flyTwin } from '../../../src/transfer/twins.ts';
import type { Flight, Series } from '../../../src/telemetry/flight.ts';
import { givenVehicle, near } from '../../given.ts';

const nominal = givenVehicle('crazyflie');
const [flight] = flyTwin(drawTwin(nominal, 2), { seed: 2, excited: true, flights: 1, seconds: 20 });

/** Late by up to 0.11 s, and changing by up to 0.1 s a second. */
const lateAt = (t: number) => 0.04 + 0.07 * Math.sin(1.4 * t);

/** The flight with what comes from on board stamped late by `late`. */
function onOtherClock(late: (t: number) => number): Flight {
  const moved = ({ time, columns }: Series): Series => ({ time: time.map((t) => t + late(t)), columns });
  const { rates, motors, battery } = flight.topics;
  const topics = { ...flight.topics, rates: moved(rates!), motors: moved(motors!), battery: moved(battery!) };
  return { ...flight, topics };
}

test('a clock that wanders is followed, and rates and commands stand where they stood', () => {
  const steady = flightData(flight, nominal);
  const wandering = flightData(onOtherClock(lateAt), nominal);
  assert.ok(wandering.clockSpread_s > 0.04);
  const off = (column: (data: typeof steady) => Float64Array) => {
    const [a, b] = [column(steady), column(wandering)];
    const { from, end } = steady.spans[0];
    let [sum, all] = [0, 0];
    for (let row = from + 200; row < end - 200; row++) {
      sum += (a[row] - b[row]) ** 2;
      all += a[row] ** 2;
    }
    return Math.sqrt(sum / all);
  };
  assert.ok(off(({ rates }) => rates[0]) < 0.25, `${off(({ rates }) => rates[0])}`); // left alone: 0.94
  assert.ok(off(({ rates }) => rates[1]) < 0.25, `${off(({ rates }) => rates[1])}`);
});

test('the lateness itself is found to a few milliseconds', () => {
  const rateHz = 200;
  const T = 4000;
  // turns about x alone, so that the pose is the integral of the rate
  const rate = (t: number) => 0.6 * Math.cos(3 * t) + 0.8 * Math.cos(7.3 * t + 1);
  const angle = (t: number) => 0.2 * Math.sin(3 * t) + (0.8 / 7.3) * Math.sin(7.3 * t + 1);
  const column = (value: (t: number) => number) => Float64Array.from({ length: T }, (_, row) => value(row / rateHz));
  const still = column(() => 0);
  const quaternion = [column((t) => Math.sin(angle(t) / 2)), still, still, column((t) => Math.cos(angle(t) / 2))];
  const slow = (t: number) => 0.05 + 0.05 * Math.sin(0.8 * t);
  // at its stamp t the gyro reads the rate of `slow` seconds ago
  const rates = [column((t) => rate(t - slow(t))), still, still];
  const late = gyroLateness(quaternion, rates, rateHz)!;
  for (let row = 400; row < T - 400; row += 100) {
    const t = row / rateHz;
    let stamp = t; // the stamp under which the rate of t stands
    for (let k = 0; k < 50; k++) stamp = t + slow(stamp);
    near(late[row], stamp - t, 0.012);
  }
});

test('clocks in step, or apart by a steady time, are left alone', () => {
  assert.is(flightData(flight, nominal).clockSpread_s, 0);
  assert.is(
    flightData(
      onOtherClock(() => 0.03),
      nominal,
    ).clockSpread_s,
    0,
  );
});

test.run();
