import { join } from 'node:path';
import * as roslib from 'roslib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { countSamples, samplesInOrder } from '../../../src/episode/samples.ts';
import type { Flight } from '../../../src/telemetry/flight.ts';
import type { TelemetryHub } from '../../../src/telemetry/hub/index.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { FoxgloveViewer } from './given-foxglove.ts';
import { eventually, RawClient, withHub } from './given-hub.ts';

// Its types cannot be found by TypeScript's resolution for Node.
interface Ros {
  readonly isConnected: boolean;
  on(event: 'error', listener: (error: unknown) => void): void;
  connect(url: string): Promise<void>;
  close(): void;
}
interface Topic {
  advertise(): void;
  publish(message: Message): void;
}
const { Ros, Topic } = roslib as unknown as {
  Ros: new () => Ros;
  Topic: new (options: { ros: Ros; name: string; messageType: string }) => Topic;
};

const START = 1_700_000_000;

/** A robot with roslib, rosbridge's own client. */
async function robot(url: string): Promise<Ros> {
  const ros = new Ros();
  const failed = new Promise<never>((_, reject) => ros.on('error', (error) => reject(new Error(String(error)))));
  await Promise.race([ros.connect(url), failed]);
  await eventually(() => ros.isConnected, 'a connection');
  return ros;
}

type Message = Record<string, unknown>;

/** Publishes on one topic, which it advertises. */
function speaker(ros: Ros, name: string, messageType: string): (message: Message) => void {
  const topic = new Topic({ ros, name, messageType });
  topic.advertise();
  return (message) => topic.publish(message);
}

const xyz = ([x, y, z]: number[]) => ({ x, y, z });
const xyzw = ([x, y, z, w]: number[]) => ({ x, y, z, w });

function header(t: number, frame_id = 'map') {
  const sec = Math.floor(t);
  return { stamp: { sec: START + sec, nanosec: Math.round((t - sec) * 1e9) }, frame_id };
}

/** A flight in ROS messages: one speaker for each of our topics. */
function speakersOf(ros: Ros): Record<string, (t: number, values: number[]) => void> {
  const pose = speaker(ros, '/pose', 'geometry_msgs/msg/PoseStamped');
  const twist = speaker(ros, '/velocity', 'geometry_msgs/TwistStamped');
  const battery = speaker(ros, '/battery', 'sensor_msgs/msg/BatteryState');
  const imu = speaker(ros, '/imu', 'sensor_msgs/msg/Imu');
  const motors = speaker(ros, '/rc/out', 'mavros_msgs/msg/RCOut');
  const none = { linear_acceleration: xyz([0, 0, 0]), linear_acceleration_covariance: [-1, 0, 0] };
  return {
    pose: (t, v) => pose({ header: header(t), pose: { position: xyz(v), orientation: xyzw(v.slice(3)) } }),
    velocity: (t, v) => twist({ header: header(t), twist: { linear: xyz(v), angular: xyz([0, 0, 0]) } }),
    rates: (t, v) => imu({ header: header(t, 'base_link'), angular_velocity: xyz(v), ...none }),
    battery: (t, v) => battery({ header: header(t), voltage: v[0] }),
    motors: (t, v) => motors({ header: header(t), channels: [...v.map((m) => 1000 + 1000 * m), 1500, 1500] }),
  };
}

/** The one recording, once its flight has ended. */
async function recordingOf(hub: TelemetryHub, ros?: Ros): Promise<Flight> {
  ros?.close();
  await eventually(() => hub.counts.publishers === 0, 'the robot is gone');
  const { recordings } = await hub.close();
  assert.is(recordings.length, 1);
  return readFlight(recordings[0]);
}

const odometry = (t: number, position: number[], q: number[], linear: number[], angular = [0, 0, 0]) => ({
  header: header(t),
  child_frame_id: 'base_link',
  pose: { pose: { position: xyz(position), orientation: xyzw(q) }, covariance: Array(36).fill(0) },
  twist: { twist: { linear: xyz(linear), angular: xyz(angular) }, covariance: Array(36).fill(0) },
});

