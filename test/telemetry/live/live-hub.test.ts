import { Observable, type Subscriber } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FromHubOptions } from '../../../src/telemetry/client/from-hub.ts';
import { LiveHub, MOST_FLIGHTS } from '../../../src/telemetry/live/index.ts';
import type { Arrived } from '../../../src/telemetry/pipeline/event.ts';
import { beginFrame, dataFrame, endFrame } from '../hub/given-hub.ts';

const test = suite('live hub');

/** A hub whose frames the test sends itself. */
class GivenHub {
  readonly hub: LiveHub;
  #out: Subscriber<Arrived> | null = null;
  #lose: (why: string) => void = () => {};

  constructor() {
    const connect = ({ onLost = () => {} }: FromHubOptions) =>
      new Observable<Arrived>((out) => {
        this.#lose = onLost;
        this.#out = out;
      });
    this.hub = new LiveHub({
      url: 'ws://pilot:secret@hub:8765/?token=secret',
      token: 'secret',
      connect,
      now: () => 50,
    });
  }

  send(...frames: object[]): void {
    for (const frame of frames) this.#out?.next({ text: JSON.stringify(frame), at: 50 });
  }

  leave(): void {
    this.#lose('the hub ends');
    this.#out?.complete();
  }
}

/** Runs `use` with such a hub and closes it. */
function withHub(use: (given: GivenHub) => void): void {
  const given = new GivenHub();
  try {
    use(given);
  } finally {
    given.hub.close();
  }
}

test('a flight under way, one that ended, one that was joined late', () =>
  withHub((given) => {
    given.send(beginFrame('1.1', 'first'), dataFrame('1.1', 0, 10), dataFrame('1.1', 15, 10), endFrame('1.1', 30));
    given.send({ ...beginFrame('2.1', 'second'), fromSeq: 100 }, dataFrame('2.1', 100, 10));
    const { flights, connected } = given.hub.state();
    assert.ok(connected);
    assert.equal(
      flights.map(({ id, state, received, gaps, missedBefore }) => ({ id, state, received, gaps, missedBefore })),
      [
        { id: 'first', state: 'ended', received: 20, gaps: 10, missedBefore: 0 },
        { id: 'second', state: 'live', received: 10, gaps: 0, missedBefore: 100 },
      ],
    );
    assert.is(flights[0].durationSeconds, 0.24);
  }));

test('samples are told from a number on, in their order and no more than asked for', () =>
  withHub((given) => {
    given.send(beginFrame('1.1', 'first'), dataFrame('1.1', 0, 10), dataFrame('1.1', 15, 10));
    const flight = given.hub.find('first');
    assert.ok(flight);
    const one = flight.after(-1, 12);
    assert.equal([one.samples.length, one.last, one.complete], [12, 16, false]);
    const two = flight.after(one.last, 100);
    assert.equal([two.samples.length, two.last, two.complete], [8, 24, true]);
    assert.equal(two.samples[0], { topic: 'battery', time: 0.17, values: [4 - 17 / 1e4] });
    assert.equal(flight.after(24, 100), { samples: [], last: 24, complete: true });
  }));

test('topics come in the order in which they were sent', () =>
  withHub((given) => {
    const topics = ['velocity', 'battery', 'rates', 'battery', 'velocity'] as const;
    const messages = topics.map((topic, i) => ({ topic, t: i, values: topic === 'battery' ? [4] : [0, 0, i] }));
    given.send(beginFrame('1.1', 'first'), { op: 'data', flight: '1.1', seq: 0, messages });
    const { samples } = given.hub.find('first')?.after(-1, 99) ?? { samples: [] };
    assert.equal(
      samples.map(({ topic, time }) => [topic, time]),
      topics.map((topic, i) => [topic, i]),
    );
  }));

test('with the hub its flights are cut off, and secrets in its address are not told', () =>
  withHub((given) => {
    given.send(beginFrame('1.1', 'first'), dataFrame('1.1', 0, 10));
    given.leave();
    const state = given.hub.state();
    assert.equal([state.connected, state.problem, state.retrySeconds], [false, 'the hub ends', 1]);
    assert.equal([state.flights[0].state, state.flights[0].truncated], ['lost', true]);
    assert.is(state.url, 'ws://hub:8765');
    assert.not.match(JSON.stringify(state), /secret/);
  }));

test('of many flights the one that ended first goes, one under way stays', () =>
  withHub((given) => {
    given.send(beginFrame('0', 'stays'));
    for (let i = 1; i < MOST_FLIGHTS + 3; i++) given.send(beginFrame(`${i}`, `f${i}`), endFrame(`${i}`, 0));
    const names = given.hub.flights.map(({ begin }) => begin.name);
    assert.is(names.length, MOST_FLIGHTS);
    assert.equal(names.slice(0, 2), ['stays', 'f4']);
  }));

test('flights of the same name have ids of their own', () =>
  withHub((given) => {
    given.send(beginFrame('1', 'a'), beginFrame('2', 'a-2'), beginFrame('3', 'a'));
    assert.equal(
      given.hub.flights.map(({ id }) => id),
      ['a', 'a-2', 'a-3'],
    );
  }));

test.run();
