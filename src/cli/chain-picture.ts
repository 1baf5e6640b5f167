import { element, FAINT, INK, label, picture } from './output/svg/element.ts';

type Chain = import('../transfer/chain.ts').ChainReport;

const CELL = { width: 150, height: 44 };
const LEFT = 250;
const TOP = 104;

/** The task × stage matrix of success, as an SVG file: a row a stage, a column a task, darker the better. */
export function chainPicture({ stages, tasks, success, average, backward, forward }: Chain): string {
  const width = Math.max(LEFT + tasks.length * CELL.width + 24, 620);
  const title = 'Success after each stage in each task';
  const heads = tasks.map(({ task, vehicle }, j) =>
    label(LEFT + (j + 0.5) * CELL.width, TOP - 12, `${task}, ${vehicle}`, { 'text-anchor': 'middle', fill: FAINT }),
  );
  const rows = success.flatMap((row, i) => {
    const y = TOP + i * CELL.height;
    const name = label(LEFT - 12, y + CELL.height / 2 + 4, stages[i], { 'text-anchor': 'end' });
    return [name, ...row.flatMap((rate, j) => cell(LEFT + j * CELL.width, y, rate, tasks[j].learntAt > i))];
  });
  const figures = [
    `average ${percent(average)}`,
    ...(backward === null ? [] : [`backward transfer ${points(backward)}`]),
    ...(forward === null ? [] : [`forward transfer ${points(forward)}`]),
  ];
  return picture(width, TOP + stages.length * CELL.height + 24, title, [
    label(24, 30, title, { 'font-size': 17, 'font-weight': 600 }),
    label(24, 52, `${figures.join(', ')}; framed: not yet learnt at that stage`, { fill: FAINT }),
    ...heads,
    ...rows,
  ]);
}

function cell(x: number, y: number, rate: number, ahead: boolean): string[] {
  const inner = { x: x + 2, y: y + 2, width: CELL.width - 4, height: CELL.height - 4, rx: 3 };
  const fill = { fill: '#0072b2', 'fill-opacity': 0.05 + 0.85 * rate };
  const frame = ahead ? { stroke: INK, 'stroke-dasharray': '4 3' } : {};
  const text = { 'text-anchor': 'middle', fill: rate > 0.55 ? '#ffffff' : INK };
  return [
    element('rect', { ...inner, ...fill, ...frame }),
    label(x + CELL.width / 2, y + CELL.height / 2 + 4, percent(rate), text),
  ];
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}

function points(change: number): string {
  return `${change < 0 ? '−' : '+'}${Math.abs(100 * change).toFixed(1)} points`;
}
