import type { Concern } from '../learn/health.ts';
import type { Metrics } from '../learn/trainer.ts';
import { paint } from './output.ts';

/**
 * How learning goes, as text for a `Progress`: success beside the bar, the rest in lines below it, a line for each
 * concern at the end.
 *
 * @param evaluation success of the mean action on fresh episodes when it was last evaluated
 */
export function healthPanel(metrics: Metrics, evaluation: number | null, concerns: readonly Concern[]): string {
  const exploring = `success ${show(metrics.success, 2)}`;
  const lines = [
    `eval ${show(evaluation, 2)}`,
    `  ${exploring}  return ${show(metrics.return, 1)}  length ${show(metrics.episodeLength, 0)}`,
    metrics.imitationLoss === undefined
      ? `  kl ${show(metrics.approxKl, 3)}  clip ${show(metrics.clipFraction, 2)}  entropy ${show(metrics.entropy, 2)}  explained ${show(metrics.explainedVariance, 2)}`
      : `  imitation loss ${show(metrics.imitationLoss, 4)}`,
  ];
  return [...lines, ...concerns.map(({ text }) => paint('yellow', `  ! ${text}`, process.stderr))].join('\n');
}

function show(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits);
}
