import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { InputError } from '../../envs/input-error.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Policy } from '../../policies/policy.ts';
import { writeFlight } from '../episode/index.ts';
import { recordEpisode } from '../evaluate/record.ts';
import { evaluationSeed } from '../learn/selection.ts';
import { writePolicy } from '../policy-folder.ts';
import type { Flight } from '../telemetry/flight.ts';
import type { FinetuneOptions, FinetuneReport, PhaseMetrics } from './report.ts';
import { sourceTasks } from './chain.ts';
import { type Told, tunedCard, tunedContract } from './tuned-policy.ts';

/** What a fine-tuning run has to write. */
export interface FinetuneResult {
  source: Policy;
  sourceFolder: string;
  after: Policy;
  vehicle: Vehicle;
  metrics: PhaseMetrics[];
  report: Told;
  /** Seconds since the start, asked when all is done. */
  seconds: () => number;
}

const EPISODE_DRAW = 0x71000002;

/**
 * Refuses a folder that holds something already.
 *
 * @throws InputError naming it
 */
export function checkOut(out: string): void {
  if (existsSync(out) && !(readdirSyncOrNull(out)?.length === 0))
    throw new InputError(`${resolve(out)}: expected a folder that is empty or not there yet; choose another --out`);
}

/** Writes the run beside its place and moves it there when it is whole. */
export async function writeFinetuneRun(options: FinetuneOptions, result: FinetuneResult): Promise<FinetuneReport> {
  const run = resolve(options.out);
  checkOut(run);
  const partial = `${run}.${process.pid}.partial`;
  mkdirSync(dirname(run), { recursive: true });
  rmSync(partial, { recursive: true, force: true });
  try {
    mkdirSync(join(partial, 'episodes'), { recursive: true });
    writeFileSync(join(partial, 'config.yaml'), stringify(configOf(options, result)));
    writeFileSync(join(partial, 'metrics.jsonl'), result.metrics.map((line) => `${JSON.stringify(line)}\n`).join(''));
    writePolicies(partial, result);
    await recordEpisodes(partial, result);
    if (options.keepFlights) await keepFlights(partial, [...options.flights, ...(options.test ?? [])]);
    const rejected = isKept(result.report) ? null : join(run, 'rejected');
    const report = { run, policy: join(run, 'policy'), rejected, ...result.report, seconds: result.seconds() };
    writeFileSync(join(partial, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    rmSync(run, { recursive: true, force: true }); // at most an empty folder
    renameSync(partial, run);
    return report;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

function configOf({ vehicle }: FinetuneOptions, { report, sourceFolder, source }: FinetuneResult): object {
  const { flights, settings } = report;
  return {
    command: 'finetune',
    policy: sourceFolder,
    vehicle: vehicle ?? source.contract.vehicle,
    ...settings,
    flights,
  };
}

/**
 * `policy/` is the result, and `policy-before/` the source. A policy that the guard refused goes to `rejected/`, and the
 * source is the result.
 */
function writePolicies(folder: string, { source, after, report, sourceFolder }: FinetuneResult): void {
  writePolicy(join(folder, 'policy-before'), source);
  const policy: Policy = { ...after, contract: tunedContract(after.contract, report, sourceFolder) };
  const tuned = { ...policy, card: tunedCard(policy, report) };
  writePolicy(join(folder, 'policy'), isKept(report) ? tuned : source);
  if (!isKept(report)) writePolicy(join(folder, 'rejected'), tuned);
}

function isKept({ accepted, forced }: Told): boolean {
  return accepted || forced;
}

/** One episode of each source task, before and after from the same start, for the viewer's ghost and solid. */
async function recordEpisodes(folder: string, { source, after, vehicle, report }: FinetuneResult): Promise<void> {
  const seed = evaluationSeed(report.settings.seed, EPISODE_DRAW);
  for (const task of sourceTasks(source))
    for (const [name, policy] of Object.entries({ before: source, after }))
      await recordEpisode(
        policy,
        { task, vehicle, randomisation: null, seed, episode: 0, name: `${name} fine-tuning, ${task}` },
        join(folder, 'episodes', `${name}-${task}-${report.settings.seed}.mcap`),
      );
}

async function keepFlights(folder: string, flights: Flight[]): Promise<void> {
  mkdirSync(join(folder, 'flights'));
  const used = new Set<string>();
  for (const flight of flights) {
    let name = flight.name.replace(/[^\w.-]+/g, '_') || 'flight';
    for (let k = 2; used.has(name); k++) name = `${name.replace(/~\d+$/, '')}~${k}`;
    used.add(name);
    await writeFlight(join(folder, 'flights', `${name}.mcap`), flight);
  }
}

function readdirSyncOrNull(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}
