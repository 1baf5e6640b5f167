import type { RunCurve } from '../learn/run-summary.ts';
import { element, escapeXml, FAINT, label, path, picture, seriesStyle } from './output/svg/element.ts';
import { legend } from './output/svg/legend.ts';
import { across, type Box, frame, horizontalAxis, roundAxis, upwards } from './output/svg/panel.ts';
import { evaluatedPoints, type NamedRun, pointsOf } from './runs-comparison.ts';

const WIDTH = 1040;
const PANEL = { left: 70, gap: 90, width: 420, height: 280 };

/** Success of several runs over steps and over time, as an SVG file. */
export function runsPicture(runs: readonly NamedRun[]): string {
  const key = legend(24, 78, WIDTH - 48, runs.map(legendText));
  const y = 78 + key.height + 34;
  const panels: [keyof RunCurve, string, string][] = [
    ['steps', 'Success over steps', 'environment steps'],
    ['seconds', 'Success over time', 'seconds of learning'],
  ];
  const drawn = panels.flatMap(([x, title, name], k) => {
    const box = { x: PANEL.left + k * (PANEL.width + PANEL.gap), y, width: PANEL.width, height: PANEL.height };
    return panel(box, runs, x, title, name);
  });
  const tasks = [...new Set(runs.map(({ summary }) => `${summary.task} with ${summary.vehicle}`))].join(', ');
  const said = 'dots: the mean action on fresh episodes; pale lines: the exploring policy';
  return picture(WIDTH, y + PANEL.height + 56, `Learning ${tasks}`, [
    label(24, 30, `Learning ${tasks}`, { 'font-size': 17, 'font-weight': 600 }),
    label(24, 50, said, { fill: FAINT }),
    ...key.drawn,
    ...drawn,
  ]);
}

function legendText({ name, summary }: NamedRun): string {
  const success = summary.success === null ? '' : `, ${(100 * summary.success).toFixed(1)} %`;
  return `${name}${success}${summary.status === 'finished' ? '' : ` (${summary.status})`}`;
}

function panel(box: Box, runs: readonly NamedRun[], x: keyof RunCurve, title: string, name: string): string[] {
  const largest = runs.flatMap(({ curve }) => curve[x]).reduce<number>((most, at) => Math.max(most, at ?? 0), 0);
  const [xAxis, yAxis] = [roundAxis(0, largest || 1, 6), roundAxis(0, 1, 5)];
  const [toX, toY] = [across(box, xAxis), upwards(box, yAxis)];
  const lines = runs.map(({ curve, name: run }, i) => {
    const { stroke, dashes } = seriesStyle(i);
    const exploring = pointsOf(curve, x, 'success').map((point) => [toX(point.x), toY(point.y)] as const);
    const evaluated = evaluatedPoints(curve, x).map((point) => [toX(point.x), toY(point.y)] as const);
    const dots = evaluated.slice(1).map(([cx, cy]) => element('circle', { cx, cy, r: 3.5, fill: stroke }));
    return element(
      'g',
      {},
      element('title', {}, escapeXml(run)),
      path(exploring, { stroke, opacity: 0.28, 'stroke-width': 1.5 }),
      path(evaluated, { stroke, 'stroke-width': 2, 'stroke-dasharray': dashes, 'stroke-linejoin': 'round' }),
      ...dots,
    );
  });
  return [...frame(box, title, yAxis, 'success'), ...horizontalAxis(box, xAxis, name), ...lines];
}
