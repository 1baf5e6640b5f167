import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Sample, samplesInOrder } from '../../../src/episode/samples.ts';
import type { Clock } from '../../../src/telemetry/client/clock.ts';
import { MAX_BATCH, paced, type Speed } from '../../../src/telemetry/client/pacing.ts';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import { near } from '../../given.ts';
import { withHub } from '../hub/given-hub.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';

/** Time that passes only while somebody sleeps. */
class FakeClock implements Clock {
  ms = 5000;
  now = () => this.ms;
  sleep = async (ms: number) => {
    this.ms += ms;
  };
}

const sampled = (all: number[]): Sample[] => all.map((time) => ({ topic: 'battery', time, values: [4] }));

async function departures(samples: Sample[], speed: Speed, signal?: AbortSignal) {
  const clock = new FakeClock();
  const sent: { t: number; at: number; frame: number }[] = [];
  let frame = 0;
  for await (const messages of paced(samples, speed, clock, signal)) {
    for (const { t } of messages) sent.push({ t, at: (clock.ms - 5000) / 1000, frame });
    frame++;
  }
  return sent;
}

test('at speed 1 every sample leaves when it is due, at most 20 ms late', async () => {
  const samples = sampled([0, 0.001, 0.5, 0.51, 0.515, 2, 2.5]);
  for (const { t, at } of await departures(samples, 1)) {
    assert.ok(at >= t - 1e-9, `sample of ${t} s left at ${at} s`);
    assert.ok(at <= t + 0.0201, `sample of ${t} s left at ${at} s`);
  }
});

test('at speed 10 a minute takes six seconds', async () => {
  const sent = await departures(sampled(times(6001, 0.01)), 10);
  assert.is(sent.length, 6001);
  near(sent[6000].at, 6, 0.021);
});

test('a fast log makes 50 frames a second, and does not fall behind', async () => {
  const sent = await departures(sampled(times(60_000, 1 / 30_000)), 1);
  const frames = new Set(sent.map(({ frame }) => frame)).size;
  assert.ok(frames <= 100 + 60_000 / MAX_BATCH + 2, `${frames} frames`);
  for (const { t, at } of sent) assert.ok(at >= t - 1e-9 && at <= t + 0.0201, `sample of ${t} s left at ${at} s`);
});

test('at full speed nobody waits, and no frame is larger than allowed', async () => {
  const sent = await departures(sampled(times(1000, 1)), 'max');
  assert.is(sent[999].at, 0);
  const sizes = sent.reduce(
    (count, { frame }) => count.set(frame, (count.get(frame) ?? 0) + 1),
    new Map<number, number>(),
  );
  assert.equal([...sizes.values()], [256, 256, 256, 232]);
});

test('an aborted signal ends it', async () => {
  assert.equal(await departures(sampled([0, 1]), 1, AbortSignal.abort()), []);
});

test('no samples, no frames', async () => {
  assert.equal(await departures([], 1), []);
});

test('a flight streamed at speed 1 takes its own duration on the clock it is given', async () => {
  await withHub(async (hub) => {
    const clock = new FakeClock();
    const flight = givenFlight({ battery: series(times(601, 0.1), () => 4) });
    assert.is([...samplesInOrder(flight)].length, 601);
    const { seconds, acknowledged } = await streamFlights([flight], { url: hub.url, speed: 1, clock });
    near(seconds, 60, 0.021);
    assert.is(acknowledged, 601);
  });
});

test.run();
