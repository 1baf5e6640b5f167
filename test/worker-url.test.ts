import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../src/package-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-worker-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a worker starts from a script given on the command line, and gets the flags that concern it', () => {
  const worker = join(folder, 'worker.mjs');
  writeFileSync(
    worker,
    `import { parentPort } from 'node:worker_threads'; parentPort.postMessage(process.execArgv.join());`,
  );
  const starter = pathToFileURL(join(packageRoot(), 'dist', 'src', 'worker-url.js')).href;
  const script = `
    import { startWorker } from ${JSON.stringify(starter)};
    startWorker(new URL(${JSON.stringify(pathToFileURL(worker).href)})).on('message', (flags) => console.log(flags));`;
  const flags = ['--enable-source-maps', '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
  assert.is(stdout.trim(), '--enable-source-maps', stderr);
});

test.run();
