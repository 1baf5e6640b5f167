import type { Difference } from '../learn/differing-settings.ts';
import type { RunCurve, RunRecord } from '../learn/run-summary.ts';
import { paint, type Point, plotSeries, type Series, seriesColour, table } from './output.ts';

/** A run with the name it goes by here. */
export type NamedRun = RunRecord & { name: string };

const MARKS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** What differs between runs, and how success grew over steps and over time, drawn with characters. */
export function comparisonText(runs: readonly NamedRun[], differences: readonly Difference[]): string {
  const mark = (i: number) => MARKS[i % MARKS.length];
  const key = runs.map(({ name }, i) => `  ${paint(seriesColour(i), mark(i))}  ${name}`).join('\n');
  const drawn = (x: keyof RunCurve, title: string, xLabel: string) => {
    const series: Series[] = runs.map(({ curve }, i) => ({ mark: mark(i), points: evaluatedPoints(curve, x) }));
    return plotSeries(series, { title, xLabel, min: 0, max: 1, width: 70, height: 11 });
  };
  return [
    settingsText(runs, differences, mark),
    drawn('steps', 'success over steps', 'steps'),
    drawn('seconds', 'success over time', 's'),
    key,
  ].join('\n\n');
}

function settingsText(
  runs: readonly NamedRun[],
  differences: readonly Difference[],
  mark: (i: number) => string,
): string {
  if (runs.length < 2) return '';
  if (differences.length === 0) return 'All settings are the same.';
  const rows = differences.map(({ key, values }) => [key, ...values.map(valueText)]);
  return table(rows, ['setting that differs', ...runs.map((_, i) => mark(i))]);
}

function valueText(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Success of the mean action over steps or seconds, from 0 at the start; of the exploring episodes where it was never
 * evaluated.
 */
export function evaluatedPoints(curve: RunCurve, x: keyof RunCurve): Point[] {
  const evaluated = curve.evaluation.some((rate) => rate !== null);
  const points = pointsOf(curve, x, evaluated ? 'evaluation' : 'success');
  return points.length > 0 ? [{ x: 0, y: 0 }, ...points] : [];
}

/** The points of one measure where both numbers are known. */
export function pointsOf(curve: RunCurve, x: keyof RunCurve, y: keyof RunCurve): Point[] {
  return curve[x].flatMap((at, i) => {
    const value = curve[y][i];
    return at === null || value === null ? [] : [{ x: at, y: value }];
  });
}
