import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AGAINST_HEART, chosenWay } from '../../src/transfer/by-heart.ts';
import { finetune } from '../../src/transfer/finetune.ts';
import { flights, givenSource, quick, truth, vehicle } from './given-finetune.ts';
import { givenFlight } from './given-samples.ts';

let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'windhover-by-heart-'));
  givenSource(join(folder, 'source'));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

const BY_HEART = { jitter: 0, trims: 0 };
const tried = (byHeart: { validationMse: number; lost: number }, against: { validationMse: number; lost: number }) => [
  { ...BY_HEART, ...byHeart },
  { ...AGAINST_HEART, ...against },
];

test('of two ways that keep the earlier tasks the one with less error on another flight is taken', () => {
  assert.equal(chosenWay(tried({ validationMse: 2, lost: 0 }, { validationMse: 1, lost: 0.02 })), AGAINST_HEART);
  assert.equal(chosenWay(tried({ validationMse: 1, lost: 0 }, { validationMse: 2, lost: 0 })), BY_HEART);
});

test('noise that costs the earlier tasks is left out, however much error it saves', () => {
  assert.equal(chosenWay(tried({ validationMse: 2, lost: 0 }, { validationMse: 1, lost: 0.2 })), BY_HEART);
});

const held = givenFlight(vehicle, { name: 'held', seed: 9, seconds: 8, map: truth });
const run = (out: string, given: typeof flights, more = {}) =>
  finetune({ policy: join(folder, 'source'), flights: given, out: join(folder, out), ...quick, ...more });

test('without flights to choose by, few flights are not learnt by heart', async () => {
  const { settings, byHeartSearch } = await run('two', flights.slice(0, 2));
  assert.equal([settings.jitter, settings.trims], [AGAINST_HEART.jitter, AGAINST_HEART.trims]);
  assert.is(byHeartSearch, undefined);
});

test('with up to four flights the source counts for more', async () => {
  for (const [count, rehearsal] of [
    [2, 4],
    [4, 4],
    [5, 1],
  ]) {
    const out = `rehearsed-${count}`;
    const { settings } = await run(out, flights.slice(0, count), {
      rehearsal: undefined,
      test: [held],
      jitter: 0,
      trims: 0,
    });
    assert.is(settings.rehearsal, rehearsal, `${count} flights`);
  }
});

test('validation flights choose between the two ways, which is told; what is given stays', async () => {
  const { settings, byHeartSearch } = await run('chosen', flights);
  const { jitter, trims } = settings;
  assert.equal({ jitter, trims }, chosenWay(byHeartSearch!));
  const asGiven = await run('given', flights, { jitter: 0.5 });
  assert.equal([asGiven.settings.jitter, asGiven.settings.trims], [0.5, 0]);
  assert.is(asGiven.byHeartSearch, undefined);
});

test.run();
