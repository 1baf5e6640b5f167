import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import type { RunRecord } from '../learn/run-summary.ts';
import { checkOutFile } from './options.ts';
import { note, printJson, table } from './output.ts';
import { comparisonText, type NamedRun } from './runs-comparison.ts';
import { runsPicture } from './runs-picture.ts';

interface Flags {
  compare?: boolean;
  svg?: string;
  json?: boolean;
}

const RUNS = 'runs';

export function register(command: Command): void {
  command
    .argument('[folder...]', 'runs, or folders that hold runs; two or more are compared, in this order')
    .option('--compare', 'also show the settings that differ, and success over steps and over time')
    .option('--svg <file>', 'draw the comparison as SVG')
    .option('--json', 'print one JSON object on stdout')
    .action(run);
}

async function run(folders: string[], flags: Flags): Promise<void> {
  const { findRuns } = await import('../learn/find-runs.ts');
  const { differingSettings } = await import('../learn/differing-settings.ts');
  if (flags.svg) checkOutFile('--svg', flags.svg);
  const there = folders.length > 0 || existsSync(RUNS);
  const { runs, leftOut } = there ? findRuns(folders.length > 0 ? folders : [RUNS]) : { runs: [], leftOut: [] };
  for (const { path, reason } of leftOut) note(`left out  ${runName(path)}: ${reason}`);
  const compare = flags.compare || flags.svg !== undefined || folders.length > 1;
  if ((compare || folders.length > 0) && runs.length === 0)
    throw new InputError(`${folders.join(', ') || RUNS}: expected runs${compare ? ' to compare' : ''}, found none`);
  const named = runs.map((record) => ({ ...record, name: runName(record.summary.run) }));
  const differences = compare ? differingSettings(runs.map(({ settings }) => settings)) : [];
  if (flags.svg) {
    const { writeWhole } = await import('../learn/run-folder.ts');
    writeWhole(flags.svg, runsPicture(named));
    note(`drew ${resolve(flags.svg)}`);
  }
  if (flags.json) {
    const summaries = named.map(({ name, summary, curve }) => ({ name, ...summary, ...(compare ? { curve } : {}) }));
    printJson({ runs: summaries, leftOut, ...(compare ? { differences } : {}) });
  } else if (runs.length === 0)
    process.stdout.write(`No runs in ${resolve(RUNS)} yet; make one with: windhover pretrain\n`);
  else process.stdout.write(`${list(named)}\n${compare ? `\n${comparisonText(named, differences)}\n` : ''}`);
}

/** Its path from here, less `runs/`. */
function runName(folder: string): string {
  const path = relative(process.cwd(), folder) || '.';
  return path.startsWith('..') ? folder : path.replace(/^runs[/\\]/, '');
}

/** A line a run. */
function list(runs: NamedRun[]): string {
  const rows = runs.map(({ name, summary }) => [
    name,
    summary.task,
    summary.vehicle + (summary.randomised ? ', randomised' : ''),
    summary.seed,
    summary.steps,
    summary.success === null ? null : `${(100 * summary.success).toFixed(1)} %`,
    summary.timeToSuccessSeconds === null ? null : `${summary.timeToSuccessSeconds.toFixed(1)} s`,
    statusText(summary),
  ]);
  return table(rows, ['run', 'task', 'vehicle', 'seed', 'steps', 'success', 'time to it', 'status']);
}

function statusText({ status, reason }: RunRecord['summary']): string {
  if (status === 'stopped') return 'stopped: can be resumed';
  return reason ? `${status}: ${reason}` : status;
}
