import uPlot from 'uplot';
import type { LearningCurve } from '../../../src/episode/catalogue.ts';
import { SOLID } from '../stage/colours.ts';
import { element } from './dom.ts';
import { AXIS } from './time-plot.ts';

/** The run's learning curve: success rate over training steps, of the exploring policy, and as dots where the mean action was evaluated. */
export class LearningCurvePlot {
  readonly root: HTMLElement;
  private readonly plot: uPlot;

  constructor(curve: LearningCurve, width: number) {
    const evaluation = curve.evaluation ?? curve.steps.map(() => null);
    const known = evaluation.filter((rate) => rate !== null);
    const best = Math.max(0, ...(known.length > 0 ? known : curve.successRate.filter((rate) => rate !== null)));
    const steps = curve.steps.at(-1) ?? 0;
    const summary = element('span', { class: 'muted' }, `best ${Math.round(best * 100)} %, ${thousands(steps)} steps`);
    const holder = element('div', { class: 'plot-area' });
    const header = element(
      'header',
      {},
      element('h3', {}, 'Learning curve', element('small', {}, 'success')),
      key(EXPLORING, 'while exploring', 'shaded'),
      ...(known.length > 0 ? [key(SOLID, 'evaluated')] : []),
      summary,
    );
    this.root = element('article', { class: 'plot', 'data-plot': 'learning' }, header, holder);
    this.root.dataset.points = String(curve.steps.length);
    this.plot = new uPlot(options(width), [curve.steps, curve.successRate, evaluation], holder);
  }

  resize(width: number): void {
    this.plot.setSize({ width, height: HEIGHT });
  }

  destroy(): void {
    this.plot.destroy();
    this.root.remove();
  }
}

const HEIGHT = 118;
const EXPLORING = 'rgba(76, 201, 240, 0.5)';

function key(colour: string, text: string, shaded = ''): HTMLElement {
  return element('span', { class: `curve ${shaded}`, style: `--colour:${colour}` }, text);
}

/** 1250000 → `1.25 M`. */
function thousands(steps: number): string {
  if (steps >= 1e6) return `${+(steps / 1e6).toFixed(2)} M`;
  return steps >= 1e3 ? `${+(steps / 1e3).toFixed(0)} k` : String(steps);
}

function options(width: number): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [6, 10, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: (_plot, _first, last) => [0, last] }, y: { range: [0, 1.05] } },
    axes: [
      { ...AXIS, size: 22, gap: 4, values: (_plot, ticks) => ticks.map(thousands) },
      { ...AXIS, size: 42, gap: 4, values: (_plot, ticks) => ticks.map((tick) => `${Math.round(tick * 100)} %`) },
    ],
    series: [
      {},
      {
        stroke: EXPLORING,
        width: 1.5,
        fill: 'rgba(76, 201, 240, 0.12)',
        spanGaps: true,
        points: { show: false },
      },
      { stroke: SOLID, width: 1.5, spanGaps: true, points: { show: true, size: 6, fill: SOLID } },
    ],
  };
}
