import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import { dependences } from '../evaluate/dependence.ts';
import { breakdownTable, dependencesText } from './breakdown.ts';
import { breakdownPicture } from './breakdown-picture.ts';
import { untilInterrupted } from './interrupt.ts';
import { checkOutFile, wholeNumber } from './options.ts';
import { note, printJson, prose, table } from './output.ts';

interface Flags {
  task?: string;
  vehicle?: string;
  path?: string[];
  randomise?: boolean;
  episodes: number;
  seed: number;
  workers: number;
  record?: string;
  breakdownSvg?: string;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument('<policy...>', 'artifact folders, runs, or names from the zoo; several make a comparison')
    .option('--task <task>', 'the task to fly (default: the one the policy was trained for)')
    .option('--vehicle <vehicle>', 'the vehicle to fly (default: the one the policy was trained for)')
    .option(
      '--path <log>',
      'with track: follow the setpoints of this flight log; may be repeated',
      (value: string, all: string[] = []) => [...all, value],
    )
    .option('--randomise', 'draw each episode its own airframe, wind and sensor errors')
    .option('--episodes <n>', 'how many', wholeNumber('--episodes', { min: 1, max: 1_000_000 }), 500)
    .option('--seed <n>', 'of the episodes', wholeNumber('--seed', { min: 0, max: 4294967295 }), 1_000_003)
    .option(
      '--workers <n>',
      'threads; the result does not depend on it',
      wholeNumber('--workers', { min: 1, max: 64 }),
      2,
    )
    .option('--record <file>', 'record the first episode of the first policy as MCAP')
    .option('--breakdown-svg <file>', 'with --randomise: draw success by lag, latency, tilt, wind, battery … as SVG')
    .option('--json', 'print one JSON object on stdout; progress goes to stderr')
    .action(run);
}

async function run(names: string[], flags: Flags): Promise<void> {
  const { policyFolder, readPolicy } = await import('../policy-folder.ts');
  const { Evaluator, FlyThreads } = await import('../evaluate/evaluate.ts');
  const { recordEpisode } = await import('../evaluate/record.ts');
  const { taskNamed } = await import('../../envs/tasks/index.ts');
  const { DEFAULT_RANDOMISATION } = await import('../../envs/randomisation.ts');
  const { checkVehicle, vehicleFor } = await import('../evaluate/fits.ts');
  if (flags.task) taskNamed(flags.task);
  if (flags.record) checkOutFile('--record', flags.record);
  if (flags.breakdownSvg) checkOutFile('--breakdown-svg', flags.breakdownSvg);
  if (flags.breakdownSvg && !flags.randomise)
    throw new InputError(
      '--breakdown-svg: expected --randomise with it: without it all episodes fly the same airframe',
    );
  const entries = names.map((name) => {
    const policy = readPolicy(name);
    const vehicle = vehicleFor(policy, flags.vehicle, name);
    checkVehicle(policy, vehicle, name);
    return { path: policyFolder(name), policy, vehicle, task: flags.task ?? policy.contract.task };
  });
  const paths = await loggedPaths(flags.path, entries);
  const randomisation = flags.randomise ? DEFAULT_RANDOMISATION : null;
  const threads = new FlyThreads(flags.workers);
  const evaluator = new Evaluator(threads);
  const policies = [];
  for (const { path, policy, vehicle, task } of entries) {
    const { episodes, seed } = flags;
    const options = { task, vehicle, randomisation, paths, episodes, seed, factors: randomisation !== null };
    policies.push({
      policy: path,
      task,
      vehicle: vehicle.name,
      randomised: randomisation !== null,
      ...(await untilInterrupted(evaluator.evaluate(policy, options))),
    });
  }
  await threads.close();
  if (flags.record) {
    const [{ policy, vehicle, task }] = entries;
    await recordEpisode(
      policy,
      { task, vehicle, randomisation, paths, seed: flags.seed, episode: 0 },
      resolve(flags.record),
    );
    note(`recorded ${resolve(flags.record)}; look at it with: windhover watch ${flags.record}`);
  }
  if (flags.breakdownSvg) {
    const { writeWhole } = await import('../learn/run-folder.ts');
    writeWhole(flags.breakdownSvg, drawing(policies));
    note(`drew ${resolve(flags.breakdownSvg)}`);
  }
  if (flags.json) printJson({ policies });
  else process.stdout.write(comparison(policies) + policies.map(whereItFails).join(''));
}

/** The paths to track, or none, where every policy draws its own. */
async function loggedPaths(logs: string[] | undefined, entries: { task: string }[]) {
  if (!logs) return undefined;
  const other = entries.find(({ task }) => task !== 'track');
  if (other) throw new InputError(`--path: expected the task track with it, got ${other.task}`);
  const { readLoggedPaths } = await import('../telemetry/logged-path.ts');
  return readLoggedPaths(logs);
}

/** Success by each factor, and what it depends on; empty without a breakdown. */
function whereItFails(row: Row): string {
  if (!row.breakdown) return '';
  const sentence = prose(dependencesText(dependences(row.breakdown)));
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined;
  return `\n${shortName(row)}, where it fails:\n\n${breakdownTable(row.breakdown, row.successRate, columns)}\n\n${sentence}\n`;
}

function drawing(policies: Row[]): string {
  const [{ episodes, seed, task, vehicle }] = policies;
  const drawn = policies.map((row) => ({
    name: shortName(row),
    successRate: row.successRate,
    breakdown: row.breakdown!,
  }));
  const flown = `${episodes} episodes of ${task} with ${vehicle}, randomised, seed ${seed}`;
  return breakdownPicture(drawn, `${flown}; bars are 95 % intervals, dashes the success of all episodes`);
}

function shortName({ policy }: Row): string {
  return basename(policy) === 'policy' ? basename(dirname(policy)) : basename(policy);
}

type Row = {
  policy: string;
  task: string;
  vehicle: string;
  randomised: boolean;
} & import('../evaluate/evaluate.ts').Evaluation;

/** One line a policy. */
function comparison(policies: Row[]): string {
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  const rows = policies.map((row) => [
    shortName(row),
    row.task,
    row.vehicle + (row.randomised ? ', randomised' : ''),
    percent(row.successRate),
    row.successCi95.map(percent).join(' – '),
    `${row.positionRmseM.toFixed(3)} m`,
    percent(row.crashRate),
  ]);
  const header = ['policy', 'task', 'vehicle', 'success', '95 % interval', 'position RMSE', 'crashes'];
  return `${table(rows, header)}\n\n${policies[0].episodes} episodes each, the same starts for all, seed ${policies[0].seed}.
Position RMSE is the distance to the goal in all of an episode, the way to it included.
`;
}
