import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askChild } from '../../src/backend/ask-child.ts';

const ask = (script: string, timeoutMs = 20_000) => askChild<{ x: number }>(['-e', script], timeoutMs);

test('the last line of a child that prints other things too is its answer', async () => {
  const { answer, problem } = await ask(`console.log('hello'); console.error('noise'); console.log('{"x": 1}')`);
  assert.equal(answer, { x: 1 });
  assert.is(problem, '');
});

test('an answer counts even if the child crashes while it ends, as GPU drivers do', async () => {
  const { answer } = await ask(`require('fs').writeSync(1, '{"x": 2}\\n'); process.abort()`);
  assert.equal(answer, { x: 2 });
});

test("a child that throws is reported with its error's own sentence", async () => {
  const { answer, problem } = await ask(`throw new Error('libcudart.so.11.0: cannot open shared object file')`);
  assert.is(answer, null);
  assert.is(problem, 'libcudart.so.11.0: cannot open shared object file');
});

test('a child that exits, crashes or hangs is reported, not waited for', async () => {
  assert.is((await ask('process.exit(3)')).problem, 'it ended with exit code 3');
  assert.match((await ask('process.abort()')).problem, /it crashed \(SIG|exit code/);
  assert.is((await ask('setInterval(() => {}, 1000)', 500)).problem, 'no answer within 0.5 s');
});

test.run();
