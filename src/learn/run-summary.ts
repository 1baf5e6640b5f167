import { existsSync, readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { InputError } from '../../envs/input-error.ts';
import type { PretrainReport } from './finish.ts';
import { type RunFolder, runFolder } from './run-folder.ts';
import { type LoggedMetrics, readTiming } from './run-log.ts';

/**
 * Where a run stands: `finished`; `fell short` where the last step came before `until`; `running`, as far as its files
 * tell; `stopped`, so that it can be resumed; `failed` where its numbers or files are broken.
 */
export type RunStatus = 'finished' | 'fell short' | 'running' | 'stopped' | 'failed';

/** One run in a list. */
export interface RunSummary {
  /** Absolute path of its folder. */
  run: string;
  task: string;
  vehicle: string;
  actions: string | null;
  seed: number;
  randomised: boolean;
  /** Environment steps made, and after how many it ends at the latest. */
  steps: number;
  totalSteps: number | null;
  /** Of 500 fresh episodes where the run has ended, else when the mean action was last evaluated. */
  success: number | null;
  /** From the start until success was reached and confirmed, as the run's report has it: pauses left out. */
  timeToSuccessSeconds: number | null;
  /** Seconds of learning so far. */
  seconds: number | null;
  status: RunStatus;
  /** Why it failed. */
  reason?: string;
  /** When it began, ISO 8601. */
  begun: string;
}

/** How success grew: one entry an iteration. */
export interface RunCurve {
  steps: number[];
  /** Null in runs, or parts of them, from before timing was kept. */
  seconds: (number | null)[];
  /** Of the episodes that ended in the iteration, exploration included. */
  success: (number | null)[];
  /** Of the mean action on fresh episodes, where it was evaluated. */
  evaluation: (number | null)[];
}

/** All that is read of a run. */
export interface RunRecord {
  summary: RunSummary;
  /** Its config.yaml as it stands, of whichever version of Windhover. */
  settings: Record<string, unknown>;
  curve: RunCurve;
}

/**
 * Reads a run that learnt in simulation, finished or not.
 *
 * @param now milliseconds, as of `Date.now`: files that changed just before belong to a run that is going on
 * @throws InputError when the folder holds no such run
 */
export function readRun(folder: string, now = Date.now()): RunRecord {
  const run = runFolder(folder);
  const settings = readSettings(run);
  const metrics = readMetrics(run.metrics);
  const curve = curveOf(metrics, new Map(readTiming(run.timing).map(({ steps, seconds }) => [steps, seconds])));
  const { report, broken } = readReport(run);
  const { status, reason } = statusOf(run, metrics, report, broken, now);
  const evaluated = curve.evaluation.filter((rate) => rate !== null);
  const summary: RunSummary = {
    run: run.folder,
    task: String(settings.task),
    vehicle: String(settings.vehicle),
    actions: typeof settings.actions === 'string' ? settings.actions : null,
    seed: Number(settings.seed),
    randomised: settings.randomise !== false,
    steps: report?.steps ?? curve.steps.at(-1) ?? 0,
    totalSteps: typeof settings.steps === 'number' ? settings.steps : null,
    success: report?.evaluation?.successRate ?? evaluated.at(-1) ?? null,
    timeToSuccessSeconds: report?.timeToSuccessSeconds ?? null,
    seconds: curve.seconds.findLast((seconds) => seconds !== null) ?? report?.seconds ?? null,
    status,
    ...(reason ? { reason } : {}),
    begun: statSync(run.config).mtime.toISOString(),
  };
  return { summary, settings, curve };
}

function readSettings({ folder, config }: RunFolder): Record<string, unknown> {
  if (!existsSync(config)) throw new InputError(`${folder}: expected a run, but it holds no config.yaml`);
  let settings: unknown;
  try {
    settings = parse(readFileSync(config, 'utf8'));
  } catch (error) {
    throw new InputError(
      `${config}: expected the settings of a run: ${(error as Error).message.split('\n')[0].replace(/:$/, '')}`,
    );
  }
  const { task, vehicle, seed, command } = (settings ?? {}) as Record<string, unknown>;
  if (command === 'finetune') throw new InputError(`${folder}: a fine-tuning run, which learns nothing in simulation`);
  if (typeof task !== 'string' || typeof vehicle !== 'string' || typeof seed !== 'number')
    throw new InputError(`${config}: expected the settings of a run with task, vehicle and seed`);
  return settings as Record<string, unknown>;
}

type Line = Partial<LoggedMetrics>;

/** Lines that are whole; a killed process may have cut the last. */
function readMetrics(file: string): Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .map(parsed)
    .filter((line): line is Line => typeof line?.steps === 'number');
}

function parsed(line: string): Line | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function curveOf(metrics: Line[], seconds: Map<number, number>): RunCurve {
  return {
    steps: metrics.map(({ steps }) => steps!),
    seconds: metrics.map(({ steps }) => seconds.get(steps!) ?? null),
    success: metrics.map(({ success }) => success ?? null),
    evaluation: metrics.map(({ evaluation }) => evaluation ?? null),
  };
}

function readReport({ report }: RunFolder): { report: Partial<PretrainReport> | null; broken?: string } {
  if (!existsSync(report)) return { report: null };
  try {
    return { report: JSON.parse(readFileSync(report, 'utf8')) };
  } catch (error) {
    return { report: null, broken: `report.json: ${(error as Error).message}` };
  }
}

/** An iteration takes less than this, so that files unchanged for longer [ms] belong to no running run. */
const ALIVE = 5000;

function statusOf(
  { metrics: file, checkpoint }: RunFolder,
  metrics: Line[],
  report: Partial<PretrainReport> | null,
  broken: string | undefined,
  now: number,
): { status: RunStatus; reason?: string } {
  if (broken) return { status: 'failed', reason: broken };
  if (report) return { status: report.reached === false ? 'fell short' : 'finished' };
  // JSON has no NaN: a loss that is none is written as null
  if (metrics.length > 0 && metrics.at(-1)!.policyLoss === null)
    return { status: 'failed', reason: 'the loss became no number' };
  const changed = (path: string) => (existsSync(path) ? statSync(path).mtimeMs : 0);
  // a run that stops writes its checkpoint last; one that goes on writes metrics after it
  const going = changed(file) > changed(checkpoint) && now - changed(file) < ALIVE;
  return { status: going ? 'running' : 'stopped' };
}
