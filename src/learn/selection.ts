import { type Mlp, mlpFromWeights, mlpWeights } from '../../policies/mlp.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import type { Evaluation, Evaluator } from '../evaluate/evaluate.ts';
import type { RunConfig } from './config.ts';
import { describePolicy } from './describe.ts';
import type { Networks } from './networks.ts';
import { pooled } from './pooled.ts';
import type { Condition } from './setup.ts';
import type { Metrics } from './trainer.ts';

export interface SelectionState {
  /** The run's `--until` was reached and confirmed. */
  done: boolean;
  /** How the best policy so far did on the confirming episodes, and when. */
  best: { successRate: number; positionRmseM: number; steps: number } | null;
  /** Environment steps at the last evaluation. */
  lastEvaluated: number;
  /** Environment steps when success was first reached: `until`, or 0.95 without it. */
  reachedAtSteps: number | null;
}

/** Environment steps between evaluations while the policy may be good enough, and otherwise. */
const EVERY = { promising: 24_000, otherwise: 400_000 };
/** Environment steps from one best policy that is short of the goal to the next: on the way up each would be a better one. */
const BETWEEN_BESTS = 200_000;
const LOOK_EPISODES = 100;
/** The second set is flown where the first has promise; the two of them together decide. */
const CONFIRM_EPISODES = [300, 600];

/**
 * Decides which policy of a run is handed out, and when the run has reached what it was to reach.
 *
 * Whoever looks often enough sees a lucky set: runs that stopped at 0.95 on 100 and then 300 episodes were re-tested at
 * 0.92 to 0.97. So the look that picks a candidate counts for nothing, and what confirms it is large: 900 episodes, none
 * of them flown before, of which the rate less one standard error must reach the goal. For 0.95 that is 0.957: a policy of
 * true 0.93 passes with 0.03 %, one of 0.97 with 98 %.
 */
export class Selection {
  state: SelectionState = { done: false, best: null, lastEvaluated: 0, reachedAtSteps: null };
  /** Seconds since this process started when success was first reached; null where an earlier one reached it. */
  reachedAtSeconds: number | null = null;
  private readonly config: RunConfig;
  private readonly normaliser: Normaliser;
  private readonly condition: Condition;
  private readonly evaluator: Evaluator;
  private bestActor: Mlp | null = null;
  private bestLogStd: Float32Array = new Float32Array(0);

  constructor(config: RunConfig, normaliser: Normaliser, condition: Condition, evaluator: Evaluator) {
    this.config = config;
    this.normaliser = normaliser;
    this.condition = condition;
    this.evaluator = evaluator;
  }

  get done(): boolean {
    return this.state.done;
  }

  /** Evaluates the networks of this iteration where that is due. */
  async consider(metrics: Metrics, networks: Networks): Promise<Evaluation | null> {
    const { until, steps } = this.config;
    const goal = until ?? 0.95;
    const promising = (metrics.success ?? 0) > 0.5 * goal;
    const waited = metrics.steps - this.state.lastEvaluated;
    const last = metrics.steps >= steps;
    if (!last && waited < (promising ? EVERY.promising : EVERY.otherwise)) return null;
    this.state.lastEvaluated = metrics.steps;
    const policy = this.describe(networks);
    const look = await this.fly(policy, LOOK_EPISODES, 3 * metrics.iteration);
    if (!last && !this.promises(look.successRate, goal, metrics.steps)) return look;
    const bar = Math.min(goal, this.state.best?.successRate ?? goal);
    const confirmed = await this.confirm(policy, bar, 3 * metrics.iteration + 1);
    if (surely(confirmed, goal)) this.noteReached(metrics.steps, until !== null);
    this.keepBest(confirmed, networks, metrics.steps);
    return confirmed;
  }

  /** Whether a policy may have reached the goal; or, from time to time on the way there, be the best so far. */
  private promises(look: number, goal: number, steps: number): boolean {
    const { best } = this.state;
    if (look >= goal) return true;
    return look >= (best?.successRate ?? goal / 2) && steps - (best?.steps ?? 0) >= BETWEEN_BESTS;
  }

  /** Flies the first confirming set, and the second too where the first isn't below the bar. */
  private async confirm(policy: Policy, bar: number, draw: number): Promise<Evaluation> {
    const first = await this.fly(policy, CONFIRM_EPISODES[0], draw);
    if (first.successRate < bar) return first;
    return pooled(first, await this.fly(policy, CONFIRM_EPISODES[1], draw + 1));
  }

  /** The policy to hand out: the one that reached the goal, else the best seen. */
  policy(): Policy {
    if (!this.bestActor) throw new Error('expected at least one evaluation before the run ends');
    return this.describe({ actor: this.bestActor, logStd: this.bestLogStd });
  }

  arrays(): Record<string, Float32Array> {
    if (!this.bestActor) return {};
    const entries = mlpWeights(this.bestActor).map((array, i): [string, Float32Array] => [`best.${i}`, array]);
    return { ...Object.fromEntries(entries), 'best.logStd': this.bestLogStd };
  }

  restore(state: SelectionState, arrays: Record<string, unknown>): void {
    this.state = state;
    if (!state.best) return;
    const weights: Float32Array[] = [];
    for (let i = 0; `best.${i}` in arrays; i++) weights.push(arrays[`best.${i}`] as Float32Array);
    this.bestLogStd = arrays['best.logStd'] as Float32Array;
    const sizes = [weights[0].length / weights[1].length];
    for (let i = 1; i < weights.length; i += 2) sizes.push(weights[i].length);
    this.bestActor = mlpFromWeights(sizes, weights);
  }

  private describe({ actor, logStd }: Pick<Networks, 'actor' | 'logStd'>): Policy {
    return describePolicy(this.config, this.condition.vehicle, this.normaliser, actor, logStd);
  }

  private fly(policy: Policy, episodes: number, draw: number): Promise<Evaluation> {
    return this.evaluator.evaluate(policy, {
      ...this.condition,
      episodes,
      seed: evaluationSeed(this.config.seed, draw),
    });
  }

  private noteReached(steps: number, stop: boolean): void {
    this.state.reachedAtSteps ??= steps;
    this.reachedAtSeconds ??= performance.now() / 1000;
    if (stop) this.state.done = true;
  }

  /** The best is the best of those confirmed: the best of many small samples would be a lucky one. */
  private keepBest({ successRate, positionRmseM }: Evaluation, networks: Networks, steps: number): void {
    const { best, done } = this.state;
    const better =
      !best ||
      successRate > best.successRate ||
      (successRate === best.successRate && positionRmseM < best.positionRmseM);
    if (!done && !better) return;
    this.state.best = { successRate, positionRmseM, steps };
    this.bestActor = networks.actor;
    this.bestLogStd = networks.logStd;
  }
}

/** Whether enough was flown, and its rate less one standard error reaches the goal. */
function surely({ episodes, successRate }: Evaluation, goal: number): boolean {
  if (episodes <= CONFIRM_EPISODES[0]) return false;
  return successRate - Math.sqrt((successRate * (1 - successRate)) / episodes) >= goal;
}

/** A seed for the `draw`-th set of episodes of a run: none is flown twice, and none is one of training's. */
export function evaluationSeed(seed: number, draw: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) + Math.imul(draw + 1, 0x85ebca77) + 0x5eed) >>> 0;
}
