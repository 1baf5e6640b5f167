import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/package-root.ts';

const program = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'windhover export ü '));

test.after(() => rmSync(folder, { recursive: true, force: true }));

function windhover(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
}

test('it writes the file and says what that costs', () => {
  const { status, stdout, stderr } = windhover('export', 'hover-motors', '--format', 'c', '--out', 'hover.h');
  assert.is(status, 0, stderr);
  assert.match(stdout, /network +53-64-64-4: 7876 parameters, 7744 multiply-adds a step/);
  assert.match(stdout, /flash +31\.9 kB of constants/);
  assert.match(stdout, /RAM +672 bytes a vehicle/);
  assert.match(stdout, /rate +100 steps a second/);
  assert.match(stdout, /gives +a command for each motor/);
  assert.match(
    stdout,
    /#define WINDHOVER_IMPLEMENTATION, then #include "hover\.h"\..*windhover_step 100 times a second/,
  );
  assert.match(readFileSync(join(folder, 'hover.h'), 'utf8'), /int windhover_step\(/);
});

test('--json: one object with absolute paths and the numbers', () => {
  const { status, stdout } = windhover('export', 'hover-ctbr', '--format', 'tfjs', '--out', 'web', '--json');
  assert.is(status, 0);
  const report = JSON.parse(stdout);
  assert.is(report.policy, 'hover-ctbr');
  assert.is(report.actions, 'ctbr');
  assert.equal(report.network, [53, 64, 64, 4]);
  for (const file of report.files) assert.ok(existsSync(join(report.out, file)), file);
});

test('--prefix names everything in C', () => {
  const { status } = windhover('export', 'hover-ctbr', '--format', 'c', '--out', 'p.h', '--prefix', 'pilot');
  assert.is(status, 0);
  const text = readFileSync(join(folder, 'p.h'), 'utf8');
  assert.match(text, /int pilot_step\(pilot_state \*state/);
  assert.not.match(text, /\bwindhover_/i);
});

test('bad input: exit code 2, one line, nothing on stdout, nothing left behind', () => {
  writeFileSync(join(folder, 'there.onnx'), 'mine');
  const before = readdirSync(folder);
  const cases: [string[], RegExp][] = [
    [['hover-motors', '--out', 'a.h'], /--format: expected c, onnx or tfjs/],
    [['hover-motors', '--format', 'c'], /--out: expected the file or folder to write/],
    [['hover-motors', '--format', 'hex', '--out', 'a.h'], /--format: expected c, onnx or tfjs, got "hex"/],
    [['hover-motorz', '--format', 'c', '--out', 'a.h'], /hover-motorz: no such policy: expected .*hover-motors/],
    [['hover-motors', '--format', 'c', '--out', 'no/a.h'], /--out: expected a place in a folder that exists/],
    [['hover-motors', '--format', 'onnx', '--out', 'there.onnx'], /there\.onnx: expected no such file yet.*--force/],
    [['hover-motors', '--format', 'onnx', '--out', 'a.h'], /--out: expected a file ending in \.onnx/],
  ];
  for (const [args, words] of cases) {
    const { status, stdout, stderr } = windhover('export', ...args, '--json');
    assert.equal([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, words);
    assert.is(stderr.trim().split('\n').length, 1);
  }
  assert.equal(readdirSync(folder), before);
  assert.is(readFileSync(join(folder, 'there.onnx'), 'utf8'), 'mine');
});

test.run();
