import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPolicy } from '../../src/policy-folder.ts';
import { acceptance, placesOf, writeOutcome } from '../../src/transfer/outcome.ts';
import { writeWhole } from '../../src/transfer/whole-run.ts';
import { givenPolicy } from '../given.ts';
import { refuses } from './given-finetune.ts';

let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'windhover-outcome-'));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

const [before, tuned] = [givenPolicy({ seed: 1 }), givenPolicy({ seed: 2 })];

for (const [verdict, force, result, rejected] of [
  ['positive', false, tuned, false],
  ['neutral', false, tuned, false],
  ['negative', false, before, true],
  ['negative', true, tuned, false],
] as const)
  test(`${verdict}${force ? ', forced' : ''}: ${result === tuned ? 'the new policy' : 'the source'} is the result`, () => {
    const out = join(folder, `${verdict}-${force}`);
    mkdirSync(out);
    const its = acceptance({ verdict, reason: '' }, force);
    writeOutcome(out, before, tuned, its);
    assert.equal(its, { accepted: verdict !== 'negative', forced: force });
    assert.equal(readPolicy(join(out, 'policy')).actor, result.actor);
    assert.equal(readPolicy(join(out, 'policy-before')).actor, before.actor);
    assert.is(existsSync(join(out, 'rejected')), rejected);
    assert.is(placesOf(out, its).rejected, rejected ? join(out, 'rejected') : null);
    if (rejected) assert.equal(readPolicy(join(out, 'rejected')).actor, tuned.actor);
    assert.equal(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')), its);
  });

test('a run that fails while it is written leaves nothing behind', async () => {
  const out = join(folder, 'deep', 'broken');
  const failing = writeWhole(out, async (partial) => {
    writeFileSync(join(partial, 'half'), '');
    assert.is(existsSync(out), false, 'it is written beside its place');
    throw new Error('full disk');
  });
  await failing.then(assert.unreachable, ({ message }) => assert.is(message, 'full disk'));
  assert.equal(readdirSync(join(folder, 'deep')), []);
});

test('a folder that holds something is refused and left as it is, an empty one is filled', async () => {
  const out = join(folder, 'full');
  mkdirSync(out);
  await writeWhole(out, async (partial) => writeFileSync(join(partial, 'a'), 'first'));
  await refuses(
    writeWhole(out, async (partial) => writeFileSync(join(partial, 'a'), 'second')),
    /full: expected a folder that is empty/,
  );
  assert.is(readFileSync(join(out, 'a'), 'utf8'), 'first');
});

test.run();