test("odometry: the body's velocity is turned into the world's", async () => {
  await withHub(async (hub) => {
    const ros = await robot(`${hub.url}/rosbridge`);
    const speak = speaker(ros, '/odom', 'nav_msgs/msg/Odometry');
    const [s, c] = [Math.SQRT1_2, Math.SQRT1_2];
    // Nose to the north, left wing to the west: forwards is +y, left is −x, up stays.
    speak(odometry(0, [1, 2, 3], [0, 0, s, c], [2, 1, 0.5], [0.1, 0.2, 0.3]));
    // Nose straight up: forwards is +z, up is −x.
    speak(odometry(0.1, [1, 2, 3], [0, -s, 0, c], [2, 1, 0.5]));
    await eventually(() => hub.counts.received === 6, 'messages');
    const { topics, startUnixSeconds } = await recordingOf(hub, ros);
    const row = (name: 'velocity' | 'rates' | 'pose', i: number) => topics[name]!.columns.map((column) => column[i]);
    for (const [i, want] of [
      [0, [-1, 2, 0.5]],
      [1, [-0.5, 1, 2]],
    ] as const)
      for (const [k, value] of row('velocity', i).entries()) near(value, want[k], 1e-12);
    assert.equal(row('rates', 0), [0.1, 0.2, 0.3]);
    assert.equal(row('pose', 0).slice(0, 3), [1, 2, 3]);
    near(topics.pose!.time[1] - topics.pose!.time[0], 0.1, 1e-6);
    assert.ok(
      Math.abs(startUnixSeconds! - Date.now() / 1000) < 60,
      'a stamp of another clock only tells what lies between',
    );
  });
});

test('what is asked for becomes setpoints, and four numbers motors', async () => {
  await withHub(async (hub) => {
    const ros = await robot(`${hub.url}/rosbridge?name=asked&vehicle=x500`);
    const target = speaker(ros, '/mavros/setpoint_position/local', 'geometry_msgs/PoseStamped');
    const motors = speaker(ros, '/motor_commands', 'std_msgs/msg/Float32MultiArray');
    const other = speaker(ros, '/histogram', 'std_msgs/msg/Float32MultiArray');
    const [s, c] = [Math.sin(0.35), Math.cos(0.35)];
    target({ header: header(0), pose: { position: xyz([4, 5, 6]), orientation: xyzw([0, 0, s, c]) } });
    motors({ layout: {}, data: [0.1, 0.2, 0.3, 1] });
    other({ layout: {}, data: [100, 200] });
    await eventually(() => hub.counts.received === 3, 'messages');
    const { topics, name, vehicle } = await recordingOf(hub, ros);
    assert.equal([name, vehicle], ['asked', 'x500']);
    assert.equal(Object.keys(topics).sort(), ['motors', 'setpoint', 'yaw_setpoint']);
    assert.equal(
      topics.setpoint!.columns.map(([value]) => value),
      [4, 5, 6],
    );
    near(topics.yaw_setpoint!.columns[0][0], 0.7, 1e-12);
    assert.equal(
      topics.motors!.columns.map(([value]) => value),
      [0.1, 0.2, 0.3, 1],
    );
  });
});

test('of two topics that tell the same, the first to speak is taken, and the flight says so', async () => {
  await withHub(async (hub) => {
    const ros = await robot(`${hub.url}/rosbridge`);
    const pose = { position: xyz([0, 0, 1]), orientation: xyzw([0, 0, 0, 1]) };
    const mocap = speaker(ros, '/mocap', 'geometry_msgs/PoseStamped');
    const odom = speaker(ros, '/odom', 'nav_msgs/Odometry');
    mocap({ header: header(0), pose });
    odom(odometry(0.1, [9, 9, 9], [0, 0, 0, 1], [1, 0, 0]));
    mocap({ header: header(0.2), pose });
    await eventually(() => hub.counts.received === 4, 'messages');
    const listener = await RawClient.join(hub.url, 'subscriber');
    const flight = await recordingOf(hub, ros);
    assert.equal([...flight.topics.pose!.columns[2]], [1, 1]);
    assert.is(flight.topics.velocity!.time.length, 1);
    const end = await listener.until((frame) => frame.op === 'end');
    assert.ok(end.op === 'end' && end.warnings.some((text) => /pose is that of \/mocap, not of \/odom/.test(text)));
  });
});

