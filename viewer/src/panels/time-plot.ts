import uPlot from 'uplot';
import { element, figure } from './dom.ts';

/** One curve over time. */
export interface Curve {
  label: string;
  colour: string;
  dashed?: boolean;
  at(t: number): number;
}

export interface TimePlotSpec {
  id: string;
  title: string;
  unit: string;
  /** Which of several recordings it shows, where that is one. */
  of?: string;
  digits: number;
  height: number;
  curves: Curve[];
}

/** More points than pixels are not seen. */
const MOST_POINTS = 3000;
const RATE_HZ = 50;

/** A plot of curves over time with the time cursor in it: a click or a drag goes to that time. */
export class TimePlot {
  readonly root: HTMLElement;
  private readonly spec: TimePlotSpec;
  private readonly plot: uPlot;
  private readonly cursor = element('div', { class: 'time-cursor' });
  private readonly dots: HTMLElement[];
  private readonly readings: HTMLElement[];
  private time = 0;

  /** @param onSeek called with the time [s] that the user pointed at */
  constructor(spec: TimePlotSpec, duration: number, width: number, onSeek: (t: number) => void) {
    this.spec = spec;
    this.readings = spec.curves.map(() => element('b'));
    this.dots = spec.curves.map(({ colour }) => element('i', { class: 'dot', style: `background:${colour}` }));
    const holder = element('div', { class: 'plot-area' });
    this.root = element('article', { class: 'plot', 'data-plot': spec.id }, this.header(), holder);
    this.plot = new uPlot(
      options(spec, width, () => this.place()),
      samples(spec, 0, duration),
      holder,
    );
    this.plot.over.append(this.cursor, ...this.dots);
    this.seekBy(this.plot.over, onSeek);
  }

  /** Shows the curves anew, from one time [s] to another. */
  show(from: number, to: number): void {
    this.plot.setData(samples(this.spec, from, to));
  }

  private header(): HTMLElement {
    const { title, unit, of, curves } = this.spec;
    const legend = curves.map(({ label, colour, dashed }, index) =>
      element(
        'span',
        { class: dashed ? 'curve dashed' : 'curve', style: `--colour:${colour}` },
        label,
        this.readings[index],
      ),
    );
    const about = [of, unit].filter(Boolean).join(', ');
    return element('header', {}, element('h3', {}, title, element('small', {}, about)), ...legend);
  }

  private seekBy(over: HTMLElement, onSeek: (t: number) => void): void {
    const seek = (event: PointerEvent) => {
      const left = event.clientX - over.getBoundingClientRect().left;
      onSeek(this.plot.posToVal(left, 'x'));
    };
    over.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      over.setPointerCapture(event.pointerId);
      seek(event);
    });
    over.addEventListener('pointermove', (event) => {
      if (over.hasPointerCapture(event.pointerId)) seek(event);
    });
  }

  /** Moves the cursor line to `t` and writes the curves' values there into the legend. */
  update(t: number): void {
    this.time = t;
    this.spec.curves.forEach((curve, index) => {
      this.readings[index].textContent = figure(curve.at(t), this.spec.digits);
    });
    this.place();
  }

  private place(): void {
    if (!this.plot) return; // uPlot draws once inside its constructor
    const left = this.plot.valToPos(this.time, 'x');
    this.cursor.style.transform = `translateX(${left}px)`;
    this.root.dataset.cursor = left.toFixed(2);
    this.spec.curves.forEach((curve, index) => {
      const value = curve.at(this.time);
      this.dots[index].hidden = !Number.isFinite(value);
      if (Number.isFinite(value))
        this.dots[index].style.transform = `translate(${left}px, ${this.plot.valToPos(value, 'y')}px)`;
    });
  }

  resize(width: number): void {
    this.plot.setSize({ width, height: this.spec.height });
    this.place();
  }

  destroy(): void {
    this.plot.destroy();
    this.root.remove();
  }
}

/** The curves' values at whole steps, where they stay as a flight grows, and at both ends. */
function samples({ curves }: TimePlotSpec, from: number, to: number): uPlot.AlignedData {
  const step = Math.max(1, Math.ceil(((to - from) * RATE_HZ) / MOST_POINTS)) / RATE_HZ;
  const first = Math.floor(from / step) + 1;
  const between = Math.max(0, Math.ceil(to / step - 1e-9) - first);
  const times = [from, ...Array.from({ length: between }, (_, index) => (first + index) * step), to];
  const values = curves.map((curve) => times.map((t) => finiteOrGap(curve.at(t))));
  return [times, ...values];
}

function finiteOrGap(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** How axes look. Whole pixels: of `10.5px` uPlot scales the 5 alone, which halves the text on a screen with two dots a pixel. */
export const AXIS: uPlot.Axis = {
  stroke: '#8291a0',
  font: '11px system-ui, sans-serif',
  grid: { stroke: '#1d2731', width: 1 },
  ticks: { show: false },
};

function options(spec: TimePlotSpec, width: number, onDraw: () => void): uPlot.Options {
  return {
    width,
    height: spec.height,
    padding: [6, 10, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'time' }, drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: { x: { time: false }, y: { range: (_plot, low, high) => roomy(low, high) } },
    axes: [
      { ...AXIS, size: 22, gap: 4, values: (_plot, ticks) => ticks.map((tick) => `${+tick.toFixed(3)} s`) },
      { ...AXIS, size: 42, gap: 4, space: 26 },
    ],
    series: [{}, ...spec.curves.map(curveOptions)],
    hooks: { draw: [onDraw] },
  };
}

function curveOptions({ label, colour, dashed }: Curve): uPlot.Series {
  return { label, stroke: colour, width: 1.5, points: { show: false }, ...(dashed ? { dash: [5, 4] } : {}) };
}

/** A little room above and below; a constant gets some too, and what is near zero shows the zero. */
function roomy(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const span = Math.max(high - low, Math.abs(high) * 0.02, 1e-3);
  const bottom = low >= 0 && low < span * 0.6 ? 0 : low - span * 0.08;
  return [bottom, high + span * 0.1];
}
