import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../src/package-root.ts';

const header = "import { test } from 'uvu'; import * as assert from 'uvu/assert';\n";
const good = "test('holds', () => assert.is(1, 1));\n";

/** Runs the runner on a folder with these files; its lines and exit code. */
function runOn(files: Record<string, string>, ...args: string[]): { lines: string[]; status: number | null } {
  const root = mkdtempSync(join(tmpdir(), 'windhover-run-'));
  try {
    symlinkSync(join(packageRoot(), 'node_modules'), join(root, 'node_modules'), 'junction');
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    const runner = join(packageRoot(), 'test', 'run.mjs');
    const { stdout, status } = spawnSync(process.execPath, [runner, '--root', root, '--no-build', ...args], {
      encoding: 'utf8',
    });
    return { lines: stdout.trimEnd().split('\n'), status };
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('passing files are counted on the last line', () => {
  const { lines, status } = runOn({
    'a.test.ts': `${header}${good}test.run();`,
    'b.test.ts': `${header}${good}${good}test.run();`,
  });
  assert.is(lines.at(-1), '3 passed, 0 failed');
  assert.is(status, 0);
});

test('a failing test is counted, shown whole and fails the run', () => {
  const { lines, status } = runOn({
    'a.test.ts': `${header}${good}test('breaks', () => assert.is(1, 2, 'one is not two'));test.run();`,
  });
  assert.is(lines.at(-1), '1 passed, 1 failed');
  assert.ok(lines.some((line) => line.includes('one is not two')));
  assert.is(status, 1);
});

test('a file that forgets test.run() fails', () => {
  const { lines, status } = runOn({ 'a.test.ts': `${header}${good}` });
  assert.is(lines.at(-1), '0 passed, 1 failed');
  assert.is(status, 1);
});

test('a file that crashes fails, before its tests or after them', () => {
  const { lines, status } = runOn({
    'a.test.ts': `${header}throw new Error('broken import');`,
    'b.test.ts': `${header}${good}test.run();process.on('exit', () => { process.exitCode = 3; });`,
  });
  assert.is(lines.at(-1), '1 passed, 2 failed');
  assert.is(status, 1);
});

test('a file that hangs is killed and fails', () => {
  const { lines, status } = runOn({ 'a.test.ts': 'setInterval(() => {}, 1000);' }, '--timeout', '2');
  assert.is(lines.at(-1), '0 passed, 1 failed');
  assert.is(status, 1);
});

test('a file that says it was skipped is listed and counted as that', () => {
  const { lines, status } = runOn({
    'a.test.ts': `${header}console.log('skipped: no flights here');test.run();`,
    'b.test.ts': `${header}${good}test.run();`,
  });
  assert.is(lines.at(-1), '1 passed, 0 failed, 1 skipped');
  assert.ok(lines.some((line) => line.includes('skipped: no flights here')));
  assert.is(status, 0);
});

test('a pattern that matches nothing fails', () => {
  const { lines, status } = runOn({ 'a.test.ts': `${header}${good}test.run();` }, 'nowhere');
  assert.is(lines.at(-1), '0 passed, 1 failed');
  assert.is(status, 1);
});

test.run();
