import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLearningCurve } from '../../src/cli/learning-curve.ts';
import { near } from '../given.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-curve-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'metrics.jsonl');

function given(...lines: object[]) {
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return readLearningCurve(file)!;
}

test('a point is the success of the last hundred episodes, weighed by how many ended in each iteration', () => {
  const { steps, successRate, evaluation } = given(
    { steps: 10, episodes: 50, success: 0 },
    { steps: 20, episodes: 0, success: null },
    { steps: 30, episodes: 50, success: 0.5 },
    { steps: 40, episodes: 2, success: 1, evaluation: 0.75 },
    { steps: 50, episodes: 100, success: 0.9 },
  );
  assert.equal(steps, [10, 30, 40, 50]);
  assert.equal(evaluation, [null, null, 0.75, null]);
  // 0 of 50; 25 of 100; 27 of 102, as without the first there are but 52; 90 of 100
  [0, 25 / 100, 27 / 102, 90 / 100].forEach((rate, i) => near(successRate[i]!, rate, 1e-12));
});

test('an evaluation counts where no episode ended, before the first one too', () => {
  const { steps, successRate, evaluation } = given(
    { steps: 10, episodes: 0, success: null, evaluation: 0.25 },
    { steps: 20, episodes: 4, success: 0.5 },
    { steps: 30, episodes: 0, success: null, evaluation: 1 },
  );
  assert.equal(steps, [10, 20, 30]);
  assert.equal(evaluation, [0.25, null, 1]);
  assert.equal(successRate, [null, 0.5, 0.5]);
});

test('metrics that tell no number of episodes are taken as they are; no metrics, no curve', () => {
  assert.equal(given({ steps: 1, success: 0.25 }, { steps: 2, success: 0.75 }).successRate, [0.25, 0.75]);
  writeFileSync(file, '{"steps":1,');
  assert.is(readLearningCurve(file), null);
  assert.is(readLearningCurve(join(folder, 'none.jsonl')), null);
});

test.run();
