import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocketServer } from 'ws';
import { InputError } from '../../../envs/input-error.ts';
import { streamToRosbridge } from '../../../src/telemetry/client/rosbridge.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import { near } from '../../given.ts';
import { eventually, withHub } from '../hub/given-hub.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';

const wave = (t: number) => Math.sin(3 * t);
const one = () => 1;
const zero = () => 0;
const at = times(200, 0.01);
const flight = givenFlight(
  {
    pose: series(at, wave, wave, wave, zero, zero, zero, one),
    velocity: series(at, wave, one, zero),
    rates: series(at, wave, zero, one),
    acceleration: series(at, zero, wave, one),
    motors: series(at, ...Array(4).fill((t: number) => 0.5 + wave(t) / 4)),
    battery: series([0, 1], () => 4),
    wrench: series(at, one, zero, zero, zero),
  },
  { name: 'circle', startUnixSeconds: 1_700_000_000.75 },
);

type Frame = { op: string; topic: string; type?: string; msg?: Record<string, unknown> };

/** A server that keeps what it gets, a list for each connection. */
async function withServer(use: (url: string, connections: Frame[][], server: WebSocketServer) => Promise<void>) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const connections: Frame[][] = [];
  server.on('connection', (socket) => {
    const frames: Frame[] = [];
    connections.push(frames);
    socket.on('message', (data) => frames.push(JSON.parse(data.toString())));
  });
  await use(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, connections, server);
  for (const socket of server.clients) socket.terminate();
  server.close();
}

test('ROS 2 messages: types, fields, frames and stamps', async () => {
  await withServer(async (url, connections) => {
    const report = await streamToRosbridge([flight], { url });
    assert.equal([report.sent, report.lost, report.interrupted], [1002, null, false]);
    assert.equal(report.flights[0].leftOut, ['wrench']);
    const [frames] = connections;
    const types = Object.fromEntries(frames.filter(({ op }) => op === 'advertise').map((f) => [f.topic, f.type]));
    assert.equal(types, {
      '/pose': 'geometry_msgs/msg/PoseStamped',
      '/velocity': 'geometry_msgs/msg/TwistStamped',
      '/imu/rates': 'sensor_msgs/msg/Imu',
      '/imu/acceleration': 'sensor_msgs/msg/Imu',
      '/battery': 'sensor_msgs/msg/BatteryState',
      '/motors': 'std_msgs/msg/Float32MultiArray',
    });
    const said = (topic: string, i: number) => frames.filter((f) => f.op === 'publish' && f.topic === topic)[i].msg!;
    assert.is(frames.filter(({ op }) => op === 'publish').length, 1002);
    const header = (sec: number, nanosec: number, frame_id: string) => ({ stamp: { sec, nanosec }, frame_id });
    assert.equal(said('/pose', 30), {
      header: header(1_700_000_001, 50_000_000, 'map'),
      pose: { position: { x: wave(0.3), y: wave(0.3), z: wave(0.3) }, orientation: { x: 0, y: 0, z: 0, w: 1 } },
    });
    assert.equal(said('/velocity', 0).twist, { linear: { x: 0, y: 1, z: 0 }, angular: { x: 0, y: 0, z: 0 } });
    const imu = said('/imu/rates', 0) as Record<string, number[]> & { header: unknown };
    assert.equal(imu.header, header(1_700_000_000, 750_000_000, 'base_link'));
    assert.equal([imu.angular_velocity, imu.linear_acceleration_covariance[0]], [{ x: 0, y: 0, z: 1 }, -1]);
    assert.equal(said('/battery', 1), { header: header(1_700_000_001, 750_000_000, 'base_link'), voltage: 4 });
    assert.equal(said('/motors', 0), { data: [0.5, 0.5, 0.5, 0.5] });
  });
});

test('a hub takes it back: the recording is the flight', async () => {
  await withHub(
    async (hub) => {
      const { sent } = await streamToRosbridge([flight, flight], {
        url: `${hub.url}/rosbridge?name=again`,
        token: 'a b',
      });
      await eventually(() => hub.counts.publishers === 0, 'the end');
      const { recordings, received, dropped } = await hub.close();
      assert.equal([sent, received, dropped, recordings.length], [2004, 2004, 0, 2]);
      for (const path of recordings) {
        const { topics } = await readFlight(path);
        assert.equal(Object.keys(topics).sort(), ['acceleration', 'battery', 'motors', 'pose', 'rates', 'velocity']);
        for (const topic of ['pose', 'velocity', 'rates', 'acceleration', 'battery'] as const) {
          const [got, want] = [topics[topic]!, flight.topics[topic]!];
          for (const [i, t] of want.time.entries()) near(got.time[i], t, 1e-6, `${topic} time`);
          assert.equal(got.columns, want.columns, topic);
        }
        // Without a stamp of their own: placed among the others.
        for (const [i, t] of at.entries()) near(topics.motors!.time[i], t, 0.1);
        assert.equal(topics.motors!.columns, flight.topics.motors!.columns);
      }
    },
    { token: 'a b' },
  );
});

test('each flight has a connection of its own; complaints and a lost connection are told', async () => {
  await withServer(async (url, connections, server) => {
    await streamToRosbridge([flight, flight], { url });
    assert.is(connections.length, 2);
    server.on('connection', (socket) => {
      socket.send('{"op":"status","level":"error","msg":"no such type"}');
      socket.once('message', () => setTimeout(() => socket.close(1011, 'broken'), 50));
    });
    const { complaints, lost } = await streamToRosbridge([flight], { url, speed: 1 });
    assert.equal([complaints, lost], [['no such type'], 'broken']);
  });
});

test('a signal ends it', async () => {
  await withServer(async (url) => {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const { interrupted, sent } = await streamToRosbridge([flight], { url, speed: 1, signal: stop.signal, onProgress });
    assert.ok(interrupted && sent > 0 && sent < 1002);
  });
});

test('an address where nothing answers, and one that is none', async () => {
  for (const url of ['ws://127.0.0.1:1', 'localhost'])
    await streamToRosbridge([flight], { url }).then(
      () => assert.unreachable(),
      (error: Error) => {
        assert.instance(error, InputError);
        assert.match(error.message, new RegExp(`${url}: expected`));
      },
    );
});

test.run();
