import type { RealScore } from './errors.ts';

/** Success in one task of the source policy's, before and after. */
export interface SourceScore {
  task: string;
  episodes: number;
  before: { successRate: number };
  after: { successRate: number };
}

/** Most that the success rate in a source task may fall. */
const MAX_LOSS = 0.05;

/** Whether fine-tuning did more good than harm, and if not why, in a sentence. */
export interface Verdict {
  accepted: boolean;
  reason: string;
}

/**
 * The negative-transfer guard: a policy that is no better on flights it never saw, or that lost what simulation taught
 * it, is refused.
 */
export function judge(real: { before: RealScore; after: RealScore }, source: SourceScore[]): Verdict {
  const refusals: string[] = [];
  const { before, after } = real;
  if (!(after.actionMse < before.actionMse))
    refusals.push(
      `the action error on held-out flights did not fall: ${before.actionMse.toPrecision(3)} before, ${after.actionMse.toPrecision(3)} after`,
    );
  for (const { task, before, after } of source)
    if (before.successRate - after.successRate >= MAX_LOSS - 1e-9)
      refusals.push(`success in ${task} fell from ${percent(before.successRate)} to ${percent(after.successRate)}`);
  if (refusals.length > 0) return { accepted: false, reason: refusals.join('; ') };
  return { accepted: true, reason: 'the error on held-out flights fell and the source task kept its success' };
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
