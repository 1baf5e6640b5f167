import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FlightSource, type FlightSourceOptions } from '../../../src/telemetry/hub/flight-source.ts';
import type { Frame } from '../../../src/telemetry/protocols/windhover.ts';
import { near } from '../../given.ts';
import { eventually } from './given-hub.ts';

const UNIX = 1_700_000_000;

/** A source whose frames are kept and whose clock is set by hand. */
function givenSource(options: Partial<FlightSourceOptions> = {}) {
  const frames: Frame[] = [];
  const clock = { now: UNIX };
  const link = { handle: async (frame: Frame) => void frames.push(frame) };
  const source = new FlightSource(link, { protocol: 'test', silenceSeconds: 60, now: () => clock.now, ...options });
  const times = () => frames.flatMap((frame) => (frame.op === 'data' ? frame.messages.map((m) => m!.t) : []));
  return { source, frames, clock, times };
}

const volts = { battery: [4] };

test('the first sample begins a flight, numbers go on, an end is told with its reason', async () => {
  const { source, frames, clock } = givenSource({ vehicle: 'x500' });
  await source.add(null, { battery: [4], motors: [0, 0, 0, 0] }, ['pose']);
  clock.now += 0.5;
  await source.add(null, volts);
  await source.end('enough', false, ['a note']);
  await source.end('again', false);
  const [begin, one, two, end, ...more] = frames;
  const topics = ['pose', 'battery', 'motors'];
  const flight = {
    op: 'begin',
    flight: '1',
    name: 'test-2023-11-14T22-13-20',
    vehicle: 'x500',
    format: 'test',
    topics,
  };
  assert.equal(begin, { ...flight, startUnixSeconds: UNIX });
  assert.equal(one.op === 'data' && [one.seq, one.messages.map((m) => m?.topic)], [0, ['battery', 'motors']]);
  assert.equal(two.op === 'data' && [two.seq, two.messages], [2, [{ topic: 'battery', t: 0.5, values: [4] }]]);
  const warnings = ['enough', 'a note'];
  assert.equal(end, { op: 'end', flight: '1', sent: 3, truncated: false, droppedRows: 0, warnings });
  assert.equal(more, []);
});

test("the vehicle's clock spaces the samples, whatever it shows and however late they come", async () => {
  for (const boot of [12.5, UNIX + 3, UNIX - 1e6]) {
    const { source, frames, clock, times } = givenSource();
    for (const [stamp, delay] of [
      [0, 0],
      [0.1, 0.7],
      [0.2, 0],
    ]) {
      clock.now = UNIX + stamp + delay;
      await source.add(boot + stamp, volts);
    }
    for (const [i, t] of times().entries()) near(t, [0, 0.1, 0.2][i], 1e-6);
    const [begin] = frames;
    const start = boot === UNIX + 3 ? boot : UNIX;
    assert.is(begin.op === 'begin' && begin.startUnixSeconds, start);
    await source.end('', false);
  }
});

test('without a stamp, or with one of another clock, a sample counts by its arrival', async () => {
  const { source, clock, times } = givenSource();
  await source.add(null, volts);
  clock.now += 1;
  await source.add(500, volts); // the first stamp: its clock is set by the arrival
  clock.now += 1;
  await source.add(501.25, volts);
  clock.now += 1;
  await source.add(9000, volts);
  for (const [i, t] of times().entries()) near(t, [0, 1, 2.25, 3.25][i], 1e-6);
  await source.end('', false);
});

test('a log played a hundred times as fast keeps its own times, and what has no stamp goes along', async () => {
  const { source, clock, times } = givenSource();
  const flown = [0, 50, 100, 150, 200];
  for (const t of flown) {
    clock.now = UNIX + t / 100;
    await source.add(1000 + t, volts);
    await source.add(null, volts);
  }
  for (const [i, t] of times().entries()) near(t, flown[i >> 1], 1e-6);
  await source.end('', false);
});

test('a sample older than the first is left out and counted', async () => {
  const { source, frames, times } = givenSource();
  await source.add(10, volts);
  await source.add(9.9, volts);
  await source.add(10.1, volts);
  await source.end('over', true);
  assert.is(times().length, 2);
  const end = frames.at(-1)!;
  assert.equal(end.op === 'end' && [end.sent, end.droppedRows, end.truncated], [2, 1, true]);
  assert.match(end.op === 'end' ? end.warnings[1] : '', /1 samples were older/);
});

test('a silence ends the flight once, the next sample begins another from zero', async () => {
  const { source, frames, clock } = givenSource({ silenceSeconds: 0.05 });
  await source.add(10, volts);
  await eventually(() => frames.length === 3, 'the silence');
  assert.not(source.flying);
  clock.now += 100;
  await source.add(110, volts);
  const [begin, data] = frames.slice(3);
  assert.equal(begin.op === 'begin' && [begin.flight, begin.startUnixSeconds], ['2', UNIX + 100]);
  assert.equal(data.op === 'data' && [data.seq, data.messages[0]!.t], [0, 0]);
  await source.end('', false);
});

test('a publisher that is held back is not silent', async () => {
  let free = () => {};
  const frames: Frame[] = [];
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  const handle = async (frame: Frame) => {
    frames.push(frame);
    if (frame.op === 'data' && frame.seq === 1) await held;
  };
  const source = new FlightSource({ handle }, { protocol: 'test', silenceSeconds: 0.02 });
  await source.add(null, volts);
  const late = source.add(null, volts);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(
    frames.map(({ op }) => op),
    ['begin', 'data', 'data'],
  );
  free();
  await late;
  await source.end('', false);
});

test.run();
