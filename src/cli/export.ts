import { basename } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import type { ExportReport } from '../export/index.ts';
import { printJson, prose, table } from './output.ts';

interface Flags {
  format?: string;
  out?: string;
  prefix?: string;
  force?: boolean;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument('<policy>', 'a run, a policy folder, or a name from the zoo')
    .option(
      '--format <format>',
      'c: one C99 header, sensors to motor commands; onnx, tfjs: the network with its normaliser',
    )
    .option('--out <path>', 'file to write, .h or .onnx; for tfjs a folder')
    .option('--prefix <name>', 'what names in C begin with, for several policies in one program (default: windhover)')
    .option('--force', 'write over what is there; a folder only where it holds an earlier export')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      `
Examples: windhover export hover-motors --format c --out hover.h
          windhover export runs/mine --format onnx --out mine.onnx
          windhover export waypoint-ctbr --format tfjs --out browser/waypoint`,
    )
    .action(run);
}

async function run(name: string, { format, out, prefix, force, json }: Flags): Promise<void> {
  if (format === undefined) throw new InputError('--format: expected c, onnx or tfjs');
  if (out === undefined) throw new InputError('--out: expected the file or folder to write');
  const { exportPolicy } = await import('../export/index.ts');
  const { policyName, readPolicy } = await import('../policy-folder.ts');
  const policy = readPolicy(name);
  const report = exportPolicy(policy, format, out, { prefix, force });
  const named = { ...report, policy: policyName(name, policy.contract) };
  if (json) printJson(named);
  else process.stdout.write(`${summary(named, prefix ?? 'windhover')}\n`);
}

/** What was written, for people: from the same object that `--json` prints. */
export function summary(report: ExportReport, prefix: string): string {
  const { policy, out, files, bytes, network, parameters, multiplyAdds, flashBytes, ramBytes, rate_Hz } = report;
  const kilobytes = (count: number) => `${(count / 1000).toFixed(1)} kB`;
  const rows = [
    ['written', files.length > 1 ? `${out} (${files.join(', ')}), ${kilobytes(bytes)}` : `${out}, ${kilobytes(bytes)}`],
    ['network', `${network.join('-')}: ${parameters} parameters, ${multiplyAdds} multiply-adds a step`],
  ];
  if (flashBytes !== undefined && ramBytes !== undefined) {
    rows.push(['flash', `${kilobytes(flashBytes)} of constants, 2 to 3 kB of code`]);
    rows.push(['RAM', `${ramBytes} bytes a vehicle`]);
  }
  rows.push(['rate', `${rate_Hz} steps a second`], ['gives', given(report)]);
  return `${table(rows, [policy, ''])}\n\n${prose(next(report, prefix))}`;
}

function given({ format, actions }: ExportReport): string {
  if (format === 'c')
    return actions === 'motors'
      ? 'a command for each motor, 0 to 1'
      : 'collective thrust and body rates, for a rate controller';
  return `an action from -1 to 1 that stands for ${actions === 'motors' ? 'the thrust of each motor' : 'collective thrust and body rates'}`;
}

/** What to do with it. */
function next({ format, out, rate_Hz }: ExportReport, prefix: string): string {
  if (format !== 'c')
    return (
      'It takes the observation in physical units. The caller makes that of the sensors, with past actions and averages, ' +
      'as the contract in it says and Observer of windhover does.'
    );
  const upper = prefix.toUpperCase();
  return (
    `In one file of the program: #define ${upper}_IMPLEMENTATION, then #include "${basename(out)}". Call ${prefix}_reset once and ` +
    `${prefix}_step ${rate_Hz} times a second; the comment at its head has frames, units and motor order. ` +
    `With ${upper}_SELF_TEST defined, ${prefix}_self_test checks it on the vehicle.`
  );
}
