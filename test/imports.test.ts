import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../src/package-root.ts';

/** What the check says about a tree of these files. */
function check(files: Record<string, string>): { lines: string[]; status: number | null } {
  const root = mkdtempSync(join(tmpdir(), 'windhover-imports-'));
  try {
    writeFileSync(join(root, 'package.json'), '{"name":"windhover","dependencies":{"rxjs":"7"}}');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    const checker = join(packageRoot(), 'test', 'imports.mjs');
    const { stdout, status } = spawnSync(process.execPath, [checker, root], { encoding: 'utf8' });
    return { lines: stdout.trimEnd().split('\n').slice(0, -1), status };
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('imports that point down are fine', () => {
  const { lines, status } = check({
    'envs/a.ts': 'export const a = 1;',
    'policies/b.ts': "import { a } from '../envs/a.ts'; export const b = a;",
    'src/root.ts': "import 'node:fs';",
    'src/learn/c.ts': "import 'rxjs/operators';\nimport { b } from '../../policies/b.ts';\nimport '../root.ts';",
    'src/cli/d.ts': "export const load = () => import('../learn/c.ts');",
    'src/index.ts': "export * from './learn/c.ts';",
    'viewer/src/e.ts': "import { b } from '../../policies/b.ts';",
    'viewer/vite.config.ts': "import 'node:path';",
  });
  assert.equal(lines, []);
  assert.is(status, 0);
});

test('whatever way an import that points up is written, it is found, with its line', () => {
  const statements = [
    "import { b } from '../src/learn/b.ts';",
    "import type { B } from '../src/learn/b.ts';",
    "export * from '../src/learn/b.ts';",
    "const load = () => import('../src/learn/b.ts');",
    "let b: import('../src/learn/b.ts').B;",
    "const worker = new URL('../src/learn/b.ts', import.meta.url);",
  ];
  const { lines, status } = check({ 'src/learn/b.ts': '', 'envs/a.ts': statements.join('\n') });
  assert.equal(
    lines,
    statements.map((_, i) => `envs/a.ts:${i + 1}: envs may not import src/learn/b.ts`),
  );
  assert.is(status, 1);
});

test('neighbours on one level, the front door and tests are out of bounds', () => {
  const { lines } = check({
    'src/index.ts': '',
    'src/telemetry/a.ts': "import '../evaluate/b.ts';",
    'src/evaluate/b.ts': "import '../index.ts';",
    'src/cli/c.ts': "import '../../test/given.ts';",
    'test/given.ts': '',
  });
  assert.equal(lines, [
    'src/cli/c.ts:1: src/cli may not import test/given.ts',
    'src/evaluate/b.ts:1: src/evaluate may not import src/index.ts',
    'src/telemetry/a.ts:1: src/telemetry may not import src/evaluate/b.ts',
  ]);
});

test('a circle is found, types included', () => {
  const { lines } = check({
    'envs/a.ts': "import { b } from './b.ts';",
    'envs/b.ts': "import { c } from './c.ts';",
    'envs/c.ts': "\nimport type { A } from './a.ts';",
  });
  assert.equal(lines, ['envs/c.ts:2: imports in a circle: envs/a.ts → envs/b.ts → envs/c.ts → envs/a.ts']);
});

test('envs and policies use nothing of Node', () => {
  const { lines } = check({
    'envs/a.ts': "import { readFileSync } from 'node:fs';\nimport 'path';",
    'policies/b.ts': 'const info = { process: 1 };\nexport const name = info.process + process.pid;',
  });
  assert.equal(lines, [
    'envs/a.ts:1: envs runs in browsers too and may not import node:fs',
    'envs/a.ts:2: envs runs in browsers too and may not import path',
    'policies/b.ts:2: policies runs in browsers too and may not use process',
  ]);
});

test('the viewer reaches no Node, not even through another file', () => {
  const { lines } = check({
    'viewer/src/main.ts': "import '../../src/episode/format.ts';\nimport '../../src/telemetry/x.ts';",
    'src/episode/format.ts': "import './disk.ts';",
    'src/episode/disk.ts': "import 'node:fs/promises';",
    'src/telemetry/x.ts': '',
  });
  assert.equal(lines, [
    'src/episode/disk.ts:1: the viewer reaches this file, so it may not import node:fs/promises',
    'viewer/src/main.ts:2: viewer may not import src/telemetry/x.ts',
  ]);
});

test('a package that is not installed with the program is found', () => {
  const { lines } = check({ 'src/cli/a.ts': "import '@clack/prompts';\nimport 'rxjs';" });
  assert.equal(lines, ['src/cli/a.ts:1: @clack/prompts is not among the dependencies in package.json']);
});

test.run();