test('a silence ends a flight, the next message begins another, and a disconnect ends that', async () => {
  await withHub(
    async (hub) => {
      const ros = await robot(`${hub.url}/rosbridge`);
      const battery = speaker(ros, '/battery', 'sensor_msgs/BatteryState');
      const listener = await RawClient.join(hub.url, 'subscriber');
      const ends = () => listener.frames.filter((frame) => frame.op === 'end');
      for (let i = 0; i < 3; i++) battery({ header: header(i / 10), voltage: 4 });
      await eventually(() => ends().length === 1, 'the silence');
      assert.is(hub.counts.publishers, 1);
      for (let i = 0; i < 2; i++) battery({ header: header(9 + i / 10), voltage: 3.9 });
      await eventually(() => hub.counts.received === 5, 'the second flight');
      ros.close();
      await eventually(() => ends().length === 2, 'the disconnect');
      const [first, second] = ends();
      assert.equal(first.op === 'end' && [first.sent, first.truncated], [3, false]);
      assert.match(first.op === 'end' ? first.warnings[0] : '', /nothing came for 0.2 s/);
      assert.equal(second.op === 'end' && [second.sent, second.truncated], [2, false]);
      const { recordings, received, recorded, dropped, missing } = await hub.close();
      assert.equal({ received, recorded, dropped, missing }, { received: 5, recorded: 5, dropped: 0, missing: 0 });
      assert.equal((await Promise.all(recordings.map((path) => readFlight(path)))).map(countSamples), [3, 2]);
    },
    { silenceSeconds: 0.2 },
  );
});

test('a hub that ends under a flight marks it as truncated', async () => {
  await withHub(async (hub) => {
    const ros = await robot(`${hub.url}/rosbridge`);
    speaker(ros, '/battery', 'sensor_msgs/BatteryState')({ header: header(0), voltage: 4 });
    await eventually(() => hub.counts.received === 1, 'a message');
    assert.is((await hub.close()).flightReports[0].truncated, true);
  });
});

test('stamps of ROS 1 are read, a sample older than the first is left out', async () => {
  await withHub(async (hub) => {
    const ros = await robot(`${hub.url}/rosbridge`);
    const battery = speaker(ros, '/b', 'sensor_msgs/BatteryState');
    for (const [nsecs, voltage] of [
      [500_000_000, 1],
      [250_000_000, 2],
      [750_000_000, 3],
    ])
      battery({ header: { stamp: { secs: 50, nsecs } }, voltage });
    battery({ header: { stamp: { secs: 51, nsecs: 0 } }, voltage: null }); // not measured
    battery({ header: { stamp: { secs: 52, nsecs: 0 } }, voltage: 4 });
    await eventually(() => hub.counts.received === 3, 'messages');
    const { topics, droppedRows } = await recordingOf(hub, ros);
    assert.equal([...topics.battery!.columns[0]], [1, 3, 4]);
    for (const [i, t] of [0, 0.25, 1.5].entries()) near(topics.battery!.time[i], t, 1e-6);
    assert.is(droppedRows, 1);
  });
});

