import { shortNumber } from '../text.ts';
import { element, FAINT, GRID, label } from './element.ts';

/** Where a panel's drawing lies, without its axes' labels [pixels]. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A linear axis: its ends, and where its ticks stand. */
export interface Axis {
  low: number;
  high: number;
  ticks: number[];
}

/** From 0 or `low` to `high` or somewhat more, with about `count` round ticks: steps of 1, 2 or 5 times a power of ten. */
export function roundAxis(low: number, high: number, count = 5): Axis {
  const span = high > low ? high - low : 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = power * ([1, 2, 5, 10].find((factor) => span / (factor * power) <= count) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

/** The pixel of a value on a horizontal or vertical axis. */
export function across({ x, width }: Box, { low, high }: Axis): (value: number) => number {
  return (value) => x + (width * (value - low)) / (high - low);
}

export function upwards({ y, height }: Box, { low, high }: Axis): (value: number) => number {
  return (value) => y + height - (height * (value - low)) / (high - low);
}

/** Title, horizontal grid lines with their values, and the base line of a panel. */
export function frame(box: Box, title: string, yAxis: Axis, yLabel = ''): string[] {
  const { x, y, width, height } = box;
  const at = upwards(box, yAxis);
  const rows = yAxis.ticks.flatMap((tick) => [
    element('line', { x1: x, x2: x + width, y1: at(tick), y2: at(tick), stroke: GRID }),
    label(x - 8, at(tick) + 4, shortNumber(tick), { 'text-anchor': 'end', fill: FAINT }),
  ]);
  const base = element('line', { x1: x, x2: x + width, y1: y + height, y2: y + height, stroke: FAINT });
  const middle = y + height / 2;
  const turned = { 'text-anchor': 'middle', fill: FAINT, transform: `rotate(-90 ${x - 44} ${middle})` };
  return [
    label(x, y - 12, title, { 'font-weight': 600, 'font-size': 13 }),
    ...rows,
    base,
    ...(yLabel ? [label(x - 44, middle, yLabel, turned)] : []),
  ];
}

/** Ticks, their values and the name of a horizontal axis. */
export function horizontalAxis(box: Box, axis: Axis, name: string): string[] {
  const bottom = box.y + box.height;
  const at = across(box, axis);
  const ticks = axis.ticks.flatMap((tick) => [
    element('line', { x1: at(tick), x2: at(tick), y1: bottom, y2: bottom + 5, stroke: FAINT }),
    label(at(tick), bottom + 19, shortNumber(tick), { 'text-anchor': 'middle', fill: FAINT }),
  ]);
  return [...ticks, label(box.x + box.width / 2, bottom + 38, name, { 'text-anchor': 'middle', fill: FAINT })];
}
