import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const module = new URL('../../src/cli/interrupt.ts', import.meta.url).href;

/** A program that says what happens to its signal and works on until it is killed. */
const script = `
  import { interruptSignal } from ${JSON.stringify(module)};
  const signal = interruptSignal();
  signal.addEventListener('abort', () => console.log('aborted', signal.reason.name, interruptSignal() === signal));
  setInterval(() => {}, 1000);
  console.log('ready');
`;

async function said(child: ChildProcess, word: string): Promise<string> {
  for await (const text of child.stdout!.iterator({ destroyOnReturn: false }))
    if (String(text).includes(word)) return String(text);
  throw new Error(`ended without saying ${word}`);
}

async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await said(child, 'ready');
  return child;
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`the first ${name} aborts the one signal, a later one ends the process with 130`, async () => {
    const child = await start();
    child.kill(name);
    assert.match(await said(child, 'aborted'), 'aborted Interrupted true');
    const pressAgain = setInterval(() => child.kill(name), 300); // the second key press may come at any time
    const [status] = await once(child, 'exit');
    clearInterval(pressAgain);
    assert.is(status, 130);
  });
}

test('one key press that npm passes on, so that it arrives twice, does not end the process', async () => {
  const child = await start();
  child.kill('SIGINT');
  await said(child, 'aborted');
  child.kill('SIGINT');
  const outcome = await Promise.race([
    once(child, 'exit'),
    new Promise((done) => setTimeout(done, 300, 'still working')),
  ]);
  child.kill('SIGKILL');
  assert.is(outcome, 'still working');
});

test.run();
