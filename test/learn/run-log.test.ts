import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runFolder } from '../../src/learn/run-folder.ts';
import { type LoggedMetrics, readTiming, RunLog } from '../../src/learn/run-log.ts';
import { near } from '../given.ts';
import { shown } from './events-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-run-log-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function givenMetrics(iteration: number): LoggedMetrics {
  return {
    iteration,
    steps: 1000 * iteration,
    episodes: 4,
    success: 0.25,
    return: 12.5,
    episodeLength: 300,
    policyLoss: -0.5,
    valueLoss: 0.125,
    approxKl: 0.0625,
    clipFraction: 0.375,
    entropy: 2,
    explainedVariance: 0.75,
    learningRate: 0.5,
    evaluation: null,
  };
}

/** A log whose clock is at `now.seconds`. */
function givenLog(run: string, state: { iteration: number; steps: number }) {
  const now = { seconds: 100 };
  return { log: new RunLog(runFolder(run), state, () => 1000 * now.seconds), now };
}

test('TensorBoard gets every figure under the name that the field plots, and the speed of each iteration', () => {
  const run = mkdtempSync(join(folder, 'tags-'));
  const { log, now } = givenLog(run, { iteration: 0, steps: 0 });
  now.seconds += 2;
  log.iteration(givenMetrics(1));
  now.seconds += 0.5;
  log.iteration({ ...givenMetrics(2), evaluation: 0.875 });
  log.close();
  const expected: Record<string, number> = {
    'rollout/success': 0.25,
    'rollout/return': 12.5,
    'rollout/episode_length': 300,
    'train/policy_loss': -0.5,
    'train/value_loss': 0.125,
    'train/approx_kl': 0.0625,
    'train/clip_fraction': 0.375,
    'train/entropy': 2,
    'train/explained_variance': 0.75,
    'train/learning_rate': 0.5,
  };
  for (const [tag, value] of Object.entries(expected))
    assert.equal(
      shown(run, tag),
      [
        [1000, value],
        [2000, value],
      ],
      tag,
    );
  assert.equal(shown(run, 'eval/success'), [[2000, 0.875]]);
  assert.equal(shown(run, 'time/steps_per_second'), [
    [1000, 500],
    [2000, 2000],
  ]);
});

test('time goes on where the checkpoint was, without the pause; metrics hold no time', () => {
  const run = mkdtempSync(join(folder, 'resumed-'));
  const first = givenLog(run, { iteration: 0, steps: 0 });
  for (let iteration = 1; iteration <= 3; iteration++) {
    first.now.seconds += 10;
    first.log.iteration(givenMetrics(iteration));
  }
  first.log.close();
  appendFileSync(join(run, 'timing.jsonl'), '{"steps":40'); // killed while it wrote
  const second = givenLog(run, { iteration: 2, steps: 2000 });
  second.now.seconds += 5;
  second.log.iteration(givenMetrics(3));
  second.log.close();
  assert.equal([second.log.earlierSeconds, second.log.seconds], [20, 25]);
  assert.equal(
    [2000, 3000, 3001].map((steps) => second.log.secondsAt(steps)),
    [20, 25, null],
  );
  const timing = readTiming(join(run, 'timing.jsonl'));
  assert.equal(
    timing.map(({ steps }) => steps),
    [1000, 2000, 3000],
  );
  timing.forEach(({ seconds }, i) => near(seconds, [10, 20, 25][i], 1e-3));
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    [1, 2, 3].map(givenMetrics),
  );
});

test('a run from before timing was kept goes on, its time counted from there', () => {
  const run = mkdtempSync(join(folder, 'older-'));
  appendFileSync(join(run, 'metrics.jsonl'), `${JSON.stringify(givenMetrics(1))}\n`);
  const { log, now } = givenLog(run, { iteration: 1, steps: 1000 });
  now.seconds += 4;
  log.iteration(givenMetrics(2));
  log.close();
  assert.equal(readTiming(join(run, 'timing.jsonl')), [{ steps: 2000, seconds: 4 }]);
});

test.run();
