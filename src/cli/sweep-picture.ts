import { element, FAINT, label, path, picture, seriesStyle } from './output/svg/element.ts';
import { across, type Axis, type Box, frame, horizontalAxis, roundAxis, upwards } from './output/svg/panel.ts';

type Report = import('../transfer/report.ts').FinetuneReport;

const WIDTH = 1000;
const PANEL = { left: 84, gap: 110, width: 380, height: 260 };
const TOP = 108;

/** The transferability curve of a sweep as an SVG file: what real flights gained and what was forgotten, against K. */
export function sweepPicture({ sweep = [], real, flights }: Pick<Report, 'sweep' | 'real' | 'flights'>): string {
  const K = roundAxis(0, sweep.length - 1, sweep.length - 1 || 1);
  const gain = sweep.map(({ real: { after } }) => after.actionMse / real.flightMean.actionMse);
  const lost = sweep.map(({ source }) =>
    Math.max(...source.map(({ before, after }) => 100 * (before.successRate - after.successRate))),
  );
  const title = 'Transferability: what freezing the first K layers costs and keeps';
  return picture(WIDTH, TOP + PANEL.height + 56, title, [
    label(24, 30, title, { 'font-size': 17, 'font-weight': 600 }),
    label(24, 52, `${flights.test.length} flights held out; an error of 1 is that of each flight's own mean command`, {
      fill: FAINT,
    }),
    ...panel(0, 'Action error on held-out flights', 'times the flight mean', K, gain),
    ...panel(1, 'Success lost in the source task', 'points, the worst task', K, lost),
  ]);
}

function panel(place: number, title: string, name: string, K: Axis, values: number[]): string[] {
  const box: Box = {
    x: PANEL.left + place * (PANEL.width + PANEL.gap),
    y: TOP,
    width: PANEL.width,
    height: PANEL.height,
  };
  const yAxis = roundAxis(Math.min(0, ...values), Math.max(...values, 1e-3), 5);
  const [toX, toY] = [across(box, K), upwards(box, yAxis)];
  const { stroke } = seriesStyle(place);
  const points = values.map((value, k) => [toX(k), toY(value)] as const);
  return [
    ...frame(box, title, yAxis, name),
    ...horizontalAxis(box, K, 'K, layers frozen'),
    path(points, { stroke, 'stroke-width': 2 }),
    ...points.map(([cx, cy]) => element('circle', { cx, cy, r: 4, fill: stroke })),
  ];
}
