import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { fitness } from '../../../src/telemetry/logs/fitness.ts';
import { airborneSeconds, readFlight } from '../../../src/telemetry/logs/index.ts';
import { givenFlight, series } from '../../episode/given-flight.ts';
import { flightsFolder } from '../../given.ts';

const still = (size: number) => series(1000, 0.01, () => Array(size).fill(0));

/** Ten seconds in the air whose rates are sines of this size [rad/s] at 1 Hz. */
function givenTurning(roll: number, yaw: number, more: Partial<Flight['topics']> = {}): Flight {
  const sine = (t: number) => Math.sin(2 * Math.PI * t);
  const topics = {
    pose: series(1000, 0.01, () => [0, 0, 1, 0, 0, 0, 1]),
    velocity: still(3),
    rates: series(1000, 0.01, (t) => [roll * sine(t), 0, yaw * sine(t)]),
    motors: series(1000, 0.01, () => [0.8, 0.8, 0.8, 0.8]),
  };
  return givenFlight({ topics: { ...topics, ...more } });
}

const judge = (flight: Flight) => fitness(flight, 9, false);

test('a flight that is made to turn is fit for all', () => {
  // over 50 ms a 1 Hz sine changes by up to 2 sin(π/20) = 0.31 of its size, 0.22 in the root mean square
  const { verdict, identify } = judge(givenTurning(3, 1));
  assert.is(verdict, 'identify and fine-tune');
  assert.is(identify.fit, 'yes');
});

test('a calm flight is partly fit, and told what to fly', () => {
  const { identify } = judge(givenTurning(0.5, 0.1));
  assert.is(identify.fit, 'partly');
  assert.match(identify.why, /0\.11 rad\/s over 50 ms; fly rate steps of about 1\.5 rad\/s/);
  assert.match(identify.why, /no yaw gain: .*0\.02 rad\/s.*fly yaw steps/);
});

test('without pose rotation can still be told, but nothing learnt from', () => {
  const { verdict, identify, fineTune } = judge(givenTurning(3, 1, { pose: undefined, velocity: undefined }));
  assert.is(verdict, 'identify');
  assert.match(identify.why, /no thrust and drag without pose and velocity/);
  assert.match(fineTune.why, /it has no pose, no velocity/);
});

test('a log without motors, or that never flew, is fit for neither', () => {
  const none = judge(givenTurning(3, 1, { motors: undefined }));
  assert.is(none.verdict, 'neither');
  assert.match(none.identify.why, /it has no motors/);
  const grounded = fitness(givenTurning(3, 1), 0, false);
  assert.is(grounded.verdict, 'neither');
  assert.match(grounded.fineTune.why, /never flew/);
});

test('thrust and torques in place of motors tell of the vehicle, but of no motor', () => {
  const wrench = series(1000, 0.01, () => [0.28, 0, 0, 0]);
  const { identify } = fitness(givenTurning(3, 1, { motors: undefined, wrench }), null, false);
  assert.is(identify.fit, 'partly');
  assert.match(identify.why, /controller's thrust and torques/);
});

test('dead reckoning is no state to learn from', () => {
  const { verdict, fineTune } = fitness(givenTurning(3, 1), 9, true);
  assert.is(verdict, 'identify');
  assert.match(fineTune.why, /wanders off/);
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights to judge');
else
  test('real logs: a calm flight lacks turns, the one made for identification lacks a pose', async () => {
    const calm = await readFlight(join(folder, 'nanobench', 'B2_circle_slow_rep2.csv.gz'));
    const { identify, verdict } = fitness(calm, airborneSeconds(calm), false);
    assert.is(verdict, 'identify and fine-tune');
    assert.match(identify.why, /fly rate steps/);
    const excited = await readFlight(join(folder, 'crazyflie-1khz', 'log10'));
    const judged = fitness(excited, airborneSeconds(excited), false);
    assert.is(judged.verdict, 'identify');
    assert.not.match(judged.identify.why, /roll and pitch/);
  });

test.run();
