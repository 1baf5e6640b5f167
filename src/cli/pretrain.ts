import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import type { Crew } from '../learn/crew.ts';
import type { PretrainResult } from '../learn/pretrain.ts';
import { BACKENDS, type BackendName } from '../backend/names.ts';
import { healthPanel } from './health-panel.ts';
import { interruptSignal, Interrupted } from './interrupt.ts';
import { number, oneOf, wholeNumber } from './options.ts';
import { note, plot, type Point, printJson, Progress, shellWord, table } from './output.ts';

interface Flags {
  task?: string;
  vehicle?: string;
  actions?: 'motors' | 'ctbr';
  path?: string[];
  from?: string;
  randomise?: boolean;
  until?: number;
  config?: string;
  set?: string[];
  algorithm?: 'dagger' | 'ppo';
  teacher?: 'expert' | 'pilot';
  seed?: number;
  steps?: number;
  envs?: number;
  workers?: number;
  backend?: 'auto' | BackendName;
  out?: string;
  resume?: string;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .option('--task <task>', 'what to learn: hover, waypoint, forest or track (default: hover)')
    .option('--vehicle <vehicle>', 'a vehicle of envs/vehicles, or a vehicle file (default: crazyflie)')
    .option(
      '--actions <mode>',
      'motors: four rotor thrusts, or ctbr: collective thrust and body rates (default: motors)',
      oneOf('--actions', ['motors', 'ctbr']),
    )
    .option(
      '--algorithm <name>',
      'dagger: from an expert that knows everything, or ppo: from the reward (default: dagger)',
      oneOf('--algorithm', ['dagger', 'ppo']),
    )
    .option(
      '--teacher <name>',
      'whom dagger learns from: expert, who knows everything, or pilot: calm as the autopilots that write logs, on the nominal vehicle (--no-randomise) alone (default: expert)',
      oneOf('--teacher', ['expert', 'pilot']),
    )
    .option(
      '--path <log>',
      'with track: follow the setpoints of this flight log; may be repeated',
      (value: string, all: string[] = []) => [...all, value],
    )
    .option(
      '--from <policy>',
      'begin from this policy instead of random weights; its network and observation are taken',
    )
    .option('--no-randomise', 'learn on the nominal vehicle alone; the policy will not transfer as well')
    .option(
      '--until <rate>',
      'stop when 900 fresh episodes reach this success rate, less one standard error',
      number('--until', { min: 0, max: 1 }),
    )
    .option('--config <file>', 'settings to lay over the defaults; any part of a config.yaml')
    .option(
      '--set <key=value>',
      'one setting, such as learn.gamma=0.99; may be repeated',
      (value: string, all: string[] = []) => [...all, value],
    )
    .option('--seed <n>', 'the run repeats with it (default: 0)', wholeNumber('--seed', { min: 0, max: 4294967295 }))
    .option(
      '--steps <n>',
      'environment steps after which learning ends at the latest',
      wholeNumber('--steps', { min: 1 }),
    )
    .option('--envs <n>', 'environments side by side', wholeNumber('--envs', { min: 1, max: 65536 }))
    .option(
      '--workers <n>',
      'threads that step them; the result does not depend on it',
      wholeNumber('--workers', { min: 1, max: 64 }),
    )
    .option(
      '--backend <name>',
      'auto, cuda, webgpu, native, wasm or cpu (default: auto)',
      oneOf('--backend', ['auto', ...BACKENDS]),
    )
    .option('--out <dir>', 'folder for the run (default: runs/TASK-ACTIONS-VEHICLE-sSEED)')
    .option('--resume <dir>', 'go on with a run that was stopped or killed, with its own settings')
    .option('--json', 'print one JSON object on stdout; progress goes to stderr')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  // threads take as long to start as this one to read settings: both at once
  const { Crew } = await import('../learn/crew.ts');
  const crew = new Crew(flags.workers ?? 2);
  const watcher = new Watcher();
  const result = await learn(flags, watcher, crew)
    .catch((error) => watcher.failed(error))
    .finally(() => crew.close());
  watcher.ended();
  if (!result.finished)
    throw new Interrupted(`stopped; go on with: windhover pretrain --resume ${shellWord(result.run)}`);
  const { report } = result;
  if (flags.json) printJson(report);
  else process.stdout.write(watcher.summary(report, await ownVehicle(report.run)));
  if (!report.reached) process.exitCode = 1;
}

async function learn(flags: Flags, watcher: Watcher, crew: Crew): Promise<PretrainResult> {
  const { pretrain, resumePretrain } = await import('../learn/pretrain.ts');
  const options = { crew, signal: interruptSignal(), onStart: watcher.started, onProgress: watcher.progressed };
  if (flags.resume) return resumePretrain(resumed(flags), options);
  return pretrain(...(await settings(flags)), options);
}

/** The vehicle file that a run learnt on, where it is none of Windhover's own: the policy holds its name only. */
async function ownVehicle(run: string): Promise<string | null> {
  const { parseConfig } = await import('../learn/config.ts');
  const { runFolder } = await import('../learn/run-folder.ts');
  const { config } = runFolder(run);
  const { vehicle } = parseConfig(config, readFileSync(config, 'utf8'));
  return /\.ya?ml$/.test(vehicle) ? vehicle : null;
}

