import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { breakdownTable } from '../../src/cli/breakdown.ts';
import { displayWidth } from '../../src/cli/output/text.ts';
import type { FactorBreakdown } from '../../src/evaluate/breakdown.ts';

function givenFactor(label: string, lows: number[]): FactorBreakdown {
  const bins = lows.map((low) => ({
    low,
    high: low + 0.125,
    episodes: 235,
    successes: 230,
    successRate: 0.979,
    successCi95: [0.951, 0.991] as [number, number],
  }));
  return { name: label, label, unit: '× nominal', bins } as unknown as FactorBreakdown;
}

const breakdown = [givenFactor('centre of mass off the middle', [0.125, 0.25]), givenFactor('lag', [0.5])];

test('a breakdown fits 80 columns, each factor above its bins', () => {
  const lines = breakdownTable(breakdown, 0.9, 80).split('\n');
  for (const line of lines) assert.ok(displayWidth(line) < 80, line);
  const starts = [
    'centre of mass off the middle, × nominal',
    '  0.125 – 0.25 ',
    '  0.25 – 0.375 ',
    'lag, × nominal',
    '  0.5 – 0.625 ',
  ];
  starts.forEach((start, i) => {
    assert.ok(lines[i + 2].startsWith(start), lines[i + 2]);
  });
  assert.match(lines[3], /97\.9 % {2}95\.1 % – 99\.1 % {7}235 {2}better/);
});

test('where there is room, a factor stands beside its first bin', () => {
  for (const columns of [undefined, 200]) {
    const lines = breakdownTable(breakdown, 0.9, columns).split('\n');
    assert.match(lines[2], /^centre of mass off the middle, × nominal {2}0\.125 – 0\.25 /);
    assert.is(lines.length, 5);
  }
});

test.run();
