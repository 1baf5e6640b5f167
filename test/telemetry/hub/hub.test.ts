import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countSamples } from '../../../src/episode/samples.ts';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import { receiveFlights } from '../../../src/telemetry/client/subscriber.ts';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { TelemetryHub } from '../../../src/telemetry/hub/index.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder, near } from '../../given.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';
import { eventually, withHub } from './given-hub.ts';

const wave = (t: number) => Math.sin(3 * t) + t / 7;

function flightNamed(name: string, count: number, more: Partial<Flight> = {}): Flight {
  const battery = series(times(count, 0.1), (t) => 4 - t / 100);
  return givenFlight({ velocity: series(times(count, 0.013), wave, wave, wave), battery }, { name, ...more });
}

/** Equal column by column; a recording keeps nanoseconds. */
function sameFlight(actual: Flight, expected: Flight): void {
  assert.equal(Object.keys(actual.topics).sort(), Object.keys(expected.topics).sort());
  for (const [topic, { time, columns }] of Object.entries(expected.topics)) {
    const got = actual.topics[topic as 'pose'];
    assert.is(got?.time.length, time.length, topic);
    for (const [i, t] of time.entries()) near(got?.time[i] ?? Number.NaN, t, 1.01e-9, `${topic} time ${i}`);
    for (const [c, column] of columns.entries()) assert.equal(got?.columns[c], column, `${topic} column ${c}`);
  }
}

test('a flight arrives whole: every count is the same, recording and subscriber hold what was sent', async () => {
  await withHub(async (hub, folder) => {
    const flight = flightNamed('circle', 500, { startUnixSeconds: 1_700_000_000.25, vehicle: 'cf2' });
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 20 });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    const report = await streamFlights([flight], { url: hub.url });
    const received = await receiving;
    const total = countSamples(flight);
    assert.is(report.sent, total);
    assert.is(report.acknowledged, total);
    assert.equal([received.received, received.gaps, received.endedBy], [total, 0, 'streams-ended']);
    sameFlight(received.flights[0], flight);
    assert.is(received.flights[0].vehicle, 'cf2');
    assert.is(received.flights[0].startUnixSeconds, 1_700_000_000.25);
    const end = await hub.close();
    assert.equal([end.received, end.recorded, end.relayed, end.dropped, end.missing], [total, total, total, 0, 0]);
    assert.equal(end.recordings, [join(folder, 'circle.mcap')]);
    sameFlight(await readFlight(end.recordings[0]), flight);
  });
});

test('a log that was cut or lost rows says so at the other end', async () => {
  await withHub(async (hub) => {
    const flight = flightNamed('cut', 5, { truncated: true, droppedRows: 3, warnings: ['row 9: not a number'] });
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 20 });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    await streamFlights([flight], { url: hub.url });
    const [{ truncated, droppedRows, warnings }] = (await receiving).flights;
    assert.equal({ truncated, droppedRows, warnings }, { truncated: true, droppedRows: 3, warnings: flight.warnings });
  });
});

test('two publishers at once keep their flights apart, even under the same name', async () => {
  await withHub(async (hub, folder) => {
    const [one, two] = [flightNamed('same', 3000), flightNamed('same', 2000)];
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 20 });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    const reports = await Promise.all([one, two].map((flight) => streamFlights([flight], { url: hub.url })));
    assert.equal(
      reports.map(({ acknowledged }) => acknowledged),
      [one, two].map(countSamples),
    );
    const { flights } = await receiving;
    const sizes = (all: Flight[]) => all.map(countSamples).sort();
    assert.equal(sizes(flights), sizes([one, two]));
    const { recordings } = await hub.close();
    assert.equal(readdirSync(folder).sort(), ['same-2.mcap', 'same.mcap']);
    assert.equal(sizes(await Promise.all(recordings.map((path) => readFlight(path)))), sizes([one, two]));
  });
});

test('a flight cannot name its way out of the folder', async () => {
  await withHub(async (hub, folder) => {
    const names = ['../../outside', '/etc/passwd', '..', 'a\0b', '.hidden', 'C:\\x', 'ü', 'n'.repeat(400)];
    await streamFlights(
      names.map((name) => flightNamed(name, 2)),
      { url: hub.url },
    );
    const { recordings } = await hub.close();
    assert.is(recordings.length, names.length);
    for (const path of recordings) assert.is(dirname(path), folder);
    assert.is(readdirSync(folder).length, names.length);
    assert.not(existsSync(join(folder, '..', 'outside.mcap')));
  });
});

test('without a folder the hub relays and acknowledges, and records nothing', async () => {
  const hub = await TelemetryHub.start({ port: 0 });
  const flight = flightNamed('live', 50);
  const { acknowledged } = await streamFlights([flight], { url: hub.url });
  const { recorded, dropped, recordings } = await hub.close();
  assert.is(acknowledged, countSamples(flight));
  assert.equal([recorded, dropped, recordings], [0, 0, []]);
});

test('closing the hub ends a stream under way: the recording is complete as far as it goes', async () => {
  await withHub(async (hub) => {
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 20 });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    const streaming = streamFlights([flightNamed('long', 100)], { url: hub.url, speed: 1 });
    await eventually(() => hub.counts.recorded > 10, 'recording');
    const end = await hub.close();
    const report = await streaming;
    assert.match(report.lost ?? '', /the hub ends/);
    assert.is(end.flightReports[0].truncated, true);
    assert.is(countSamples(await readFlight(end.recordings[0])), end.recorded);
    const received = await receiving;
    assert.is(received.flights[0].truncated, true);
    assert.is(received.received, end.recorded);
  });
});

const nanobench = flightsFolder();
const real = nanobench && join(nanobench, 'nanobench', 'B2_circle_fast_rep2.csv.gz');
if (!real) console.log('skipped: no folder of real flights, so none was streamed');
else
  test('a real flight at full speed: equal counts everywhere, equal columns in the recording', async () => {
    await withHub(async (hub) => {
      const flight = await readFlight(real);
      const receiving = receiveFlights({ url: hub.url, idleSeconds: 60 });
      await eventually(() => hub.counts.subscribers === 1, 'subscriber');
      const report = await streamFlights([flight], { url: hub.url });
      const received = await receiving;
      const end = await hub.close();
      const total = countSamples(flight);
      assert.ok(total > 30_000);
      const counts = [report.sent, report.acknowledged, received.received, end.received, end.recorded, end.relayed];
      assert.equal(counts, Array(6).fill(total));
      assert.is(end.dropped, 0);
      sameFlight(received.flights[0], flight);
      sameFlight(await readFlight(end.recordings[0]), flight);
    });
  });

test.run();
