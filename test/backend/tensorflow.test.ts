import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeTensorflow } from '../../src/backend/tensorflow.ts';

const test = suite('tensorflow', { root: '' });

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), 'windhover-tensorflow-'));
});
test.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

/** A package that looks like tfjs-node and does `script` when it is loaded. */
function givenPackage(root: string, script: string, { binding = true } = {}): string {
  writeFileSync(join(root, 'package.json'), '{"name": "fake", "main": "index.js"}');
  writeFileSync(join(root, 'index.js'), script);
  if (binding) {
    mkdirSync(join(root, 'lib', 'napi-v8'), { recursive: true });
    writeFileSync(join(root, 'lib', 'napi-v8', 'tfjs_binding.node'), '');
  }
  return root;
}

const probe = (folder: string | null, options: { nodeVersion?: string; timeoutMs?: number } = {}) =>
  probeTensorflow({ name: '@tensorflow/tfjs-node', folder, gpu: false, nodeVersion: '20.19.0', ...options });

const WORKING = `exports.version = { 'tfjs-node': '4.22.0' };
exports.backend = () => ({ isUsingGpuDevice: false });
exports.ones = () => 0;
exports.matMul = () => ({ dataSync: () => [] });
console.log('a banner');`;

test('a package that loads and multiplies is available', async ({ root }) => {
  assert.equal(await probe(givenPackage(root, WORKING)), { available: true, reason: '@tensorflow/tfjs-node 4.22.0' });
});

test('a package that is not there', async () => {
  assert.equal(await probe(null), { available: false, reason: 'package @tensorflow/tfjs-node is not installed' });
});

test('a package whose install script was refused names the command that installs it', async ({ root }) => {
  const { available, reason } = await probe(givenPackage(root, WORKING, { binding: false }));
  assert.not(available);
  assert.match(
    reason,
    /native library is missing: npm refused its install script.*"npm run install --prefix .*" installs it/,
  );
});

test('Node versions that tfjs-node breaks on are refused before it is loaded', async ({ root }) => {
  const { available, reason } = await probe(givenPackage(root, WORKING), { nodeVersion: '24.1.0' });
  assert.not(available);
  assert.is(reason, 'Node 23 and newer are not supported by tfjs-node (this is Node 24.1.0)');
});

test('a package that throws, exits or hangs while loading gives a reason in one line', async ({ root }) => {
  const reason = async (script: string, timeoutMs?: number) => {
    const found = await probe(givenPackage(root, script), { timeoutMs });
    assert.not(found.available);
    return found.reason;
  };
  const start = 'its native library does not load: ';
  assert.is(await reason(`throw new Error('invalid ELF header\\nmore')`), `${start}invalid ELF header`);
  assert.is(await reason('process.exit(7)'), `${start}it ended with exit code 7`);
  assert.is(await reason('for (;;);', 700), `${start}no answer within 0.7 s`);
});

test.run();
