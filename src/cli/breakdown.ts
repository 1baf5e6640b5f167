import type { BreakdownBin, FactorBreakdown } from '../evaluate/breakdown.ts';
import type { Dependence } from '../evaluate/dependence.ts';
import { table } from './output.ts';
import { displayWidth } from './output/text.ts';

/**
 * A policy's breakdown for the terminal: a line a bin, with a bar for its success.
 *
 * @param columns of the terminal; where the table is wider, each factor stands above its bins, and bars are short
 */
export function breakdownTable(
  breakdown: readonly FactorBreakdown[],
  successRate: number,
  columns = Number.POSITIVE_INFINITY,
): string {
  const wide = wideTable(breakdown, successRate);
  return displayWidth(wide.split('\n')[1]) < columns ? wide : narrowTable(breakdown, successRate);
}

function narrowTable(breakdown: readonly FactorBreakdown[], successRate: number): string {
  const factors = breakdown.map(({ label, unit, bins }) => {
    const rows = bins
      .filter(({ episodes }) => episodes > 0)
      .map((bin) => [
        `  ${binRange(bin)}`,
        bar(bin.successRate!, SHORT_BAR),
        percent(bin.successRate!),
        bin.successCi95!.map(percent).join(' – '),
        bin.episodes,
        mark(bin, successRate),
      ]);
    return { title: `${label}, ${unit}`, rows };
  });
  const all = factors.flatMap(({ rows }) => rows);
  const [header, rule, ...lines] = table(all, ['success by', '', 'success', '95 % interval', 'episodes', '']).split(
    '\n',
  );
  const told = factors.flatMap(({ title, rows }) => [title, ...lines.splice(0, rows.length)]);
  return [header, rule, ...told].join('\n');
}

function wideTable(breakdown: readonly FactorBreakdown[], successRate: number): string {
  const rows = breakdown.flatMap(({ label, unit, bins }) =>
    bins
      .filter(({ episodes }) => episodes > 0)
      .map((bin, i) => [
        i === 0 ? `${label}, ${unit}` : '',
        binRange(bin),
        bar(bin.successRate!, BAR),
        percent(bin.successRate!),
        bin.successCi95!.map(percent).join(' – '),
        bin.episodes,
        mark(bin, successRate),
      ]),
  );
  return table(rows, ['success by', '', '', 'success', '95 % interval', 'episodes', '']);
}

/** What success differs by, in a sentence. */
export function dependencesText(found: readonly Dependence[]): string {
  if (found.length === 0) return 'No factor stands out: with so many bins, what is marked may be chance.';
  const each = found.map(
    ({ label, unit, worst, best }) =>
      `${label} (${percent(best.successRate!)} at ${binRange(best)} ${unit}, ${percent(worst.successRate!)} at ${binRange(worst)})`,
  );
  return `Success differs by ${each.join('; ')}.`;
}

/** `0.5 – 0.66` */
export function binRange({ low, high }: BreakdownBin): string {
  return `${edge(low)} – ${edge(high)}`;
}

/** Three figures tell neighbouring edges apart. */
export function edge(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}

const BAR = 20;
const SHORT_BAR = 8;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function bar(rate: number, width: number): string {
  const eighths = Math.round(rate * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** Where a bin's whole interval lies beside the rate of all episodes. */
function mark({ successCi95 }: BreakdownBin, successRate: number): string {
  if (successCi95![1] < successRate) return '◄ worse';
  return successCi95![0] > successRate ? 'better' : '';
}