async function raw(url: string, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

test('malformed frames are answered by the field, counted, and the good ones go on', async () => {
  await withHub(async (hub) => {
    const socket = await raw(`${hub.url}/rosbridge`);
    const answers: { op: string; level: string; msg: string }[] = [];
    socket.on('message', (data) => answers.push(JSON.parse(data.toString())));
    const publish = (topic: string, msg: unknown) => JSON.stringify({ op: 'publish', topic, msg });
    const pose = (orientation: unknown) => publish('/p', { pose: { position: xyz([0, 0, 0]), orientation } });
    const wrong: [string | Buffer, RegExp][] = [
      ['{', /frame: expected JSON/],
      ['[]', /frame: expected an object, got a list/],
      [Buffer.of(1, 2, 3), /frame: expected JSON text/],
      [
        '{"op":"call_service","service":"/rosapi/topics"}',
        /op: expected advertise, publish or unadvertise, got "call_service"/,
      ],
      ['{"op":"publish"}', /topic/],
      [publish('/none', {}), /topic: expected an advertise before/],
      ['{"op":"advertise","topic":"/x"}', /type: expected the type/],
      ['{"op":"advertise","topic":"/x","type":"sensor_msgs/Image"}', /type: .*sensor_msgs\/Image.*left out/],
      ['{"op":"advertise","topic":"/x","type":"__proto__"}', /type/],
      ['{"op":"publish","topic":"/p"}', /msg: expected an object/],
      [pose(xyzw([0, 0, 0, 0])), /msg\.pose\.orientation: expected a unit quaternion/],
      [pose({ x: 0, y: 0, z: 0 }), /msg\.pose\.orientation\.w: expected a number, got undefined/],
      [pose(xyzw([0, 0, 'a' as never, 1])), /msg\.pose\.orientation\.z/],
      [publish('/motors', { data: [0, 0, 0, 2] }), /msg\.data: expected four/],
      [publish('/motors', { data: [0, 0, 0] }), /msg\.data: expected four/],
      [publish('/motors', { data: 'x'.repeat(500_000) }), /msg\.data: expected a list/],
    ];
    socket.send('{"op":"advertise","topic":"/p","type":"geometry_msgs/PoseStamped"}');
    socket.send('{"op":"advertise","topic":"/motors","type":"std_msgs/Float32MultiArray"}');
    for (const [i, [frame, answer]] of wrong.entries()) {
      socket.send(frame);
      await eventually(() => answers.length === i + 1, `an answer to ${frame.slice(0, 80)}`);
      assert.match(answers[i].msg, answer);
      assert.equal([answers[i].op, answers[i].level], ['status', 'error']);
    }
    socket.send(publish('/x', { data: 'an image' }));
    socket.send(pose(xyzw([0, 0, 0, 1])));
    await eventually(() => hub.counts.recorded + hub.counts.received >= 13, 'the good one');
    socket.close();
    await eventually(() => hub.counts.publishers === 0, 'the end');
    const { received, recorded, dropped } = await hub.close();
    assert.equal({ received, recorded, dropped }, { received: 13, recorded: 1, dropped: 12 });
  });
});

test('who may come in: the token in the address, no pages from elsewhere, no other path', async () => {
  const refused = (url: string, status: RegExp, options = {}) =>
    raw(url, options).then(
      () => assert.unreachable(`${url} came in`),
      (error: Error) => assert.match(error.message, status),
    );
  await withHub(async (hub) => {
    await refused(`${hub.url}/rosbridge`, /403/, { origin: 'https://example.org' });
    await refused(`${hub.url}/rosbridge`, /403/, { origin: 'file://' });
    await refused(hub.url, /400/);
    await refused(`${hub.url}/elsewhere`, /400/);
  });
  await withHub(
    async (hub) => {
      await refused(`${hub.url}/rosbridge`, /401/);
      await refused(`${hub.url}/rosbridge?token=guess`, /401/);
      (await robot(`${hub.url}/rosbridge?token=secret`)).close();
    },
    { token: 'secret' },
  );
});

const nanobench = flightsFolder();
const real = nanobench && join(nanobench, 'nanobench', 'B2_circle_fast_rep2.csv.gz');
if (!real) console.log('skipped: no folder of real flights, so none was published');
else
  test('a real flight out of ROS messages: its recording is the log, and Foxglove sees it', async () => {
    await withHub(async (hub) => {
      const flight = await readFlight(real);
      const viewer = await FoxgloveViewer.open(hub.url);
      const ros = await robot(`${hub.url}/rosbridge?name=circle`);
      const speakers = speakersOf(ros);
      let sent = 0;
      for (const { topic, time, values } of samplesInOrder(flight)) {
        if (!speakers[topic]) continue;
        speakers[topic](time, values);
        sent++;
        if (sent % 500 === 0) await eventually(() => hub.counts.received === sent, 'a while');
      }
      await eventually(() => hub.counts.received === sent, 'all of it');
      assert.ok(sent > 20_000);
      const got = await recordingOf(hub, ros);
      assert.is(hub.counts.dropped, 0);
      assert.is(got.droppedRows, 0);
      for (const topic of Object.keys(speakers) as ('pose' | 'motors')[]) {
        const [a, b] = [got.topics[topic]!, flight.topics[topic]!];
        assert.is(a.time.length, b.time.length, topic);
        const zero = flight.topics[firstOf(flight, Object.keys(speakers))]!.time[0];
        for (let i = 0; i < b.time.length; i++) {
          near(a.time[i], b.time[i] - zero, 1e-6, `${topic} time ${i}`); // Unix times are doubles
          for (let c = 0; c < b.columns.length; c++) near(a.columns[c][i], b.columns[c][i], 1e-6, `${topic} ${c} ${i}`);
        }
      }
      assert.ok(viewer.of('/pose').length > got.topics.pose!.time.length - 100);
    });
  });

function firstOf(flight: Flight, names: string[]): 'pose' {
  const times = names
    .filter((name) => flight.topics[name as 'pose'])
    .map((name) => [name, flight.topics[name as 'pose']!.time[0]] as const);
  return times.reduce((best, next) => (next[1] < best[1] ? next : best))[0] as 'pose';
}

test.run();
