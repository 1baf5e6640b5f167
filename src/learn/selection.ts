import { type Mlp, mlpFromWeights, mlpWeights } from '../../policies/mlp.ts';
import type { Normaliser } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import type { Evaluation, Evaluator } from '../evaluate/evaluate.ts';
import { wilson } from '../evaluate/interval.ts';
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
  /** Environment steps at the last candidate for the best policy. */
  lastConfirmed: number;
  /** Environment steps when success was first reached: `until`, or 0.95 without it. */
  reachedAtSteps: number | null;
}

/** Of the networks, those that fly. */
type Flown = Pick<Networks, 'actor' | 'logStd'>;

/** Environment steps between evaluations while the policy may be good enough, and otherwise. */
const EVERY = { promising: 24_000, otherwise: 400_000 };
/** Environment steps from one candidate to the next where none can end the run: on the way up each would be a better one. */
const BETWEEN_BESTS = 200_000;
/** A look is flown in parts, and so is what confirms one: no further part is flown once it can change nothing. */
const LOOK_PARTS = [30, 70];
const CONFIRM_PARTS = [100, 200, 300, 300];
const CONFIRM_EPISODES = CONFIRM_PARTS.reduce((sum, part) => sum + part);
/** No policy is handed out on fewer. */
const LEAST_EPISODES = 300;
/** In standard errors (99.9 %, one-sided): by how much fewer than all must be above the goal to end a run. */
const BEYOND_DOUBT = 3.09;
/** Numbers of sets of episodes that each iteration has for its own. */
const DRAWS = LOOK_PARTS.length + CONFIRM_PARTS.length;

/**
 * Decides which policy of a run is handed out, and when the run has reached what it was to reach.
 *
 * Whoever looks often enough sees a lucky set: runs that stopped at 0.95 on 100 and then 300 episodes were re-tested at
 * 0.92 to 0.97. So the look that picks a candidate counts for nothing, and what confirms it is large: 900 episodes, none
 * of them flown before, of which the rate less one standard error must reach the goal. For 0.95 that is 0.957: a policy of
 * true 0.93 passes with 0.03 %, one of 0.97 with 96 % (binomial tails). Sets are cut short where that is unlikely, and where
 * from 300 on the goal lies below the 99.9 % interval.
 */
export class Selection {
  state: SelectionState = { done: false, best: null, lastEvaluated: 0, lastConfirmed: 0, reachedAtSteps: null };
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
  async consider(metrics: Metrics, networks: Flown): Promise<Evaluation | null> {
    const { until, steps } = this.config;
    const goal = until ?? 0.95;
    // who learns from an expert may be good before its first episode ends
    const promising = this.config.algorithm === 'dagger' || (metrics.success ?? 0) > 0.5 * goal;
    const waited = metrics.steps - this.state.lastEvaluated;
    const last = metrics.steps >= steps;
    if (!last && waited < (promising ? EVERY.promising : EVERY.otherwise)) return null;
    this.state.lastEvaluated = metrics.steps;
    const policy = this.describe(networks);
    const draw = DRAWS * metrics.iteration;
    const lookMisses = allowed(goal, LOOK_PARTS[0] + LOOK_PARTS[1]);
    const look = await this.fly(policy, LOOK_PARTS, draw, (flown) => misses(flown) > lookMisses);
    if (!last && !this.promises(look.successRate, goal, metrics.steps)) return look;
    this.state.lastConfirmed = metrics.steps;
    const confirmed = await this.confirm(policy, goal, draw + LOOK_PARTS.length);
    if (surely(confirmed, goal)) this.noteReached(metrics.steps, until !== null);
    this.keepBest(confirmed, networks, metrics.steps);
    return confirmed;
  }

  /** Whether a policy may end the run; or, from time to time, be the best so far. */
  private promises(look: number, goal: number, steps: number): boolean {
    const { best, reachedAtSteps } = this.state;
    if (reachedAtSteps === null && look >= goal) return true;
    return look >= Math.min(goal, best?.successRate ?? goal / 2) && steps - this.state.lastConfirmed >= BETWEEN_BESTS;
  }

