import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import type { Flight, TopicName } from '../../../src/telemetry/flight.ts';
import type { TelemetryHub } from '../../../src/telemetry/hub/index.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import { MavlinkBytes } from '../../../src/telemetry/protocols/mavlink.ts';
import { flightsFolder, near } from '../../given.ts';
import { type FrameParts, floats, type Part, pack, padded, tlogFrame } from '../logs/given-logs.ts';
import { eventually, RawClient, withHub } from './given-hub.ts';

type Extra = Pick<FrameParts, 'version' | 'system' | 'signed'>;

/** A frame as it is on the wire: that of a log without its time. */
const frame = (message: number, crcExtra: number, parts: Part[], extra: Extra = {}) =>
  tlogFrame(0, { message, crcExtra, payload: pack(...parts), ...extra }).subarray(8);
const ms = (t: number): Part => ['I', Math.round(t * 1000)];
const heartbeat = (type: number, extra: Extra = {}, autopilot = 3) =>
  frame(
    0,
    50,
    [
      ['I', 0],
      ['B', type],
      ['B', autopilot],
      ['B', 0],
      ['B', 0],
      ['B', 3],
    ],
    extra,
  );
const attitude = (t: number, angles: number[], rates = [0, 0, 0], extra: Extra = {}) =>
  frame(30, 39, [ms(t), ...floats(...angles, ...rates)], extra);
const local = (t: number, place: number[], velocity = [0, 0, 0], extra: Extra = {}) =>
  frame(32, 185, [ms(t), ...floats(...place, ...velocity)], extra);
const servos = (t: number, pulses: number[]) =>
  frame(36, 222, [['I', t * 1e6], ...[...pulses, 0, 0, 0, 0].map((p): Part => ['H', p]), ['B', 0]]);

/** Two seconds of a quadrotor that flies north-east and up, in NED and FRD. */
const FLIGHT = [10, 10.5, 11, 11.5, 12].flatMap((t, i) => [
  attitude(t, [Math.PI / 2, 0, 0], [0.1, 0.2, 0.3]),
  local(t, [i, 2 * i, -3 * i], [1, 2, -3]),
  servos(t, [1000, 1250, 1500, 2100]),
]);

