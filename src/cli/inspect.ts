import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import type { LogSummary } from '../telemetry/logs/index.ts';
import { COLUMNS_OPTION } from './options.ts';
import { note, printJson, prose, table } from './output.ts';

export function register(command: Command): void {
  command
    .argument(
      '<file...>',
      'flight logs: CSV, Crazyflie SD card, PX4 ULog, ArduPilot, MAVLink, Betaflight, MCAP, gzipped or not',
    )
    .option(...COLUMNS_OPTION)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', '\nExample: windhover inspect flight.csv.gz log07 --json')
    .action(run);
}

/** Shows each file that is a log; what is wrong with the others goes to stderr. */
async function run(paths: string[], { columns, json }: { columns?: string; json?: boolean }): Promise<void> {
  const { describeLog, readLog } = await import('../telemetry/logs/index.ts');
  const files: LogSummary[] = [];
  const errors: InputError[] = [];
  for (const path of paths)
    try {
      files.push(describeLog(path, await readLog(path, { columns })));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      errors.push(error);
    }
  if (json && files.length > 0) printJson({ files });
  else if (files.length > 0) process.stdout.write(`${files.map(describe).join('\n\n')}\n`);
  if (errors.length === 0) return;
  for (const error of errors.slice(0, -1)) note(`windhover: ${error.message}`);
  throw paths.length === 1 && !json ? await withProposal(errors[0]) : errors.at(-1);
}

/** A map for a table that is the only file: printed alone, it can be written into one. */
async function withProposal(error: InputError): Promise<InputError> {
  const { UnknownTable } = await import('../telemetry/logs/index.ts');
  if (!(error instanceof UnknownTable)) return error;
  process.stdout.write(error.proposal);
  return new InputError(
    error.message.replace('windhover inspect proposes one', 'the proposal above is one to begin with'),
  );
}

/** A log's summary for people: what it is, a table of its topics, and what it is good for. */
function describe(log: LogSummary): string {
  const rows = log.topics.map(({ name, count, rateHz, gaps }) => [name, count, rateHz.toFixed(1), gaps]);
  const head = [headline(log), '', table(rows, ['topic', 'samples', 'Hz', 'gaps']), ''];
  const lines: string[] = [];
  lines.push(`Windhover reads ${log.usable.length > 0 ? log.usable.join(', ') : 'none of these'}.`);
  lines.push(`${capital(log.fineTuning)}.`);
  const { fit, why } = log.fitness.identify;
  const identify = fit === 'yes' ? 'good' : fit === 'partly' ? 'partly good' : 'not';
  lines.push(`${capital(identify)} for identifying the vehicle: ${why}.`);
  lines.push(`Fit for: ${log.fitness.verdict}.`);
  if (log.droppedRows > 0) lines.push(`Dropped: ${log.droppedRows} rows or messages that could not be used.`);
  lines.push(...log.warnings.map((warning) => `Note: ${warning}${warning.endsWith('?') ? '' : '.'}`));
  return [...head, ...lines.map((line) => prose(line))].join('\n');
}

function headline({ file, format, vehicle, durationSeconds, truncated, airborneSeconds }: LogSummary): string {
  const facts = [format, `${durationSeconds.toFixed(1)} s`];
  if (vehicle) facts.splice(1, 0, vehicle);
  if (airborneSeconds !== null) facts.push(`${airborneSeconds.toFixed(1)} s in the air`);
  if (truncated) facts.push('truncated');
  return `${file}\n${facts.join(' · ')}`;
}

function capital(sentence: string): string {
  return `${sentence[0].toUpperCase()}${sentence.slice(1)}`;
}
