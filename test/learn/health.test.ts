import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { concerns, type HealthInput } from '../../src/learn/health.ts';

type Change = Omit<Partial<HealthInput>, 'metrics'> & { metrics?: Partial<HealthInput['metrics']> };

/** The middle of a run of the shipped recipe (hover, seed 1). */
function given({ metrics, ...change }: Change = {}): HealthInput {
  return {
    metrics: {
      iteration: 34,
      steps: 557_056,
      episodes: 26,
      success: 0.2692,
      return: 55.4,
      episodeLength: 422,
      policyLoss: -0.0058,
      valueLoss: 0.115,
      approxKl: 0.0125,
      clipFraction: 0.166,
      entropy: 1.96,
      explainedVariance: 0.9923,
      learningRate: 0.0011,
      ...metrics,
    },
    done: 0.56,
    evaluation: 0.6,
    best: 0.62,
    ...change,
  };
}

const names = (change: Change) => concerns(given(change)).map(({ name }) => name);

test('a healthy run raises no concern, at its beginning neither', () => {
  assert.equal(names({}), []);
  const beginning = { success: null, explainedVariance: -0.19, return: -3 };
  assert.equal(names({ metrics: beginning, done: 0.01, evaluation: null, best: null }), []);
});

test('a short run without an episode at its end, or a look at it, is not said to fail', () => {
  assert.equal(names({ metrics: { success: null }, done: 0.6, evaluation: null, best: null }), []);
  assert.equal(names({ metrics: { success: null }, done: 0.6, evaluation: 0.3, best: null }), []);
});

const unhealthy: [string, Change, RegExp][] = [
  ['kl', { metrics: { approxKl: 0.08 } }, /KL 0\.080 is above 0\.05: learning rate too high\?/],
  ['clip', { metrics: { clipFraction: 0.5 } }, /clip fraction 0\.50/],
  ['critic', { metrics: { explainedVariance: -0.2 } }, /explained variance -0\.20 is not above 0/],
  ['critic', { metrics: { explainedVariance: 0 } }, /learn nothing/],
  ['success', { metrics: { success: 0 }, evaluation: 0, best: 0 }, /no success yet.*reward beside the point/],
  [
    'success',
    { metrics: { success: 0, imitationLoss: 0.02 }, evaluation: 0, best: 0 },
    /no success yet.*too few steps/,
  ],
  ['fall', { evaluation: 0.7, best: 0.9 }, /fell to 0\.70 from 0\.90/],
  ['loss', { metrics: { policyLoss: Number.NaN } }, /no number/],
];

for (const [name, change, text] of unhealthy)
  test(`${name} is named, with its value and what may be behind it: ${text.source}`, () => {
    const found = concerns(given(change));
    assert.equal(
      found.map((concern) => concern.name),
      [name],
    );
    assert.match(found[0].text, text);
  });

test.run();
