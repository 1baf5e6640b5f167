import { join } from 'node:path';
import { McapWriter } from '@mcap/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeLog, readFlight, readLog } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { mean } from './consistency.ts';
import { givenFile, type Part, pack } from './given-logs.ts';

const START = 1_700_000_000;

/** Fields in CDR: each number aligned to its size, big or little end first. */
function cdr(parts: Part[], big = false): Buffer {
  let body = Buffer.alloc(0);
  for (const part of parts) {
    let bytes = pack(part);
    const size = Array.isArray(part) ? bytes.length : 1;
    if (big && Array.isArray(part)) bytes = Buffer.from(bytes).reverse();
    body = Buffer.concat([body, Buffer.alloc((size - (body.length % size)) % size), bytes]);
  }
  return Buffer.concat([Buffer.of(0, big ? 0 : 1, 0, 0), body]);
}

const text = (value: string): Part[] => [['I', value.length + 1], `${value}\0`];
const doubles = (...values: number[]): Part[] => values.map((value) => ['d', value]);
const zeros = (count: number) => doubles(...new Array<number>(count).fill(0));
const header = (t: number, frame: string): Part[] => [
  ['I', START + Math.floor(t)],
  ['I', Math.round((t % 1) * 1e9)],
  ...text(frame),
];

interface Message {
  topic: string;
  schema: string;
  t: number;
  data: Uint8Array;
}

/** A bag as ROS 2 records it; each message a tenth of a second after it was made. */
async function givenBag(messages: Message[]): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0n;
  const write = async (data: Uint8Array) => {
    parts.push(Uint8Array.from(data));
    size += BigInt(data.length);
  };
  const writer = new McapWriter({ writable: { write, position: () => size } });
  await writer.start({ profile: 'ros2', library: '' });
  const channels = new Map<string, number>();
  for (const { topic, schema, t, data } of messages) {
    if (!channels.has(topic)) {
      const schemaId = await writer.registerSchema({ name: schema, encoding: 'ros2msg', data: new Uint8Array() });
      channels.set(
        topic,
        await writer.registerChannel({ topic, schemaId, messageEncoding: 'cdr', metadata: new Map() }),
      );
    }
    const logTime = BigInt(Math.round((START + t + 0.1) * 1e9));
    await writer.addMessage({ channelId: channels.get(topic)!, sequence: 0, logTime, publishTime: logTime, data });
  }
  await writer.end();
  return givenFile('bag.mcap', Buffer.concat(parts));
}

const stamped = (topic: string, schema: string, t: number, parts: Part[], frame = 'world', big = false): Message => ({
  ...{ topic, schema, t, data: cdr([...header(t, frame), ...parts], big) },
});
const TIMES = [1, 1.5, 2.25];
/** A quarter turn about z: nose to the north. */
const NORTH = [0, 0, Math.SQRT1_2, Math.SQRT1_2];

function same(actual: number[], expected: number[]): void {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    near(value, expected[i], 1e-6, `column ${i}`);
  });
}

test('odometry, IMU, battery and outputs become topics; a twist in the body is turned to the world', async () => {
  const path = await givenBag(
    TIMES.flatMap((t) => [
      stamped('/odom', 'nav_msgs/msg/Odometry', t, [
        ...text('base_link'),
        ...doubles(1, 2, 3, ...NORTH),
        ...zeros(36),
        ...doubles(4, 1, 0, 0.1, 0.2, 0.3),
        ...zeros(36),
      ]),
      stamped('/imu', 'sensor_msgs/msg/Imu', t, [
        ...zeros(13),
        ...doubles(0.1, 0.2, 0.3),
        ...zeros(9),
        ...doubles(1, 2, 9.8),
        ...zeros(9),
      ]),
      stamped('/battery', 'sensor_msgs/msg/BatteryState', t, [['f', 12.5]]),
      stamped('/out', 'mavros_msgs/msg/RCOut', t, [
        ['I', 4],
        ['H', 1000],
        ['H', 1250],
        ['H', 1500],
        ['H', 2100],
      ]),
    ]),
  );
  const flight = await readFlight(path);
  const at0 = Object.fromEntries(
    Object.entries(flight.topics).map(([k, { columns }]) => [k, columns.map((c) => c[0])]),
  );
  same(at0.pose, [1, 2, 3, ...NORTH]);
  same(at0.velocity, [-1, 4, 0]);
  same(at0.rates, [0.1, 0.2, 0.3]);
  same(at0.acceleration, [1, 2, 9.8]);
  same(at0.battery, [12.5]);
  same(at0.motors, [0, 0.25, 0.5, 1]);
  same(Array.from(flight.topics.pose!.time), [0, 0.5, 1.25]); // by the messages' own stamps
  near(flight.startUnixSeconds!, START + 1, 1e-3);
  assert.is(flight.droppedRows, 0);
});

