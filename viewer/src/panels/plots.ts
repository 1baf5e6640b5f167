import type { LearningCurve } from '../../../src/episode/catalogue.ts';
import { byId } from './dom.ts';
import { flightPlots, type Plotted } from './flight-plots.ts';
import { LearningCurvePlot } from './learning-curve.ts';
import { TimePlot } from './time-plot.ts';

/** The column of plots at the right. */
export class PlotColumn {
  private readonly box = byId('plots');
  private readonly onSeek: (t: number) => void;
  private plots: TimePlot[] = [];
  private curve: LearningCurvePlot | null = null;

  constructor(onSeek: (t: number) => void) {
    this.onSeek = onSeek;
    new ResizeObserver(() => this.resize()).observe(this.box);
  }

  private get width(): number {
    return Math.max(this.box.clientWidth - 24, 120);
  }

  show(plotted: readonly Plotted[], duration: number, curve: LearningCurve | undefined): void {
    for (const plot of [...this.plots, this.curve]) plot?.destroy();
    this.plots = flightPlots(plotted).map((spec) => new TimePlot(spec, duration, this.width, this.onSeek));
    this.curve = curve && curve.steps.length > 1 ? new LearningCurvePlot(curve, this.width) : null;
    const articles = this.plots.map(({ root }) => root);
    // The error comes first, how the policy learned it second, all else below.
    if (this.curve) articles.splice(1, 0, this.curve.root);
    this.box.replaceChildren(...articles);
    this.resize();
  }

  /** Shows what has come of a growing recording, from one time [s] to another. */
  grow(from: number, to: number): void {
    for (const plot of this.plots) plot.show(from, to);
  }

  update(t: number): void {
    for (const plot of this.plots) plot.update(t);
  }

  private resize(): void {
    for (const plot of [...this.plots, this.curve]) plot?.resize(this.width);
  }
}
