/**
 * Messages a second from a publisher through a hub that records: alone, with a subscriber, with a Foxglove client that takes
 * everything and with one that takes nothing; all in one process.
 *
 * `node --import tsx test/bench/telemetry.ts [MESSAGES]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countSamples } from '../../src/episode/samples.ts';
import { receiveFlights, streamFlights, TelemetryHub } from '../../src/telemetry/index.ts';
import { FoxgloveViewer } from '../telemetry/hub/given-foxglove.ts';
import { givenFlight, series, times } from '../telemetry/pipeline/given-events.ts';

const count = Number(process.argv[2] ?? 100_000);
const at = times(count / 4, 0.01);
const wave = (t: number) => Math.sin(t);
const flight = givenFlight({
  pose: series(at, ...Array(7).fill(wave)),
  velocity: series(at, wave, wave, wave),
  rates: series(at, wave, wave, wave),
  motors: series(at, wave, wave, wave, wave),
});

for (const listening of [false, true]) {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
  const hub = await TelemetryHub.start({ port: 0, recordFolder: folder });
  const receiving = listening ? receiveFlights({ url: hub.url }) : null;
  while (listening && hub.counts.subscribers === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { sent, acknowledged, seconds } = await streamFlights([flight], { url: hub.url });
  const received = (await receiving)?.received ?? sent;
  const { recorded } = await hub.close();
  rmSync(folder, { recursive: true });
  if (new Set([countSamples(flight), sent, acknowledged, received, recorded]).size > 1)
    throw new Error('counts differ');
  console.log(`${listening ? 'recorded and received' : 'recorded'}: ${Math.round(sent / seconds)} messages/s`);
}

// Foxglove clients: what they are too slow for is left out, and the publisher goes on.
for (const takes of [true, false]) {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
  const hub = await TelemetryHub.start({ port: 0, recordFolder: folder });
  const viewer = await FoxgloveViewer.open(hub.url);
  if (!takes) viewer.client.on('advertise', () => setTimeout(() => viewer.socket.pause(), 20));
  const { sent, seconds } = await streamFlights([flight], { url: hub.url });
  const { recorded, relayed, dropped } = hub.counts;
  viewer.socket.terminate();
  await hub.close();
  rmSync(folder, { recursive: true });
  if (recorded !== sent) throw new Error('counts differ');
  const what = takes ? 'recorded and shown' : 'recorded, with a Foxglove client that takes nothing';
  console.log(`${what}: ${Math.round(sent / seconds)} messages/s; ${relayed} shown, ${dropped} left out of ${sent}`);
}
