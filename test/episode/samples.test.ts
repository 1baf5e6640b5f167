import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countSamples, samplesInOrder } from '../../src/episode/index.ts';
import { givenFlight, series } from './given-flight.ts';

test('samples of all topics come in order of time, none left out', () => {
  const flight = givenFlight();
  const samples = [...samplesInOrder(flight)];
  assert.is(samples.length, 151);
  assert.is(countSamples(flight), 151);
  for (let i = 1; i < samples.length; i++) assert.ok(samples[i].time >= samples[i - 1].time);
});

test('at the same time topics come in the order of TOPICS', () => {
  const topics = { battery: series(1, 1, () => [4]), pose: series(1, 1, () => [1, 2, 3, 0, 0, 0, 1]) };
  const samples = [...samplesInOrder(givenFlight({ topics }))];
  assert.equal(samples, [
    { topic: 'pose', time: 0, values: [1, 2, 3, 0, 0, 0, 1] },
    { topic: 'battery', time: 0, values: [4] },
  ]);
});

test('a flight without samples gives none', () => {
  assert.equal([...samplesInOrder(givenFlight({ topics: {} }))], []);
});

test.run();