async function connect(url: string, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** The recordings, once the vehicle is gone. */
async function recordingsOf(hub: TelemetryHub, socket: WebSocket): Promise<Flight[]> {
  socket.close();
  await eventually(() => hub.counts.publishers === 0, 'the vehicle is gone');
  const { recordings } = await hub.close();
  return Promise.all(recordings.map((path) => readFlight(path)));
}

const row = ({ topics }: Flight, topic: TopicName, i: number) => topics[topic]!.columns.map((column) => column[i]);

function same(actual: number[], expected: number[]): void {
  assert.is(actual.length, expected.length);
  for (const [i, value] of actual.entries()) near(value, expected[i], 1e-6, `column ${i}`);
}

for (const version of [1, 2] as const)
  test(`MAVLink ${version}: a vehicle's frames become a flight, in ENU and FLU`, async () => {
    await withHub(async (hub) => {
      const socket = await connect(`${hub.url}/mavlink?name=test`);
      const extra = { version, signed: version === 2 };
      socket.send(heartbeat(2, extra));
      for (const [i, t] of [10, 10.5, 11, 11.5, 12].entries()) {
        socket.send(attitude(t, [Math.PI / 2, 0, 0], [0.1, 0.2, 0.3], extra));
        socket.send(local(t, [i, 2 * i, -3 * i], [1, 2, -3], extra));
        socket.send(servos(t, [1000, 1250, 1500, 2100]));
      }
      await eventually(() => hub.counts.received === 20, 'all of it');
      const [flight] = await recordingsOf(hub, socket);
      assert.equal([flight.name, flight.vehicle], ['test', 'ArduPilot']);
      for (const topic of ['pose', 'velocity', 'rates', 'motors'] as const)
        same([...flight.topics[topic]!.time], [0, 0.5, 1, 1.5, 2]);
      // Nose north, right wing down: in ENU its nose is +y and its left wing +z, which is a turn of 120° about (1, 1, 1).
      const [x, y, z, ...q] = row(flight, 'pose', 1);
      same([x, y, z], [2, 1, 3]);
      same(
        q.map((value) => value * Math.sign(q[3])),
        [0.5, 0.5, 0.5, 0.5],
      );
      same(row(flight, 'velocity', 1), [2, 1, 3]);
      same(row(flight, 'rates', 1), [0.1, -0.2, -0.3]);
      same(row(flight, 'motors', 1), [0, 0.25, 0.5, 1]);
    });
  });

test('a pose lies between the positions around its attitude', async () => {
  await withHub(async (hub) => {
    const socket = await connect(`${hub.url}/mavlink`);
    socket.send(Buffer.concat([attitude(10, [0, 0, 0]), local(10, [0, 0, 0]), attitude(10.25, [0, 0, 0])]));
    socket.send(Buffer.concat([local(11, [4, 8, -12]), local(20, [40, 0, 0]), attitude(15, [0, 0, 0])]));
    socket.send(local(20.5, [0, 0, 0]));
    await eventually(() => hub.counts.received >= 9, 'all of it');
    const [{ topics }] = await recordingsOf(hub, socket);
    same([...topics.pose!.time], [0, 0.25]);
    same(
      topics.pose!.columns.slice(0, 3).map((column) => column[1]),
      [2, 1, 3],
    );
  });
});

test('frames cut anywhere are read, what lies between them is counted and read around', () => {
  const bytes = Buffer.concat(FLIGHT);
  for (const size of [1, 7, 50, 5000]) {
    const reader = new MavlinkBytes();
    let [count, lost] = [0, 0];
    for (let at = 0; at < bytes.length; at += size) {
      const { frames, dropped } = reader.push(bytes.subarray(at, at + size));
      count += frames.length;
      lost += dropped;
    }
    assert.equal([count, lost], [FLIGHT.length, 0], `by ${size}`);
  }
  const wrong = Buffer.from(FLIGHT[0]);
  wrong[10] ^= 1;
  const { frames, dropped } = new MavlinkBytes().push(
    Buffer.concat([FLIGHT[0], Buffer.from('noise'), FLIGHT[1], wrong, FLIGHT[2], FLIGHT[3]]),
  );
  assert.equal(
    frames.map(({ message }) => message),
    [30, 32, 36, 30],
  );
  assert.is(dropped, 2);
});

test('noise keeps no more than one frame in memory and does not bring the hub down', async () => {
  await withHub(async (hub) => {
    const socket = await connect(`${hub.url}/mavlink`);
    for (let i = 0; i < 200; i++) socket.send(randomBytes(1 + ((i * 37) % 900)));
    socket.send('text');
    socket.send(Buffer.alloc(0));
    // Whatever the noise began is over after the longest frame there is.
    socket.send(Buffer.concat([Buffer.alloc(600), heartbeat(2), ...FLIGHT]));
    await eventually(() => hub.counts.recorded === 20, 'the flight');
    const [flight] = await recordingsOf(hub, socket);
    assert.is(flight.topics.pose!.time.length, 5);
    const { received, recorded, dropped } = hub.counts;
    assert.ok(dropped > 0);
    assert.is(received, recorded + dropped);
  });
});

test('only the vehicle counts: no ground station, no gimbal, no other system; of a hexacopter no motors', async () => {
  await withHub(async (hub) => {
    const socket = await connect(`${hub.url}/mavlink`);
    socket.send(attitude(10, [0, 0, 0], [9, 9, 9], { system: 255 }));
    socket.send(heartbeat(13));
    socket.send(heartbeat(26, {}, 8));
    socket.send(FLIGHT[0]);
    socket.send(attitude(10.2, [0, 0, 0], [8, 8, 8], { system: 7 }));
    for (const bytes of FLIGHT.slice(1)) socket.send(bytes);
    await eventually(() => hub.counts.received === 15, 'all of it');
    const [flight, ...more] = await recordingsOf(hub, socket);
    assert.is(more.length, 0);
    assert.equal(Object.keys(flight.topics).sort(), ['pose', 'rates', 'velocity']);
    for (const value of flight.topics.rates!.columns[0]) near(value, 0.1, 1e-6);
  });
});

test('a vehicle that boots again begins another flight', async () => {
  await withHub(async (hub) => {
    const listener = await RawClient.join(hub.url, 'subscriber');
    const socket = await connect(`${hub.url}/mavlink`);
    for (const bytes of [heartbeat(2), ...FLIGHT]) socket.send(bytes);
    const again = [1, 1.5, 2, 2.5].flatMap((t) => [attitude(t, [0, 0, 0]), local(t, [0, 0, 0])]);
    for (const bytes of again) socket.send(bytes);
    await eventually(() => hub.counts.received === 20 + 12, 'both');
    const flights = await recordingsOf(hub, socket);
    assert.equal(
      flights.map(({ topics }) => topics.pose!.time.length),
      [5, 4],
    );
    const ends = listener.frames.flatMap((f) => (f.op === 'end' ? [f] : []));
    assert.match(ends[0].warnings[0], /booted again/);
    assert.equal(
      ends.map(({ truncated }) => truncated),
      [false, false],
    );
  });
});

test("the motors' scale is that of the parameters known by then, and stays for the flight", async () => {
  const parameter = (name: string, value: number) =>
    frame(22, 220, [...floats(value), ['H', 1], ['H', 0], padded(name, 16), ['B', 9]]);
  await withHub(async (hub) => {
    const socket = await connect(`${hub.url}/mavlink`);
    for (const bytes of [parameter('MOT_PWM_MAX', 1500), heartbeat(2), ...FLIGHT]) socket.send(bytes);
    for (const bytes of [parameter('MOT_PWM_MAX', 1900), servos(12.1, [1000, 1250, 1500, 2100])]) socket.send(bytes);
    await eventually(() => hub.counts.received === 21, 'all of it');
    const [flight] = await recordingsOf(hub, socket);
    for (const i of [0, 5]) same(row(flight, 'motors', i), [0, 0.5, 1, 1]);
  });
});

test('what is not a number is not told', async () => {
  await withHub(async (hub) => {
    const listener = await RawClient.join(hub.url, 'subscriber');
    const socket = await connect(`${hub.url}/mavlink`);
    for (const bytes of FLIGHT) socket.send(bytes);
    const [nan, infinity] = [Number.NaN, Number.POSITIVE_INFINITY];
    socket.send(attitude(12.5, [nan, 0, 0], [1, infinity, 1]));
    socket.send(local(12.5, [0, nan, 0], [nan, 0, 0]));
    socket.send(Buffer.concat([attitude(13, [0, 0, 0]), local(13, [0, 0, 0])]));
    await eventually(() => hub.counts.received === 15 + 3, 'all of it');
    const flights = await recordingsOf(hub, socket);
    assert.equal(flights[0].topics.rates!.time.length, 6);
    for (const frame of listener.frames)
      if (frame.op === 'data') assert.equal(frame.problems, [], 'subscribers get numbers only');
    assert.is(hub.counts.dropped, 0);
  });
});

test('a silence ends the flight', async () => {
  await withHub(
    async (hub) => {
      const socket = await connect(`${hub.url}/mavlink`);
      for (const bytes of FLIGHT) socket.send(bytes);
      await eventually(() => hub.counts.received > 0, 'some');
      const listener = await RawClient.join(hub.url, 'subscriber');
      const end = await listener.until((f) => f.op === 'end');
      assert.match(end.op === 'end' ? end.warnings[0] : '', /nothing came for 0.2 s/);
      socket.close();
    },
    { silenceSeconds: 0.2 },
  );
});

test('who may come in: no pages from elsewhere or of the disk; the token in the address', async () => {
  const refused = (url: string, status: RegExp, options = {}) =>
    connect(url, options).then(
      () => assert.unreachable(`${url} came in`),
      (error: Error) => assert.match(error.message, status),
    );
  await withHub(async (hub) => {
    for (const origin of ['https://example.org', 'file://', 'null'])
      await refused(`${hub.url}/mavlink`, /403/, { origin });
  });
  await withHub(
    async (hub) => {
      await refused(`${hub.url}/mavlink`, /401/);
      (await connect(`${hub.url}/mavlink?token=secret`)).close();
    },
    { token: 'secret' },
  );
});

const folder = flightsFolder();
const real = folder && join(folder, 'mavlink', '2013-10-13_18-31-24.tlog');
if (!real) console.log('skipped: no folder of real flights, so none was sent');
else
  test('a real flight as raw frames: the recording is what the importer reads out of the log', async () => {
    await withHub(async (hub) => {
      const log = await readFlight(real);
      const socket = await connect(`${hub.url}/mavlink`);
      const frames = [...framesOf(readFileSync(real))];
      // As a bridge that asks for the parameters first: the motors' scale is fixed where a flight begins.
      for (const bytes of frames) if (bytes[5] === 22) socket.send(bytes);
      for (const bytes of frames) socket.send(bytes);
      await new Promise<void>((resolve) => socket.once('pong', () => resolve()).ping());
      const [flight] = await recordingsOf(hub, socket);
      assert.is(hub.counts.dropped, 0);
      for (const topic of ['pose', 'rates', 'acceleration', 'motors'] as const) {
        const [got, want] = [flight.topics[topic]!, log.topics[topic]!];
        const skipped = want.time.length - got.time.length;
        assert.ok(skipped >= 0 && skipped <= 3, `${topic}: ${skipped} samples of the first moment are left out`);
        const ahead = want.time[skipped] - got.time[0];
        for (let i = 0; i < got.time.length; i++) {
          near(got.time[i], want.time[i + skipped] - ahead, 2e-6, `${topic} time ${i}`);
          for (const [c, column] of got.columns.entries()) {
            // Metres east and north count from the first position heard of.
            const origin = topic === 'pose' && c < 2 ? want.columns[c][skipped] - column[0] : 0;
            near(column[i], want.columns[c][i + skipped] - origin, 1e-5, `${topic} ${c} ${i}`);
          }
        }
      }
    });
  });

/** The frames of a MAVLink 1 log, without the times. */
function* framesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 8; at + 2 < bytes.length; ) {
    const end = at + 8 + bytes[at + 1];
    yield bytes.subarray(at, end);
    at = end + 8;
  }
}

test.run();
