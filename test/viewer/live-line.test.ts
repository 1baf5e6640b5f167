import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LiveFlightState, LiveHubState } from '../../src/episode/live.ts';
import { liveWords, waitingWords } from '../../viewer/src/panels/live-line.ts';

const test = suite('live line');

const flight: LiveFlightState = {
  ...{ id: 'mine', title: 'mine', state: 'live', durationSeconds: 3, received: 300, gaps: 0, dropped: 0 },
  ...{
    missedBefore: 0,
    messagesPerSecond: 99.6,
    delaySeconds: 0.0034,
    pace: 1.001,
    silentSeconds: 0,
    truncated: false,
  },
};
const hub: LiveHubState = { url: 'ws://hub', connected: true, flights: [flight] };
const gone = { ...hub, connected: false, problem: 'the hub ends', retrySeconds: 4 };

test('tells how messages come in', () => {
  const figures = (change: Partial<LiveFlightState>) => liveWords({ ...flight, ...change }, hub, true).figures;
  assert.is(figures({}), '100 messages/s · 3 ms late · no gaps');
  assert.is(figures({ delaySeconds: null, pace: 3.96 }), '100 messages/s · played 4.0× · no gaps');
  assert.is(figures({ delaySeconds: null, pace: null, gaps: 5 }), '100 messages/s · 5 missing');
  assert.is(figures({ silentSeconds: 2.9, dropped: 2 }), 'nothing for 2 s · no gaps · 2 unusable');
  assert.is(figures({ state: 'ended', missedBefore: 9 }), '300 messages · no gaps · joined in mid-flight');
});

test('an end before its time is called so, and so is a page without its server', () => {
  const badge = (change: Partial<LiveFlightState>, served = true) =>
    liveWords({ ...flight, ...change }, hub, served).badge;
  assert.equal(
    [badge({}), badge({ state: 'ended' }), badge({ state: 'ended', truncated: true }), badge({ state: 'lost' })],
    ['LIVE', 'ENDED', 'CUT OFF', 'CUT OFF'],
  );
  assert.is(badge({}, false), 'NO LINK');
});

test('says what it waits for, and why', () => {
  assert.is(liveWords(flight, gone, true).problem, 'No connection to ws://hub: the hub ends; next try in 4 s.');
  assert.equal(waitingWords([hub], true).title, 'Waiting for a flight');
  assert.equal(waitingWords([gone], true), {
    title: 'Waiting for the hub',
    text: 'No connection to ws://hub: the hub ends; next try in 4 s.',
  });
  assert.match(waitingWords([hub], false).text, /`windhover watch` does not answer/);
});

test.run();
