import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import { type ReceiveProgress, receiveFlights } from '../../../src/telemetry/client/subscriber.ts';
import { beginFrame, dataFrame, endFrame, eventually, RawClient, withHub } from '../hub/given-hub.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';

const short = (name: string) => givenFlight({ battery: series(times(20, 0.1), () => 4) }, { name });

test('several logs in one stream are several flights, in their order', async () => {
  await withHub(async (hub) => {
    const progress: ReceiveProgress[] = [];
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 20, onProgress: (p) => progress.push(p) });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    await streamFlights([short('one'), short('two')], { url: hub.url });
    const { flights, received, endedBy } = await receiving;
    assert.equal(
      flights.map(({ name }) => name),
      ['one', 'two'],
    );
    assert.equal([received, endedBy], [40, 'streams-ended']);
    assert.equal(progress.at(-1), { name: 'two', flights: 2, received: 40 });
  });
});

test('it does not end while a publisher is still connected, or a flight under way', async () => {
  await withHub(async (hub) => {
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 20 });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    const slow = await RawClient.join(hub.url, 'publisher');
    slow.send(beginFrame('a', 'slow'));
    await streamFlights([short('quick')], { url: hub.url });
    slow.send(dataFrame('a', 0, 10));
    slow.send(endFrame('a', 12));
    await slow.until((frame) => frame.op === 'ack' && frame.final);
    slow.socket.close();
    const { flights, gaps, endedBy } = await receiving;
    assert.equal(
      flights.map(({ name }) => name),
      ['quick', 'slow'],
    );
    assert.equal([gaps, endedBy], [2, 'streams-ended']);
    assert.match(flights[1].warnings[0], /^2 of the flight's messages did not arrive/);
  });
});

test('without data it ends after the idle time, with what it has', async () => {
  await withHub(async (hub) => {
    const client = await RawClient.join(hub.url, 'publisher');
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 0.3 });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    client.send(beginFrame('a', 'stuck'));
    client.send(dataFrame('a', 0, 10));
    const { flights, received, endedBy } = await receiving;
    assert.equal([received, endedBy], [10, 'idle']);
    assert.equal([flights[0].name, flights[0].truncated], ['stuck', true]);
  });
});

test('a signal ends it, with what it has', async () => {
  await withHub(async (hub) => {
    const controller = new AbortController();
    const client = await RawClient.join(hub.url, 'publisher');
    let sofar = 0;
    const onProgress = ({ received }: ReceiveProgress) => {
      sofar = received;
    };
    const receiving = receiveFlights({ url: hub.url, signal: controller.signal, onProgress });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    client.send(beginFrame('a'));
    client.send(dataFrame('a', 0, 10));
    await eventually(() => sofar === 10, 'ten messages');
    controller.abort();
    const { flights, received, endedBy } = await receiving;
    assert.equal([flights.length, received, endedBy], [1, 10, 'signal']);
    await eventually(() => hub.counts.subscribers === 0, 'it hangs up');
  });
});

test('a signal that is aborted already ends it at once', async () => {
  await withHub(async (hub) => {
    const { flights, endedBy } = await receiveFlights({ url: hub.url, signal: AbortSignal.abort() });
    assert.equal([flights, endedBy], [[], 'signal']);
  });
});

test('a hub that goes away ends it, and it says so', async () => {
  await withHub(async (hub) => {
    const receiving = receiveFlights({ url: hub.url, idleSeconds: 20 });
    await eventually(() => hub.counts.subscribers === 1, 'subscriber');
    await hub.close();
    const { endedBy, problems } = await receiving;
    assert.is(endedBy, 'lost');
    assert.match(problems[0], /the hub ends/);
  });
});

test('an address without a hub is refused', async () => {
  await receiveFlights({ url: 'ws://127.0.0.1:1' }).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.instance(error, InputError);
      assert.match(error.message, /nothing listens there/);
    },
  );
});

test.run();
