import { type AddressInfo, createServer } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocketServer } from 'ws';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import { SUBPROTOCOL } from '../../../src/telemetry/protocols/windhover.ts';
import { withHub } from '../hub/given-hub.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';

const long = givenFlight({ battery: series(times(3000, 0.01), () => 4) }, { name: 'long' });

/** A server that speaks the protocol's hello and then does what it is told with each frame. */
async function withServer(
  onFrame: (frame: { op: string }, reply: (answer: unknown) => void, hangUp: () => void) => void,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => SUBPROTOCOL });
  server.on('connection', (socket) => {
    const reply = (answer: unknown) => socket.send(typeof answer === 'string' ? answer : JSON.stringify(answer));
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.op === 'hello') reply({ op: 'hello', version: 1, role: 'hub' });
      else onFrame(frame, reply, () => socket.terminate());
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  await use(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.close();
}

test('a connection lost in the middle is told, with what was acknowledged until then', async () => {
  let frames = 0;
  await withServer(
    ({ op }, reply, hangUp) => {
      if (op !== 'data') return;
      if (++frames === 3) return hangUp();
      reply({
        op: 'ack',
        flight: '0',
        seq: 0,
        received: frames * 256,
        accepted: frames * 256,
        dropped: 0,
        final: false,
      });
    },
    async (url) => {
      const { sent, acknowledged, lost, flights } = await streamFlights([long, long], { url, window: 256 });
      assert.match(lost ?? '', /closed without a word/);
      assert.is(acknowledged, 512);
      assert.ok(sent > acknowledged);
      assert.is(flights.length, 1, 'the second flight is not begun');
    },
  );
});

test('no more than the window is on the way, and a hub that falls silent is given up', async () => {
  let messages = 0;
  await withServer(
    (frame) => {
      if ('messages' in frame) messages += (frame.messages as unknown[]).length;
    },
    async (url) => {
      const { sent, acknowledged, lost } = await streamFlights([long], { url, window: 512, patienceSeconds: 0.1 });
      assert.match(lost ?? '', /acknowledged nothing for 0\.1 s/);
      assert.equal([sent, acknowledged, messages], [768, 0, 768]);
    },
  );
});

test('an answer that is no frame ends the stream instead of the process', async () => {
  await withServer(
    (_frame, reply) => reply('what?'),
    async (url) => {
      const { lost } = await streamFlights([long], { url });
      assert.match(lost ?? '', /no frame of the protocol/);
    },
  );
});

test('a signal ends the flight with an end mark that says truncated', async () => {
  await withHub(async (hub) => {
    const controller = new AbortController();
    const report = await streamFlights([long, long], {
      ...{ url: hub.url, speed: 1, signal: controller.signal },
      onProgress: ({ sent }) => {
        if (sent > 5) controller.abort();
      },
    });
    assert.is(report.interrupted, true);
    assert.is(report.flights.length, 1);
    assert.is(report.flights[0].truncated, true);
    assert.is(report.acknowledged, report.sent);
    const { flightReports, missing } = await hub.close();
    assert.equal([flightReports[0].truncated, flightReports[0].sent, missing], [true, report.sent, 0]);
  });
});

test('a port that takes connections and says nothing is no hub', async () => {
  const server = createServer((socket) => void setTimeout(() => socket.destroy(), 50)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await streamFlights([long], { url }).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /expected a telemetry hub/),
  );
  server.close();
});

test('a speed that is none is refused before anything is sent', async () => {
  for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    await streamFlights([long], { url: 'ws://127.0.0.1:1', speed }).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /speed: expected max or a number above 0/),
    );
});

test.run();