function resumed(flags: Flags): string {
  const { resume, json: _, set, ...others } = flags;
  // commander sets --no-randomise's default, which is no wish of the user's
  const given = Object.entries(others).filter(
    ([name, value]) => value !== undefined && !(name === 'randomise' && value),
  );
  if (given.length > 0 || set !== undefined)
    throw new InputError(`--resume: takes every setting from the run; leave out --${given[0]?.[0] ?? 'set'}`);
  return resume!;
}

async function settings(flags: Flags) {
  const { resolveConfig } = await import('../learn/config.ts');
  const { claimRunFolder } = await import('../learn/run-folder.ts');
  const own = flags.from === undefined ? undefined : (await import('../learn/warm-start.ts')).settingsFrom(flags.from);
  const given = {
    task: flags.task,
    vehicle: flags.vehicle,
    actions: flags.actions,
    algorithm: flags.algorithm,
    teacher: flags.teacher,
    paths: flags.path,
    randomise: flags.randomise === false ? false : undefined,
    until: flags.until,
    seed: flags.seed,
    steps: flags.steps,
    workers: flags.workers,
    backend: flags.backend,
  };
  const { set = [] } = flags;
  const sets = flags.envs === undefined ? set : [`learn.envs=${flags.envs}`, ...set];
  const config = resolveConfig(given, readSettings(flags.config), sets, own);
  const vehicleName = config.vehicle.replace(/.*[/\\]/, '').replace(/\.ya?ml$/, '');
  const name = `${config.task}-${config.actions}-${vehicleName}-s${config.seed}`;
  return [flags.out ?? (() => claimRunFolder(name)), config] as const;
}

function readSettings(file: string | undefined): { name: string; text: string } | undefined {
  if (file === undefined) return undefined;
  try {
    return { name: file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is none' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new InputError(`--config ${file}: expected a settings file that can be read: ${why}`);
  }
}

type Progressed = NonNullable<import('../learn/pretrain.ts').PretrainOptions['onProgress']>;
type Started = NonNullable<import('../learn/pretrain.ts').PretrainOptions['onStart']>;
type Report = import('../learn/finish.ts').PretrainReport;

/** Follows a run on the terminal. */
export class Watcher {
  private progress: Progress | undefined;
  private run: string | null = null;
  private readonly curve: Point[] = [];
  private iterations = 0;
  /** The figures alone: concerns are summed up at the end. */
  private lastPanel = '';
  /** Iterations in which each concern was seen, and what it last said. */
  private readonly seen = new Map<string, { count: number; text: string }>();

  readonly started: Started = ({ run, backend, reason, resumedAt }) => {
    this.run = run;
    note(`run      ${run}${resumedAt > 0 ? `, going on at step ${resumedAt}` : ''}`);
    note(`backend  ${backend}: ${reason}`);
  };

  readonly progressed: Progressed = ({ metrics, evaluation, totalSteps, concerns }) => {
    this.progress ??= new Progress({ label: 'learning', total: totalSteps, unit: 'steps' });
    if (evaluation) this.curve.push({ x: metrics.steps, y: evaluation.successRate });
    this.iterations++;
    for (const { name, text } of concerns) this.seen.set(name, { count: (this.seen.get(name)?.count ?? 0) + 1, text });
    const evaluated = this.curve.at(-1)?.y ?? null;
    this.lastPanel = healthPanel(metrics, evaluated, []);
    this.progress.update(metrics.steps, healthPanel(metrics, evaluated, concerns));
  };

  /** What went wrong while it ran, such as a full disk, need not cost what was learnt. */
  failed(error: unknown): never {
    this.ended();
    if (this.run !== null) note(`go on   when it is mended: windhover pretrain --resume ${shellWord(this.run)}`);
    throw error;
  }

  readonly ended = () => {
    this.progress?.end(this.lastPanel);
    for (const { count, text } of this.seen.values())
      note(`health   in ${count} of ${this.iterations} iterations: ${text}`);
  };

  /** Success over steps, drawn with characters; empty before the second evaluation. */
  learningCurve(): string {
    if (this.curve.length < 2) return '';
    const options = { title: 'success over steps', xLabel: 'steps', min: 0, max: 1, width: 60, height: 11 };
    return plot([{ x: 0, y: 0 }, ...this.curve], options);
  }

  /** @param vehicleFile of a vehicle of the user's own, which the next command has to be told */
  summary(report: Report, vehicleFile: string | null): string {
    const { evaluation } = report;
    const curve = this.learningCurve() && `${this.learningCurve()}\n\n`;
    const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
    const rows = [
      ['success', `${percent(evaluation.successRate)} (95 %: ${evaluation.successCi95.map(percent).join(' to ')})`],
      ['crashes', percent(evaluation.crashRate)],
      ['position RMSE', `${evaluation.positionRmseM.toFixed(3)} m`],
      ['steps', `${report.steps} in ${report.seconds.toFixed(1)} s`],
      ['policy', report.policy],
    ];
    const verdict = report.reached ? '' : '\nThe step cap came before --until was reached; exit code 1.\n';
    return `${curve}${table(rows, [`${evaluation.task} on ${evaluation.vehicle}`, `${evaluation.episodes} fresh episodes`])}\n${verdict}
Next: windhover evaluate ${shellWord(report.run)} --task ${evaluation.task}${vehicleFile ? ` --vehicle ${shellWord(vehicleFile)}` : ''}
      windhover watch ${shellWord(report.run)}
`;
  }
}
