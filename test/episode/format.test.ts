import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOPIC_NAMES, TOPICS, type TopicName } from '../../src/episode/flight.ts';
import {
  decodeMessage,
  encodeMessage,
  encodeTransform,
  SCHEMAS,
  secondsToNanoseconds,
  topicOfChannel,
} from '../../src/episode/format.ts';

const distinct = (topic: TopicName) => TOPICS[topic].map((_, i) => i + 0.1);

test('a pose is written as Foxglove names it', () => {
  assert.equal(encodeMessage('pose', 1.5, [1, 2, 3, 0.1, 0.2, 0.3, 0.9]), {
    timestamp: { sec: 1, nsec: 500_000_000 },
    frame_id: 'world',
    pose: { position: { x: 1, y: 2, z: 3 }, orientation: { x: 0.1, y: 0.2, z: 0.3, w: 0.9 } },
  });
});

test('any other topic is written under the names of its columns', () => {
  assert.equal(encodeMessage('wrench', 0, [0.3, 1, 2, 3]), {
    timestamp: { sec: 0, nsec: 0 },
    thrust: 0.3,
    x: 1,
    y: 2,
    z: 3,
  });
});

test('every topic comes back from JSON with each value in its own column', () => {
  for (const topic of TOPIC_NAMES) {
    const text = JSON.stringify(encodeMessage(topic, 3, distinct(topic)));
    assert.equal(decodeMessage(topic, JSON.parse(text)), distinct(topic), topic);
  }
});

test('what is missing or no number decodes to NaN instead of throwing', () => {
  assert.equal(decodeMessage('velocity', { x: 1, y: 'two' }), [1, Number.NaN, Number.NaN]);
  assert.equal(decodeMessage('battery', null), [Number.NaN]);
  assert.equal(decodeMessage('pose', { pose: 7 }).length, 7);
  assert.equal(JSON.parse(JSON.stringify(encodeMessage('battery', 0, [Number.NaN]))).voltage, null);
});

test('a wrong number of columns is refused by name', () => {
  assert.throws(() => encodeMessage('motors', 0, [1, 2, 3]), /motors: expected 4 columns \(m1, m2, m3, m4\), got 3/);
});

test('a Unix time keeps its nanoseconds when given as nanoseconds', () => {
  const { timestamp } = encodeMessage('battery', 1_772_681_685_527_483_940n, [4]);
  assert.equal(timestamp, { sec: 1_772_681_685, nsec: 527_483_940 });
});

test('seconds become nanoseconds without the error of a product of large numbers', () => {
  assert.is(secondsToNanoseconds(0.1), 100_000_000n);
  assert.is(secondsToNanoseconds(123456.000000001), 123_456_000_000_001n);
  assert.is(secondsToNanoseconds(1.9999999999), 2_000_000_000n);
});

test('schemas name the fields that messages have', () => {
  for (const topic of TOPIC_NAMES) {
    const { schema } = SCHEMAS[`/${topic}`];
    const message = encodeMessage(topic, 0, distinct(topic));
    assert.equal(Object.keys(schema.properties as object).sort(), Object.keys(message).sort(), topic);
  }
  assert.is(SCHEMAS['/yaw_setpoint'].name, 'windhover.YawSetpoint');
  assert.is(SCHEMAS['/velocity'].name, 'windhover.Velocity');
  assert.is(SCHEMAS['/scene'].name, 'foxglove.SceneUpdate');
});

test('a transform places the vehicle in the world', () => {
  const body = encodeTransform(2, [1, 2, 3, 0, 0, 0, 1]) as { transforms: Record<string, unknown>[] };
  assert.equal(body.transforms, [
    {
      timestamp: { sec: 2, nsec: 0 },
      parent_frame_id: 'world',
      child_frame_id: 'vehicle',
      translation: { x: 1, y: 2, z: 3 },
      rotation: { x: 0, y: 0, z: 0, w: 1 },
    },
  ]);
});

test('only channels of ours are topics of a flight', () => {
  assert.is(topicOfChannel('/pose'), 'pose');
  assert.is(topicOfChannel('pose'), null);
  assert.is(topicOfChannel('/toString'), null);
  assert.is(topicOfChannel('/cub1/pose'), null);
});

test.run();