  /** Flies the confirming sets, as long as they may show the goal reached or, enough of them, a best policy. */
  private confirm(policy: Policy, goal: number, draw: number): Promise<Evaluation> {
    const { best } = this.state;
    const toEnd = this.config.until !== null;
    return this.fly(policy, CONFIRM_PARTS, draw, (flown) => {
      if (toEnd && beyondDoubt(flown, goal)) return true;
      if (misses(flown) <= missesOfGoal(goal) && !(toEnd && unlikely(flown, goal))) return false;
      const enough = flown.episodes >= LEAST_EPISODES;
      if (!best) return enough;
      if (toEnd) return enough || flown.successRate < best.successRate;
      return misses(flown) > allowed(best.successRate, CONFIRM_EPISODES);
    });
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
    this.state = { ...this.state, ...state };
    if (!state.best) return;
    const weights: Float32Array[] = [];
    for (let i = 0; `best.${i}` in arrays; i++) weights.push(arrays[`best.${i}`] as Float32Array);
    this.bestLogStd = arrays['best.logStd'] as Float32Array;
    const sizes = [weights[0].length / weights[1].length];
    for (let i = 1; i < weights.length; i += 2) sizes.push(weights[i].length);
    this.bestActor = mlpFromWeights(sizes, weights);
  }

  private describe({ actor, logStd }: Flown): Policy {
    return describePolicy(this.config, this.condition.vehicle, this.normaliser, actor, logStd);
  }

  /** Flies sets of so many episodes until `decided`, all of them as one. */
  private async fly(
    policy: Policy,
    parts: readonly number[],
    draw: number,
    decided: (flown: Evaluation) => boolean,
  ): Promise<Evaluation> {
    let flown: Evaluation | null = null;
    for (let k = 0; k < parts.length && !(flown && decided(flown)); k++) {
      const seed = evaluationSeed(this.config.seed, draw + k);
      const part = await this.evaluator.evaluate(policy, { ...this.condition, episodes: parts[k], seed });
      flown = flown ? pooled(flown, part) : part;
    }
    return flown!;
  }

  private noteReached(steps: number, stop: boolean): void {
    this.state.reachedAtSteps ??= steps;
    this.reachedAtSeconds ??= performance.now() / 1000;
    if (stop) this.state.done = true;
  }

  /** The best is the best of those confirmed: the best of many small samples would be a lucky one. */
  private keepBest({ episodes, successRate, positionRmseM }: Evaluation, networks: Flown, steps: number): void {
    const { best, done } = this.state;
    const better =
      !best ||
      (episodes >= LEAST_EPISODES &&
        (successRate > best.successRate || (successRate === best.successRate && positionRmseM < best.positionRmseM)));
    if (!done && !better) return;
    this.state.best = { successRate, positionRmseM, steps };
    this.bestActor = networks.actor;
    this.bestLogStd = networks.logStd;
  }
}

/** Whether all was flown and its rate less one standard error reaches the goal, or fewer were and leave no doubt. */
function surely(flown: Evaluation, goal: number): boolean {
  const { episodes, successRate } = flown;
  if (episodes < CONFIRM_EPISODES) return beyondDoubt(flown, goal);
  return lessOneError(successRate, episodes) >= goal;
}

/** Whether so few or so many episodes say that it isn't worth flying the rest. */
function unlikely({ episodes, successRate }: Evaluation, goal: number): boolean {
  const leeway = episodes < LEAST_EPISODES ? Math.sqrt((goal * (1 - goal)) / episodes) : 0;
  return successRate + leeway < goal;
}

function beyondDoubt(flown: Evaluation, goal: number): boolean {
  const { episodes } = flown;
  return episodes >= LEAST_EPISODES && wilson(episodes - misses(flown), episodes, BEYOND_DOUBT)[0] >= goal;
}

function lessOneError(rate: number, episodes: number): number {
  return rate - Math.sqrt((rate * (1 - rate)) / episodes);
}

/** With how many misses of all confirming episodes the goal is still reached. */
function missesOfGoal(goal: number): number {
  let most = 0;
  while (lessOneError(1 - (most + 1) / CONFIRM_EPISODES, CONFIRM_EPISODES) >= goal) most++;
  return most;
}

/** With how many misses of so many episodes the rate is still reached. */
function allowed(rate: number, episodes: number): number {
  return Math.floor(episodes * (1 - rate) + 1e-9);
}

function misses({ episodes, successRate }: Evaluation): number {
  return Math.round(episodes * (1 - successRate));
}

/** A seed for the `draw`-th set of episodes of a run: none is flown twice, and none is one of training's. */
export function evaluationSeed(seed: number, draw: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) + Math.imul(draw + 1, 0x85ebca77) + 0x5eed) >>> 0;
}
