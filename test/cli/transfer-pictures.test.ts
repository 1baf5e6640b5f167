import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainPicture } from '../../src/cli/chain-picture.ts';
import { sweepPicture } from '../../src/cli/sweep-picture.ts';

const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0;

test('the chain’s picture has a cell for each stage in each task, and frames what lies ahead', () => {
  const svg = chainPicture({
    stages: ['pre-trained on crazyflie', '6 flights of heavy'],
    tasks: [
      { task: 'hover', vehicle: 'crazyflie', learntAt: 0 },
      { task: 'hover', vehicle: 'heavy <2>', learntAt: 1 },
    ],
    success: [
      [1, 0.25],
      [0.975, 1],
    ],
    untrained: [0, 0],
    average: 0.9875,
    backward: -0.025,
    forward: 0.25,
  });
  for (const text of [
    '100.0 %',
    '25.0 %',
    '97.5 %',
    'average 98.8 %',
    'backward transfer −2.5 points',
    'heavy &lt;2&gt;',
  ])
    assert.ok(svg.includes(text), text);
  assert.is(count(svg, /<rect[^>]*stroke-dasharray/g), 1, 'heavy before it was learnt');
  assert.is(count(svg, /<rect/g), 1 + 4, 'background and cells');
});

test('the transferability curve has a point for each K in each panel', () => {
  const score = (after: number) => [
    { task: 'hover', episodes: 9, before: { successRate: 1 }, after: { successRate: after } },
  ];
  const point = (freeze: number, actionMse: number, success: number) => ({
    freeze,
    validationMse: actionMse,
    real: { after: { actionMse } },
    source: score(success),
  });
  const mse = { actionMse: 0.001 };
  const real = { nominalMap: mse, before: mse, after: mse, scratch: mse, flightMean: mse, repeatLast: mse };
  const sweep = [point(0, 0.001, 0.9), point(1, 0.002, 1), point(2, 0.004, 1)];
  const svg = sweepPicture({ sweep, real, flights: { train: [], validation: [], test: ['a', 'b'] } });
  assert.is(count(svg, /<circle/g), 6);
  assert.match(svg, /2 flights held out/);
  assert.match(svg, /K, layers frozen/);
  assert.not.match(svg, /NaN/);
});

test.run();
