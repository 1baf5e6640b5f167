import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { exportPolicy } from '../../src/export/export.ts';
import { EXPORT_FORMATS } from '../../src/export/formats.ts';
import { writeFiles } from '../../src/export/write-files.ts';
import { givenPolicy } from '../given.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-export-'));
const policy = givenPolicy();
const at = (name: string) => join(folder, name);
const bytes = (text: string) => new TextEncoder().encode(text);

test.after(() => rmSync(folder, { recursive: true, force: true }));

function refuses(call: () => unknown, words: RegExp): void {
  const before = readdirSync(folder);
  assert.throws(call, (error: Error) => error instanceof InputError && words.test(error.message));
  assert.equal(readdirSync(folder), before);
}

test('every format writes what it reports, and nothing else', () => {
  for (const { name, ending } of EXPORT_FORMATS) {
    const out = at(`all${ending ?? ''}`);
    const report = exportPolicy(policy, name, out);
    const written = ending ? [out] : readdirSync(out).map((file) => join(out, file));
    assert.is(report.out, out);
    assert.is(report.files.length, written.length);
    assert.is(
      written.map((file) => readFileSync(file).length).reduce((a, b) => a + b),
      report.bytes,
    );
  }
  assert.equal(readdirSync(folder).sort(), ['all', 'all.h', 'all.onnx']);
});

test('an earlier export stays unless --force, and a folder of other things stays whatever happens', () => {
  writeFileSync(at('there.h'), 'mine');
  refuses(() => exportPolicy(policy, 'c', at('there.h')), /there\.h: expected no such file yet.*--force/);
  exportPolicy(policy, 'c', at('there.h'), { force: true });
  assert.ok(readFileSync(at('there.h'), 'utf8').length > 1000);

  exportPolicy(policy, 'tfjs', at('model'));
  refuses(() => exportPolicy(policy, 'tfjs', at('model')), /model: expected no such export yet.*--force/);
  exportPolicy(policy, 'tfjs', at('model'), { force: true });

  mkdirSync(at('home'));
  writeFileSync(at('home/thesis.txt'), 'mine');
  refuses(() => exportPolicy(policy, 'tfjs', at('home'), { force: true }), /it holds thesis\.txt/);
  assert.is(readFileSync(at('home/thesis.txt'), 'utf8'), 'mine');
});

test('a place that does not fit is told by what was expected there', () => {
  refuses(() => exportPolicy(policy, 'c', at('a.c')), /--out: expected a file ending in \.h for c, got .*a\.c/);
  refuses(() => exportPolicy(policy, 'onnx', at('none/a.onnx')), /--out: expected a place in a folder that exists/);
  mkdirSync(at('folder.h'));
  refuses(() => exportPolicy(policy, 'c', at('folder.h')), /expected a file, but .* is a folder/);
  writeFileSync(at('file'), '');
  refuses(() => exportPolicy(policy, 'tfjs', at('file')), /expected a folder, but .* is a file/);
  if (existsSync('/proc/self'))
    refuses(
      () => exportPolicy(policy, 'c', '/proc/a.h'),
      /--out: expected a place that can be written, got \/proc\/a\.h/,
    );
});

test('an unknown format is refused with those there are, and an option by the formats that have it', () => {
  refuses(() => exportPolicy(policy, 'uf2', at('a')), /--format: expected c, onnx or tfjs, got "uf2"/);
  refuses(() => exportPolicy(policy, 'onnx', at('a.onnx'), { prefix: 'a' }), /--prefix: .*onnx has no such option/);
  refuses(() => exportPolicy(policy, 'c', at('a.h'), { prefix: 'a-b' }), /--prefix: expected letters.*"a-b"/);
});

test('a folder that could not be filled leaves what was there', () => {
  const place = at('whole');
  writeFiles(place, { 'a.txt': bytes('first') }, true, false);
  const broken = { 'a.txt': bytes('second'), 'no/such/folder': bytes('x') };
  refuses(() => writeFiles(place, broken, true, true), /expected a place that can be written/);
  assert.is(readFileSync(join(place, 'a.txt'), 'utf8'), 'first');
});

test.run();
