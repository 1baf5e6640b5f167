import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { appendMetrics, keepMetrics, type RunFolder } from './run-folder.ts';
import { EventWriter } from './tensorboard.ts';
import type { Metrics, TrainerState } from './trainer.ts';

/** One line of timing.jsonl: when an iteration was done. */
export interface Timing {
  steps: number;
  /** Seconds of learning so far, evaluations included; the time between a stop and a resume is left out. */
  seconds: number;
}

/** What an iteration is logged as: its metrics, and success of the mean action where it was evaluated. */
export type LoggedMetrics = Metrics & { evaluation: number | null };

/** TensorBoard's tags, and where their values come from; names as Stable-Baselines3 has them, where it has. */
const TAGS: Record<string, (metrics: LoggedMetrics) => number | null | undefined> = {
  'rollout/success': (m) => m.success,
  'rollout/return': (m) => m.return,
  'rollout/episode_length': (m) => m.episodeLength,
  'eval/success': (m) => m.evaluation,
  'train/approx_kl': (m) => m.approxKl,
  'train/clip_fraction': (m) => m.clipFraction,
  'train/entropy': (m) => m.entropy,
  'train/explained_variance': (m) => m.explainedVariance,
  'train/policy_loss': (m) => m.policyLoss,
  'train/value_loss': (m) => m.valueLoss,
  'train/imitation_loss': (m) => m.imitationLoss,
  'train/learning_rate': (m) => m.learningRate,
};

/**
 * What a run writes down as it goes: metrics.jsonl, which holds no wall-clock time and is the same to the byte for the
 * same settings; timing.jsonl and an event file for TensorBoard, which hold the time.
 */
export class RunLog {
  private readonly run: RunFolder;
  private readonly events: EventWriter;
  private readonly now: () => number;
  private readonly startedAt: number;
  private last: Timing;
  /** Seconds of learning of the processes before this one. */
  readonly earlierSeconds: number;

  /**
   * Cuts metrics and timing back to the checkpoint that the run goes on from: later lines are computed again.
   *
   * @param now milliseconds, as of `performance.now`
   */
  constructor(run: RunFolder, { iteration, steps }: TrainerState, now = () => performance.now()) {
    this.run = run;
    this.now = now;
    keepMetrics(run.metrics, iteration);
    this.last = keepTiming(run.timing, steps);
    this.earlierSeconds = this.last.seconds;
    this.startedAt = now() - 1000 * this.last.seconds;
    this.events = new EventWriter(run.folder, steps);
  }

  /** Appends one iteration to all three. */
  iteration(metrics: LoggedMetrics): void {
    const timing = { steps: metrics.steps, seconds: (this.now() - this.startedAt) / 1000 };
    appendMetrics(this.run.metrics, metrics);
    appendFileSync(this.run.timing, `${JSON.stringify({ ...timing, seconds: Number(timing.seconds.toFixed(3)) })}\n`);
    const values = Object.entries(TAGS).map(([tag, of]) => [tag, of(metrics) ?? null]);
    this.events.scalars(metrics.steps, {
      ...Object.fromEntries(values),
      'time/steps_per_second': (timing.steps - this.last.steps) / (timing.seconds - this.last.seconds),
    });
    this.last = timing;
  }

  /** Seconds of learning so far, of all processes. */
  get seconds(): number {
    return this.last.seconds;
  }

  /** Seconds of learning, of all processes, until `steps` were done; null where no line says so. */
  secondsAt(steps: number): number | null {
    return readTiming(this.run.timing).find((timing) => timing.steps >= steps)?.seconds ?? null;
  }

  close(): void {
    this.events.close();
  }
}

/** The lines of a timing.jsonl; none where there is no such file, and none from a line on that was cut. */
export function readTiming(file: string): Timing[] {
  if (!existsSync(file)) return [];
  const lines: Timing[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const timing = parsed(line);
    if (typeof timing?.steps !== 'number' || typeof timing.seconds !== 'number') break;
    lines.push(timing as Timing);
  }
  return lines;
}

/** Cuts timing.jsonl back to the lines up to `steps`, and gives the last of them. */
function keepTiming(file: string, steps: number): Timing {
  const kept = readTiming(file).filter((timing) => timing.steps <= steps);
  writeFileSync(file, kept.map((timing) => `${JSON.stringify(timing)}\n`).join(''));
  return { steps, seconds: kept.at(-1)?.seconds ?? 0 };
}

function parsed(line: string): Partial<Timing> | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
