#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../package-root.ts';
import { commands } from './commands.ts';
import { failureOf } from './failure.ts';
import { describeCommand } from './help.ts';
import { note, printJson } from './output.ts';

/** `windhover` with all commands named and only the one asked for loaded. */
async function buildProgram(wanted: string | undefined): Promise<Command> {
  const program = new Command('windhover')
    .summary('takes a drone policy from simulation to the real vehicle')
    .description('Takes a drone policy from simulation to the real vehicle.')
    .usage('COMMAND [options]')
    .option('-V, --version', 'print the version')
    .option('--json', 'print one JSON object, here and with every command')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .addHelpText('after', '\nwindhover COMMAND --help tells more about one.')
    .configureOutput({ outputError: () => {} }) // `fail` prints it, in one line
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .enablePositionalOptions()
    .exitOverride();
  for (const { name, summary, load } of commands) {
    const command = program.command(name).summary(summary).description(capital(summary));
    if (name === wanted) (await load()).register(command);
    if (!command.options.some((option) => option.long === '--json'))
      command.option('--json', 'print one JSON object on stdout; progress goes to stderr');
  }
  return program;
}

function capital(sentence: string): string {
  return `${sentence[0].toUpperCase()}${sentence.slice(1)}.`;
}

/** `windhover help CMD` is `CMD --help`, and `--json CMD` is `CMD --json`. */
function normalise(args: string[]): string[] {
  if (args[0] === 'help') return [...args.slice(1), '--help'];
  const leading = args.findIndex((arg) => !arg.startsWith('-'));
  const json = args.slice(0, Math.max(0, leading)).indexOf('--json');
  if (json < 0) return args;
  return [...args.slice(0, json), ...args.slice(json + 1, leading + 1), '--json', ...args.slice(leading + 1)];
}

async function main(given: string[]): Promise<void> {
  const args = normalise(given);
  const flags = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const json = flags.includes('--json');
  if (flags.includes('--version') || flags.includes('-V')) {
    if (json) printJson({ name: 'windhover', version: packageVersion(), node: process.versions.node });
    else process.stdout.write(`${packageVersion()}\n`);
    return;
  }
  const wanted = flags.find((arg) => !arg.startsWith('-'));
  const program = await buildProgram(wanted);
  if (json && (flags.includes('--help') || flags.includes('-h'))) {
    printJson(describeCommand(program.commands.find((command) => command.name() === wanted) ?? program));
    return;
  }
  if (wanted === undefined && flags.every((flag) => flag === '--json')) program.help({ error: true });
  const known = wanted === undefined || commands.some(({ name }) => name === wanted);
  // the help of a command that there is not would be that of all
  await program.parseAsync(known ? args : args.filter((arg) => arg !== '--help' && arg !== '-h'), { from: 'user' });
}

/** Ends the process, open servers and workers or not, with one line on stderr. */
function fail(error: unknown): never {
  const { exitCode, message } = failureOf(error);
  if (message) note(`windhover: ${message}`);
  if (process.env.WINDHOVER_DEBUG === '1' && error instanceof Error) note(String(error.stack));
  process.exit(exitCode);
}

/** `windhover … | head`, or a closed terminal (EIO), takes no more output; the work goes on, what it prints is lost. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);
process.on('uncaughtException', fail);
await main(process.argv.slice(2)).catch(fail);
