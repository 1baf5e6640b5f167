import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';
import { eventually, RawClient, withHub } from './given-hub.ts';

const zero = () => 0.123456789012345;
// About 12 MB of text: more than the system's own buffers take.
const long = givenFlight({ pose: series(times(60_000, 0.001), ...Array(7).fill(zero)) }, { name: 'long' });
const limits = { maxBufferedBytes: 100_000, slowSeconds: 0.3 };

test('a subscriber that takes nothing holds the publisher back, is cut off in time, and its loss is counted', async () => {
  await withHub(
    async (hub) => {
      const slow = await RawClient.join(hub.url, 'subscriber');
      slow.socket.pause();
      const progress: number[] = [];
      const report = await streamFlights([long], {
        ...{ url: hub.url, window: 2000 },
        onProgress: ({ sent, acknowledged }) => progress.push(sent - acknowledged),
      });
      assert.is(report.acknowledged, 60_000);
      assert.ok(Math.max(...progress) <= 2000 + 256, `at most a window on the way, not ${Math.max(...progress)}`);
      assert.is(hub.counts.subscribers, 0);
      const { received, recorded, relayed, dropped, droppedBy } = await hub.close();
      assert.equal([received, recorded], [60_000, 0]);
      assert.ok(droppedBy.slowSubscribers > 0);
      assert.is(dropped, droppedBy.slowSubscribers);
      assert.ok(relayed + dropped <= 60_000, 'nothing is counted twice');
      slow.socket.terminate();
    },
    { recordFolder: undefined, limits },
  );
});

test('a subscriber that is slow for a moment gets everything', async () => {
  await withHub(
    async (hub) => {
      const slow = await RawClient.join(hub.url, 'subscriber');
      slow.socket.pause();
      const streaming = streamFlights([long], { url: hub.url });
      await eventually(() => hub.counts.received > 10_000, 'some of it');
      slow.socket.resume();
      await slow.until((frame) => frame.op === 'end');
      const got = slow.frames.reduce((sum, frame) => sum + (frame.op === 'data' ? frame.messages.length : 0), 0);
      assert.is(got, 60_000);
      await streaming;
      const { relayed, dropped } = await hub.close();
      assert.equal([relayed, dropped], [60_000, 0]);
    },
    { recordFolder: undefined, limits: { ...limits, slowSeconds: 20 } },
  );
});

test.run();
