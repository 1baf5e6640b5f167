import { concat, NEVER, type Observable, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { followHub, type LinkEvent } from '../../../src/telemetry/client/follow-hub.ts';
import type { FromHubOptions } from '../../../src/telemetry/client/from-hub.ts';
import { HubRefusal } from '../../../src/telemetry/client/hub-link.ts';
import type { Arrived } from '../../../src/telemetry/pipeline/event.ts';

const test = suite('follow hub');

const nobody = () => throwError(() => new HubRefusal('nothing listens there', 'nothing listens there'));
const stranger = () => throwError(() => new HubRefusal('token', 'it asks for a token', true));
const greeting: Arrived = { text: '{"op":"status","publishers":0,"flights":0}', at: 0 };
const hub = () => concat(of(greeting), NEVER);
const brief = ({ onLost }: FromHubOptions) => {
  onLost?.('the hub ends');
  return of(greeting);
};

/** Follows a hub that answers each attempt in turn, the last one for ever; what came in so many virtual seconds. */
function follow(attempts: ((options: FromHubOptions) => Observable<Arrived>)[], seconds: number) {
  const scheduler = new TestScheduler(() => {});
  const dialled: number[] = [];
  const connect = (options: FromHubOptions) => {
    dialled.push(scheduler.now() / 1000);
    return attempts[Math.min(dialled.length, attempts.length) - 1](options);
  };
  const events: { op: string }[] = [];
  const subscription = followHub({ url: 'ws://hub', scheduler, connect }).subscribe((event) => events.push(event));
  scheduler.schedule(() => subscription.unsubscribe(), 1000 * seconds);
  scheduler.maxFrames = Number.POSITIVE_INFINITY;
  scheduler.flush();
  return { dialled, events, links: events.filter(({ op }) => op === 'link') as LinkEvent[] };
}

test('waits for a hub that is not there, each time twice as long up to 8 s', () => {
  const { dialled, links } = follow([nobody], 32);
  assert.equal(dialled, [0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5, 31.5]);
  assert.equal(links[0], {
    op: 'link',
    connected: false,
    why: 'nothing listens there',
    badToken: false,
    retrySeconds: 0.5,
  });
});

test('says once that it is connected, and stays', () => {
  const { dialled, events } = follow([nobody, hub], 100);
  assert.equal(dialled, [0, 0.5]);
  assert.equal(
    events.map(({ op }) => op),
    ['link', 'link', 'status'],
  );
});

test('connects again after the hub has gone, soon again once it had been there', () => {
  const { dialled, links } = follow([nobody, nobody, nobody, brief, hub], 100);
  assert.equal(dialled, [0, 0.5, 1.5, 3.5, 4]);
  assert.equal(
    links.map((link) => (link.connected ? 'up' : link.why)),
    [...Array(3).fill('nothing listens there'), 'up', 'the hub ends', 'up'],
  );
});

test('a wrong token is told from a hub that is not there', () => {
  const [link] = follow([stranger], 1).links;
  assert.equal(link, { op: 'link', connected: false, why: 'it asks for a token', badToken: true, retrySeconds: 0.5 });
});

test('whoever has left is not connected again', () => {
  assert.equal(follow([nobody], 3).dialled, [0, 0.5, 1.5]);
});

test.run();
