import { type ErrorRatio, ratioText } from './bootstrap.ts';

/** Success in one task of the source policy's, before and after. */
export interface SourceScore {
  task: string;
  /** The vehicle it is flown on, where a policy has learnt several. */
  vehicle?: string;
  episodes: number;
  before: { successRate: number };
  after: { successRate: number };
  /** Of the same network learnt from the flights alone; fine-tuning in simulation has none. */
  scratch?: { successRate: number };
}

/** The new policy's error over that of what it has to beat, on flights held out whole. */
export interface Comparisons {
  /** The policy before, with the vehicle's map fitted. */
  before: ErrorRatio;
  /** The same network from random weights on the same flights. */
  scratch: ErrorRatio;
  /** Each flight's own mean action. */
  flightMean: ErrorRatio;
}

export type VerdictName = 'positive' | 'neutral' | 'negative';

/** Whether fine-tuning did more good than harm, and why so, in a sentence. */
export interface Verdict {
  verdict: VerdictName;
  reason: string;
}

/** From this loss of success on a source task is forgotten, and a policy that forgot one is refused. */
const MAX_LOSS = 0.05;
/** Up to this one it counts as kept. */
const SMALL_LOSS = 0.02;

/**
 * The negative-transfer guard.
 *
 * - `negative`: no better than the policy before on flights that neither saw; or five points of a source task lost; or
 *   clearly worse than both the same network without the source policy and each flight's own mean action, which is
 *   negative transfer in the narrow sense, and further from the worse of them than it has come from the policy before, in
 *   times the error. Nearer than that it is a policy that flies, which neither of the other two does, on its way to them.
 * - `neutral`: the error fell, but not clearly (the interval holds 1), or two points of a source task are gone, or
 *   either of the other two comparisons is clearly lost.
 * - `positive`: otherwise.
 *
 * "Clearly" is by the 95 % interval over flights; one flight tells none, so that nothing is clear by it.
 *
 * @see Wang et al. 2019, Characterizing and Avoiding Negative Transfer, https://arxiv.org/abs/1811.09751, section 3
 */
export function judge(compared: Comparisons, scores: SourceScore[]): Verdict {
  const { before, scratch, flightMean } = compared;
  const harm: string[] = [];
  const doubt: string[] = [];
  if (!(before.ratio < 1))
    harm.push(`the action error on held-out flights did not fall: ${times(before)} the one before`);
  else if (!before.ci95)
    doubt.push(
      `the error on held-out flights fell, ${times(before)} the one before, but one held-out flight tells no interval`,
    );
  else if (before.ci95[1] >= 1)
    doubt.push(`the error on held-out flights fell, but not clearly: ${times(before)} the one before`);
  const source = losses(scores);
  harm.push(...source.harm);
  doubt.push(...source.doubt);
  const lost = [
    ...(isWorse(scratch)
      ? [`${times(scratch)} the error of the same network learnt from the flights alone${flownAlone(scores)}`]
      : []),
    ...(isWorse(flightMean) ? [`${times(flightMean)} the error of each flight's mean command`] : []),
  ];
  const furtherThanItCame = before.ratio * Math.max(scratch.ratio, flightMean.ratio) > 1;
  if (lost.length === 2 && furtherThanItCame) harm.push(lost.join(' and '));
  else doubt.push(...lost);
  if (harm.length > 0) return { verdict: 'negative', reason: harm.join('; ') };
  const gained = `${times(before)} the error of before on held-out flights`;
  if (doubt.length === 0) return { verdict: 'positive', reason: `${gained}, and the source task kept its success` };
  return { verdict: 'neutral', reason: isBetter(before) ? `${gained}, but ${doubt.join('; ')}` : doubt.join('; ') };
}

/** How a policy flies the task it was to learn. */
export interface Flown {
  successRate: number;
  positionRmseM: number;
}

/** From this change of the root mean square distance on it is more than chance, with hundreds of episodes. */
const RMSE_CHANGE = 0.03;

/**
 * The guard of fine-tuning in simulation: `negative` where the target is flown no better than before, or five points of
 * an earlier task are lost; `neutral` where success rose but not clearly (by the 95 % interval of the difference of two
 * proportions) and the path is no closer, or two points are gone; else `positive`.
 */
export function judgeTarget(
  { task, episodes, before, after }: { task: string; episodes: number; before: Flown; after: Flown },
  source: SourceScore[],
): Verdict {
  const gain = after.successRate - before.successRate;
  const variance = [before, after].reduce((sum, { successRate: p }) => sum + (p * (1 - p)) / episodes, 0);
  const closer = after.successRate > 0 && after.positionRmseM < (1 - RMSE_CHANGE) * before.positionRmseM;
  const told = `success in ${task} went from ${percent(before.successRate)} to ${percent(after.successRate)}, position RMSE from ${before.positionRmseM.toFixed(3)} to ${after.positionRmseM.toFixed(3)} m`;
  const { harm, doubt } = losses(source);
  if (gain < -1.96 * Math.sqrt(variance) || (gain <= 0 && !closer)) harm.unshift(`no better than before: ${told}`);
  else if (gain <= 1.96 * Math.sqrt(variance) && !closer) doubt.unshift(`better, but not clearly: ${told}`);
  if (harm.length > 0) return { verdict: 'negative', reason: harm.join('; ') };
  if (doubt.length > 0) return { verdict: 'neutral', reason: doubt.join('; ') };
  return { verdict: 'positive', reason: told };
}

/** Earlier tasks of which too much is lost, and those of which it may be. */
function losses(source: SourceScore[]): { harm: string[]; doubt: string[] } {
  const harm: string[] = [];
  const doubt: string[] = [];
  for (const score of source) {
    const loss = score.before.successRate - score.after.successRate;
    const text = `success in ${taskName(score)} fell from ${percent(score.before.successRate)} to ${percent(score.after.successRate)}`;
    if (loss >= MAX_LOSS - 1e-9) harm.push(text);
    else if (loss > SMALL_LOSS + 1e-9) doubt.push(text);
  }
  return { harm, doubt };
}

/** How little a network flies that learnt commands from flights and nothing in simulation. */
function flownAlone(scores: SourceScore[]): string {
  const told = scores.flatMap((score) =>
    score.scratch ? [`${percent(score.scratch.successRate)} of ${taskName(score)}`] : [],
  );
  return told.length > 0 ? ` (which flies ${told.join(', ')})` : '';
}

/** A source task's name, with the vehicle where there are several. */
export function taskName({ task, vehicle }: { task: string; vehicle?: string }): string {
  return vehicle ? `${task} on ${vehicle}` : task;
}

/** Whether the first error is clearly larger, and whether it is clearly smaller. */
const isWorse = ({ ci95 }: ErrorRatio) => ci95 !== null && ci95[0] > 1;
const isBetter = ({ ci95 }: ErrorRatio) => ci95 !== null && ci95[1] < 1;

function times(ratio: ErrorRatio): string {
  const digits = ratio.ratio < 0.1 ? 3 : 2;
  return `${ratio.ci95 ? ratioText(ratio, digits) : ratio.ratio.toFixed(digits)} times`;
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
