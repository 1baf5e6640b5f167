import type { FactorBreakdown } from '../evaluate/breakdown.ts';
import { binRange, edge } from './breakdown.ts';
import { element, escapeXml, FAINT, label, path, picture, seriesStyle } from './output/svg/element.ts';
import { legend } from './output/svg/legend.ts';
import { type Axis, type Box, frame, roundAxis, upwards } from './output/svg/panel.ts';

/** One policy to draw. */
export interface BrokenDown {
  name: string;
  successRate: number;
  breakdown: FactorBreakdown[];
}

/** Bins with fewer episodes say little. */
const FEW = 10;
const COLUMNS = 3;
const CELL = { width: 330, height: 250 };
const INNER = { left: 64, top: 40, width: 246, height: 150 };

/**
 * Where policies fail, as an SVG file: a panel a factor, a point a bin with its 95 % interval, side by side for the
 * policies; the dashed line is a policy's success over all episodes.
 *
 * @param subtitle how it was measured, for under the title
 */
export function breakdownPicture(policies: readonly BrokenDown[], subtitle: string): string {
  const factors = policies[0].breakdown;
  const columns = Math.min(COLUMNS, factors.length);
  const width = Math.max(2, columns) * CELL.width + 20;
  const key = legend(
    24,
    76,
    width - 48,
    policies.map(({ name, successRate }) => `${name}  ${percent(successRate)}`),
  );
  const top = 76 + key.height;
  const yAxis = successAxis(policies);
  const panels = factors.flatMap((factor, k) => {
    const cell = { x: (k % columns) * CELL.width, y: top + Math.floor(k / columns) * CELL.height };
    const box = { x: cell.x + INNER.left, y: cell.y + INNER.top, width: INNER.width, height: INNER.height };
    return factorPanel(box, factor, policies, yAxis, k % columns === 0 ? 'success' : '');
  });
  const height = top + Math.ceil(factors.length / columns) * CELL.height + 6;
  const title = 'Success by what each episode was up against';
  const head = [
    label(24, 30, title, { 'font-size': 17, 'font-weight': 600 }),
    label(24, 50, subtitle, { fill: FAINT }),
  ];
  return picture(width, height, title, [...head, ...key.drawn, ...panels]);
}

/** From a little below the lowest point and interval up to 1; intervals of a few episodes may reach below. */
function successAxis(policies: readonly BrokenDown[]): Axis {
  const bins = policies.flatMap(({ breakdown }) => breakdown.flatMap((factor) => factor.bins));
  const lows = bins.map(
    ({ episodes, successRate, successCi95 }) => (episodes < FEW ? successRate : successCi95![0]) ?? 1,
  );
  return roundAxis(Math.min(0.8, ...lows), 1, 5);
}

function factorPanel(
  box: Box,
  factor: FactorBreakdown,
  policies: readonly BrokenDown[],
  yAxis: Axis,
  yLabel: string,
): string[] {
  return [
    ...frame(box, `${factor.label} [${factor.unit}]`, yAxis, yLabel),
    ...binsAxis(box, factor),
    ...policies.flatMap((policy, i) => points(box, factor, yAxis, policy, i, policies.length)),
  ];
}

/** Edges of the bins, evenly spaced whatever they are, and how many episodes lay in each. */
function binsAxis(box: Box, { bins }: FactorBreakdown): string[] {
  const bottom = box.y + box.height;
  const wide = box.width / bins.length;
  const edges = [bins[0].low, ...bins.map(({ high }) => high)].flatMap((value, k) => [
    element('line', { x1: box.x + k * wide, x2: box.x + k * wide, y1: bottom, y2: bottom + 5, stroke: FAINT }),
    label(box.x + k * wide, bottom + 19, edge(value), { 'text-anchor': 'middle', fill: FAINT }),
  ]);
  const small = { fill: FAINT, 'font-size': 10 };
  const counts = bins.map(({ episodes }, k) =>
    label(box.x + (k + 0.5) * wide, bottom + 36, String(episodes), { 'text-anchor': 'middle', ...small }),
  );
  return [...edges, label(box.x - 14, bottom + 36, 'episodes', { 'text-anchor': 'end', ...small }), ...counts];
}

/** One policy's success in each bin, joined by a faint line, with intervals; few episodes are drawn pale. */
function points(
  box: Box,
  factor: FactorBreakdown,
  yAxis: Axis,
  { name, successRate, breakdown }: BrokenDown,
  i: number,
  policies: number,
): string[] {
  const { stroke } = seriesStyle(i);
  const at = upwards(box, yAxis);
  const bins = breakdown.find((other) => other.factor === factor.factor)?.bins ?? [];
  const x = (k: number) => box.x + ((k + (i + 1) / (policies + 1)) * box.width) / bins.length;
  const overall = { x1: box.x, x2: box.x + box.width, y1: at(successRate), y2: at(successRate) };
  const joined = bins.map((bin, k) => [x(k), bin.successRate === null ? Number.NaN : at(bin.successRate)] as const);
  const marks = bins.flatMap((bin, k) => {
    if (bin.successRate === null) return [];
    const [low, high] = bin.successCi95!.map((rate) => Math.min(at(rate), box.y + box.height));
    const opacity = bin.episodes < FEW ? 0.35 : undefined;
    const said = `${name}, ${factor.label} ${binRange(bin)} ${factor.unit}: ${percent(bin.successRate)} of ${bin.episodes}`;
    return [
      element('line', { x1: x(k), x2: x(k), y1: low, y2: high, stroke, opacity, 'stroke-width': 2 }),
      element(
        'circle',
        { cx: x(k), cy: at(bin.successRate), r: 4, fill: stroke, opacity },
        element('title', {}, escapeXml(said)),
      ),
    ];
  });
  return [
    element('line', { ...overall, stroke, 'stroke-dasharray': '3 4', opacity: 0.6 }),
    path(joined, { stroke, opacity: 0.35, 'stroke-width': 1.5 }),
    ...marks,
  ];
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
