import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { airborneSeconds, describeLog } from '../../../src/telemetry/logs/index.ts';
import { givenFlight, series } from '../../episode/given-flight.ts';
import { near } from '../../given.ts';

/** Motors on from 2 s to 8 s; 1 m up from 3 s to 7 s. */
function givenHop(more: Partial<Flight['topics']> = {}): Flight {
  const height = (t: number) => (t > 3 && t < 7 ? 1.5 : 0.5);
  const on = (t: number) => (t >= 2 && t <= 8 ? 0.8 : 0);
  const topics = {
    pose: series(1000, 0.01, (t) => [0, 0, height(t), 0, 0, 0, 1]),
    velocity: series(1000, 0.01, () => [0, 0, 0]),
    rates: series(1000, 0.01, () => [0, 0, 0]),
    motors: series(500, 0.02, (t) => [on(t), on(t), on(t), on(t)]),
  };
  return givenFlight({ topics: { ...topics, ...more } });
}

test('the time in the air has every motor on and the vehicle off the ground', () => {
  near(airborneSeconds(givenHop()) ?? 0, 4, 0.05);
});

test('one motor off is not in the air', () => {
  const motors = series(500, 0.02, (t) => [0.8, 0.8, 0.8, t > 5 ? 0.8 : 0]);
  near(airborneSeconds(givenHop({ motors })) ?? 0, 2, 0.05);
});

test('a log that begins with the motors on began in the air', () => {
  const motors = series(500, 0.02, () => [0.8, 0.8, 0.8, 0.8]);
  near(airborneSeconds(givenHop({ motors })) ?? 0, 9.98, 1e-9);
});

test('without motors or pose nobody knows', () => {
  assert.is(airborneSeconds(givenHop({ motors: undefined })), null);
  assert.is(airborneSeconds(givenHop({ pose: undefined })), null);
});

test('the summary says what a log is good for', () => {
  const verdict = (flight: Flight) => describeLog('x.csv', { flight }).fineTuning;
  assert.match(verdict(givenHop()), /^good for fine-tuning: .*goals come from hindsight/);
  assert.match(verdict(givenHop({ setpoint: series(3, 1, () => [0, 0, 1]) })), /setpoints as goals/);
  assert.match(verdict(givenFlight()), /^not for fine-tuning: it has no velocity, no rates/);
  assert.match(verdict(givenHop({ motors: series(9, 1, () => [0, 0, 0, 0]) })), /never flew/);
  assert.match(verdict(givenFlight({ topics: {} })), /none of its topics/);
  const wrench = series(500, 0.02, () => [0.3, 0, 0, 0]);
  const { motors: _, ...bare } = givenHop().topics;
  const byThrust = verdict(givenFlight({ topics: { ...bare, wrench } }));
  assert.match(byThrust, /^good .*thrust and torques stand in for motor commands/);
  assert.match(verdict(givenFlight({ topics: bare })), /it has no motors/);
  const lost = { ...givenHop(), warnings: ['x: position and velocity are dead reckoning in 100 % of the log'] };
  assert.match(verdict(lost), /wanders off/);
});

test('the sentence on fine-tuning and the verdict say the same', () => {
  const { motors: _, ...bare } = givenHop().topics;
  const wrench = series(500, 0.02, () => [0.3, 0, 0, 0]);
  const hop = givenHop({ motors: series(500, 0.02, (t) => Array(4).fill(t >= 2 && t <= 3.5 ? 0.8 : 0)) });
  const flights = [givenHop(), hop, givenFlight({ topics: { ...bare, wrench } }), givenFlight({ topics: bare })];
  const judged = flights.map((flight) => describeLog('x.csv', { flight }));
  assert.equal(
    judged.map(({ fineTuning }) => fineTuning.startsWith('good')),
    [true, false, true, false],
  );
  for (const { fineTuning, fitness } of judged)
    assert.is(fitness.verdict.includes('fine-tune'), fineTuning.startsWith('good'));
  assert.match(judged[1].fineTuning, /in the air for 0\.5 s only/);
});

test('a container shows its own topics, a table ours', () => {
  const flight = givenFlight();
  const raw = [{ name: 'vehicle_attitude', time: Float64Array.of(0, 1, 2) }];
  assert.equal(describeLog('x.ulg', { flight, raw }).topics, [
    { name: 'vehicle_attitude', count: 3, rateHz: 1, gaps: 0 },
  ]);
  const { topics, file } = describeLog('x.csv', { flight });
  assert.equal(
    topics.map(({ name, count }) => [name, count]),
    [
      ['pose', 100],
      ['motors', 50],
      ['battery', 1],
    ],
  );
  assert.is(file, `${process.cwd()}/x.csv`);
});

test.run();
