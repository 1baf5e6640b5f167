import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { claimRunFolder, createRun } from '../../src/learn/run-folder.ts';
import { makeFolder } from '../../src/make-folder.ts';

let root = '';
test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'windhover-runs-'));
});
test.after.each(() => rmSync(root, { recursive: true, force: true }));

function refused(pattern: RegExp, act: () => unknown): void {
  assert.throws(act, (error: Error) => error instanceof InputError && pattern.test(error.message));
}

test('runs that start at once get a folder each, before either has written anything', () => {
  const names = [1, 2, 3].map(() => claimRunFolder('hover', join(root, 'runs')));
  assert.equal(
    names,
    ['hover', 'hover-2', 'hover-3'].map((name) => join(root, 'runs', name)),
  );
  assert.equal(readdirSync(join(root, 'runs')), ['hover', 'hover-2', 'hover-3']);
});

test('a run goes into an empty folder, never over another run or a file', () => {
  mkdirSync(join(root, 'a'));
  createRun(join(root, 'a'), 'task: hover\n');
  refused(/already holds a run/, () => createRun(join(root, 'a'), ''));
  refused(/--out: .*a file is in its path/, () => createRun(join(root, 'a', 'config.yaml', 'b'), ''));
});

test('a folder is made with those above it, and the outermost new one is told', () => {
  assert.is(makeFolder(join(root, 'a', 'b', 'c'), '--out'), join(root, 'a'));
  assert.is(makeFolder(join(root, 'a', 'b'), '--out'), null);
  writeFileSync(join(root, 'file'), '');
  refused(/--record: expected a folder that can be written.*is a file/, () =>
    makeFolder(join(root, 'file'), '--record'),
  );
});

if (existsSync('/proc/self'))
  test('a place where nothing can be made is refused', () => {
    refused(/--out: expected a folder that can be written, got \/proc\/none\/x/, () =>
      makeFolder('/proc/none/x', '--out'),
    );
    refused(/runs: expected a folder that can be written, got \/proc; choose another with --out/, () =>
      claimRunFolder('hover', '/proc'),
    );
  });

test.run();
