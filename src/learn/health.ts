import type { Metrics } from './trainer.ts';

/** What is known of a run after an iteration. */
export interface HealthInput {
  metrics: Metrics;
  /** Share of the run's environment steps made, in [0, 1]. */
  done: number;
  /** Success of the mean action when it was last evaluated, and at best; null before the first time. */
  evaluation: number | null;
  best: number | null;
}

/** One sign that learning goes wrong: which, what is seen, and what may be behind it. */
export interface Concern {
  name: string;
  text: string;
}

type Check = (input: HealthInput) => string | false;

/**
 * What healthy learning stays clear of. Runs of the shipped recipe had a KL of at most 0.016, a clip fraction of at most
 * 0.21 and an explained variance above 0.5 from their second iteration on.
 */
const CHECKS: Record<string, Check> = {
  loss: ({ metrics }) =>
    ![metrics.policyLoss, metrics.valueLoss, metrics.approxKl, metrics.imitationLoss].every(finite) &&
    'the loss is no number any more: stop, and lower learn.learningRate',
  kl: ({ metrics: { approxKl = 0 } }) =>
    approxKl > 0.05 && `KL ${approxKl.toFixed(3)} is above 0.05: learning rate too high?`,
  clip: ({ metrics: { clipFraction = 0 } }) =>
    clipFraction > 0.4 && `clip fraction ${clipFraction.toFixed(2)} is above 0.4: too many epochs, or steps too large?`,
  critic: ({ metrics: { explainedVariance = 1, iteration }, done }) =>
    iteration >= 10 &&
    done >= 0.1 &&
    explainedVariance <= 0 &&
    `explained variance ${explainedVariance.toFixed(2)} is not above 0: does the critic learn nothing?`,
  success: ({ metrics, done, evaluation, best }) =>
    done >= 0.5 &&
    !best &&
    !evaluation &&
    !metrics.success &&
    (metrics.success === 0 || evaluation === 0) && // before the first episode ended nothing is known
    `no success yet with half the steps gone: ${metrics.imitationLoss === undefined ? 'task too hard, or reward beside the point?' : 'task too hard, or too few steps?'}`,
  fall: ({ evaluation, best }) =>
    evaluation !== null &&
    best !== null &&
    evaluation < best - 0.15 &&
    `success fell to ${evaluation.toFixed(2)} from ${best.toFixed(2)}: learning rate too high so late? (The best policy is kept)`,
};

/** What looks unhealthy now, worst first; empty where all is well. */
export function concerns(input: HealthInput): Concern[] {
  return Object.entries(CHECKS).flatMap(([name, check]) => {
    const text = check(input);
    return text ? [{ name, text }] : [];
  });
}

/** Of a figure that not every algorithm has. */
function finite(value: number | undefined): boolean {
  return value === undefined || Number.isFinite(value);
}