test('poses of either byte order, frames of any length, as transforms; what is asked for is no measurement', async () => {
  for (const big of [false, true]) {
    const path = await givenBag(
      TIMES.flatMap((t) => [
        stamped(
          '/vicon/drone',
          'geometry_msgs/msg/TransformStamped',
          t,
          [...text('a'), ...doubles(1, 2, 3, ...NORTH)],
          'earth1',
          big,
        ),
        stamped('/goal_pose', 'geometry_msgs/msg/PoseStamped', t, doubles(7, 8, 9, ...NORTH), 'x', big),
        stamped('/vel', 'geometry_msgs/msg/TwistStamped', t, doubles(1, 2, 3, 0, 0, 0), 'map', big),
      ]),
    );
    const { topics } = await readFlight(path);
    same(
      topics.pose!.columns.map((c) => c[0]),
      [1, 2, 3, ...NORTH],
    );
    same(
      topics.setpoint!.columns.map((c) => c[0]),
      [7, 8, 9],
    );
    same(
      topics.yaw_setpoint!.columns.map((c) => c[0]),
      [Math.PI / 2],
    );
    same(
      topics.velocity!.columns.map((c) => c[0]),
      [1, 2, 3],
    );
  }
});

test('a twist in the body without an attitude is left out; of two poses the more frequent counts, and it is told', async () => {
  const pose = (topic: string, t: number, x: number) =>
    stamped(topic, 'geometry_msgs/msg/PoseStamped', t, doubles(x, 0, 0, ...NORTH));
  const path = await givenBag([
    ...TIMES.map((t) => pose('/a', t, 1)),
    pose('/b', 1, 2),
    stamped('/vel', 'geometry_msgs/msg/TwistStamped', 1, doubles(1, 2, 3, 0, 0, 0), 'base_link'),
  ]);
  const flight = await readFlight(path);
  assert.equal(Object.keys(flight.topics), ['pose']);
  assert.is(flight.topics.pose!.columns[0][0], 1);
  assert.match(flight.warnings.join(), /pose is that of \/a, not of \/b/);
});

test('a message that ends too early, and one that is no rotation, are dropped and counted', async () => {
  const whole = TIMES.map((t) => stamped('/p', 'geometry_msgs/msg/PoseStamped', t, doubles(1, 2, 3, ...NORTH)));
  const lost = stamped('/p', 'geometry_msgs/msg/PoseStamped', 3, doubles(1, 2, 3, 0, 0, 0, 0));
  const short = { ...whole[0], t: 4, data: whole[0].data.subarray(0, 40) };
  const flight = await readFlight(await givenBag([...whole, lost, short]));
  assert.equal([flight.topics.pose!.time.length, flight.droppedRows], [3, 2]);
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real bag');
else
  test('a real bag: its poses at 100 Hz for 198 s, which move as an aeroplane does: nose first', async () => {
    const path = join(folder, 'mcap', 'cub_stabilize_2025_11_13.mcap');
    const log = await readLog(path);
    const { time, columns } = log.flight.topics.pose!;
    assert.is(time.length, 19_703);
    near(log.flight.durationSeconds, 198, 0.1);
    assert.is(describeLog(path, log).fitness.verdict, 'neither');
    const along: number[] = [];
    for (let i = 0; i + 50 < time.length; i += 50) {
      const [dx, dy] = [0, 1].map((k) => columns[k][i + 50] - columns[k][i]);
      const speed = Math.hypot(dx, dy) / (time[i + 50] - time[i]);
      const [x, y, z, w] = [3, 4, 5, 6].map((k) => columns[k][i + 25]);
      const nose = [1 - 2 * (y * y + z * z), 2 * (x * y + z * w)];
      if (speed > 4) along.push((dx * nose[0] + dy * nose[1]) / Math.hypot(dx, dy));
    }
    assert.ok(along.length > 50, `${along.length} windows in flight`);
    assert.ok(mean(along) > 0.9, `${mean(along)}`);
  });

test.run();
