import { paint, type Style } from './colour.ts';
import { displayWidth, shortNumber } from './text.ts';

export interface Point {
  x: number;
  y: number;
}

export interface PlotOptions {
  /** Columns and rows of the drawing itself, without axes. */
  width?: number;
  height?: number;
  title?: string;
  xLabel?: string;
  yLabel?: string;
  /** Ends of the y axis; from the points where not given. */
  min?: number;
  max?: number;
}

/** One of several curves; its mark, a single character, stands at its last point. */
export interface Series {
  mark: string;
  points: Point[];
}

/**
 * A curve for the terminal, drawn in braille: each character holds 2 × 4 dots.
 * Points that are not finite leave a gap.
 */
export function plot(points: Point[], options: PlotOptions = {}): string {
  return plotSeries([{ mark: '', points }], options);
}

/** Several curves on the same axes, told apart by their marks, and by colours where stdout takes them. */
export function plotSeries(series: Series[], options: PlotOptions = {}): string {
  const { width = 60, height = 12, title, xLabel, yLabel } = options;
  const isFinitePoint = (point: Point) => Number.isFinite(point.x) && Number.isFinite(point.y);
  const finite = series.flatMap(({ points }) => points.filter(isFinitePoint));
  const xs = span(finite.map((point) => point.x));
  const ys = span(
    finite.map((point) => point.y),
    options.min,
    options.max,
  );
  const dots = series.map(({ points }) => curve(points, xs, ys, width, height));
  const cells = Array.from({ length: height }, (_, row) => brailleRow(dots, row, width));
  series.forEach(({ mark, points }, i) => {
    const last = points.findLast(isFinitePoint);
    if (mark && last) cells[row(last.y, ys, height)][column(last.x, xs, width)] = paint(seriesColour(i), mark);
  });
  const rows = cells.map((line) => line.join(''));
  const ticks = rows.map((_, row) => tick(row, height, ys));
  const margin = Math.max(...ticks.map(displayWidth));
  const lines = rows.map((row, i) => `${ticks[i].padStart(margin)} ┤${row.trimEnd()}`);
  const head = [title, yLabel && `${' '.repeat(margin)} ${yLabel}`].filter((line): line is string => Boolean(line));
  const left = shortNumber(xs.low);
  const right = [shortNumber(xs.high), xLabel].filter(Boolean).join(' ');
  const gap = ' '.repeat(Math.max(1, width - left.length - right.length));
  return [
    ...head,
    ...lines,
    `${' '.repeat(margin)} └${'─'.repeat(width)}`,
    `${' '.repeat(margin)}  ${left}${gap}${right}`,
  ].join('\n');
}

interface Span {
  low: number;
  high: number;
}

/** From the smallest to the largest value; never empty, so that one point or a flat line can be drawn. */
function span(values: number[], min?: number, max?: number): Span {
  const low = min ?? values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = max ?? values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(low) && !Number.isFinite(high)) return { low: 0, high: 1 };
  if (!Number.isFinite(low)) return { low: high - 1, high };
  if (!Number.isFinite(high)) return { low, high: low + 1 };
  return high > low ? { low, high } : { low: low - 0.5, high: low + 0.5 };
}

/** Labels at the top, the middle and the bottom. */
function tick(row: number, height: number, { low, high }: Span): string {
  if (row === 0) return shortNumber(high);
  if (row === height - 1) return shortNumber(low);
  if (height >= 5 && row === Math.floor((height - 1) / 2))
    return shortNumber(high - ((high - low) * row) / (height - 1));
  return '';
}

/** The colour of the `i`-th of several curves. */
export function seriesColour(i: number): Style {
  const colours: Style[] = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'red'];
  return colours[i % colours.length];
}

/** Which of `size` steps from the left a value falls on. */
function column(x: number, { low, high }: Span, size: number): number {
  return Math.round(clamp01((x - low) / (high - low)) * (size - 1));
}

/** Which of `size` steps from the top. */
function row(y: number, { low, high }: Span, size: number): number {
  return Math.round(clamp01((high - y) / (high - low)) * (size - 1));
}

/** The points joined by lines, as dots `[4 · height, 2 · width]`. */
function curve(points: Point[], xs: Span, ys: Span, width: number, height: number): Uint8Array {
  const dots = new Uint8Array(width * 2 * (height * 4));
  let previous: [number, number] | null = null;
  for (const { x, y } of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      previous = null;
      continue;
    }
    const next: [number, number] = [column(x, xs, width * 2), row(y, ys, height * 4)];
    segment(dots, width * 2, previous ?? next, next);
    previous = next;
  }
  return dots;
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** All dots from one to the other, at least one a column or row. */
function segment(dots: Uint8Array, stride: number, [x0, y0]: [number, number], [x1, y1]: [number, number]): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let i = 0; i <= steps; i++) {
    const x = Math.round(x0 + ((x1 - x0) * i) / steps);
    const y = Math.round(y0 + ((y1 - y0) * i) / steps);
    dots[y * stride + x] = 1;
  }
}

/** Unicode numbers the dots of a braille cell down the columns, but the lowest two last. */
const brailleBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** One row of characters: the dots of all curves, in the colour of the last curve that has any there. */
function brailleRow(curves: Uint8Array[], row: number, width: number): string[] {
  return Array.from({ length: width }, (_, column) => {
    const each = curves.map((dots) => brailleCell(dots, row, column, width));
    const bits = each.reduce((all, one) => all | one, 0);
    if (bits === 0) return ' ';
    const character = String.fromCharCode(0x2800 + bits);
    if (curves.length === 1) return character;
    return paint(seriesColour(each.findLastIndex((one) => one !== 0)), character);
  });
}

function brailleCell(dots: Uint8Array, row: number, column: number, width: number): number {
  let bits = 0;
  for (let dy = 0; dy < 4; dy++)
    for (let dx = 0; dx < 2; dx++) if (dots[(row * 4 + dy) * width * 2 + column * 2 + dx]) bits |= brailleBits[dy][dx];
  return bits;
}
