import { createServer } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { TelemetryHub } from '../../../src/telemetry/hub/index.ts';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import { givenFlight, series } from '../pipeline/given-events.ts';
import { RawClient, withHub } from './given-hub.ts';

const flight = givenFlight({ battery: series([0, 0.1], () => 4) });

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => null,
    (reason: Error) => reason,
  );
  assert.instance(error, InputError);
  assert.match(error?.message ?? '', message);
}

test('a port in use is named', async () => {
  await withHub(async (hub) => {
    const port = Number(new URL(hub.url).port);
    await refused(TelemetryHub.start({ port }), new RegExp(`--port: .*${port}`));
  });
});

test('a port out of range, a host that is not ours and an open door are refused', async () => {
  await refused(TelemetryHub.start({ port: 70_000 }), /--port: .*70000/);
  await refused(TelemetryHub.start({ port: 0, host: '192.0.2.1', token: 't' }), /--host: .*192\.0\.2\.1/);
  await refused(TelemetryHub.start({ port: 0, host: '0.0.0.0' }), /--host: .*--token/);
  await refused(TelemetryHub.start({ port: 0, recordFolder: '/dev/null/x' }), /--record: .*\/dev\/null\/x/);
});

test('the right token opens, a wrong or missing one is refused by name', async () => {
  await withHub(
    async (hub) => {
      await refused(streamFlights([flight], { url: hub.url }), /token/);
      await refused(streamFlights([flight], { url: hub.url, token: 'guess' }), /token/);
      assert.equal([hub.counts.received, hub.counts.dropped], [0, 0], 'who is not let in loses no telemetry');
      assert.is((await streamFlights([flight], { url: hub.url, token: 'secret' })).acknowledged, 2);
    },
    { token: 'secret' },
  );
});

test("a web page from elsewhere gets no socket to this machine's hub, a local one does", async () => {
  await withHub(async (hub) => {
    const local = await RawClient.open(hub.url, { origin: 'http://localhost:5173' });
    local.socket.close();
    for (const origin of ['https://example.org', 'null', 'http://127.0.0.1.example.org'])
      await RawClient.open(hub.url, { origin }).then(
        () => assert.unreachable(`${origin} came in`),
        (error: Error) => assert.match(error.message, /403/),
      );
  });
});

test('an address where nobody listens, none at all, and one that is no hub: each says so', async () => {
  await refused(streamFlights([flight], { url: 'ws://127.0.0.1:1' }), /ws:\/\/127\.0\.0\.1:1: .*nothing listens/);
  await refused(streamFlights([flight], { url: 'localhost:8765' }), /localhost:8765: expected an address like ws:/);
  await refused(streamFlights([flight], { url: 'http://127.0.0.1:1' }), /expected an address like ws:/);
  const server = createServer((socket) => socket.end('SSH-2.0-x\r\n')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await refused(streamFlights([flight], { url: `ws://127.0.0.1:${port}` }), /expected a telemetry hub/);
  server.close();
});

test('a plain HTTP request is told what lives here', async () => {
  await withHub(async (hub) => {
    const response = await fetch(hub.url.replace('ws:', 'http:'));
    assert.is(response.status, 426);
    assert.match(await response.text(), /windhover\.v1/);
  });
});

test.run();
