import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Policy } from '../../policies/policy.ts';
import { writeFlight } from '../episode/index.ts';
import { recordEpisode } from '../evaluate/record.ts';
import { evaluationSeed } from '../learn/selection.ts';
import type { Flight } from '../telemetry/flight.ts';
import type { FinetuneOptions, FinetuneReport, PhaseMetrics } from './report.ts';
import { sourceTasks } from './chain.ts';
import { placesOf, writeOutcome } from './outcome.ts';
import { type Told, tunedCard, tunedContract } from './tuned-policy.ts';
import { writeWhole } from './whole-run.ts';

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

/** Writes the run beside its place and moves it there when it is whole. */
export function writeFinetuneRun(options: FinetuneOptions, result: FinetuneResult): Promise<FinetuneReport> {
  return writeWhole(options.out, async (folder) => {
    mkdirSync(join(folder, 'episodes'));
    writeFileSync(join(folder, 'config.yaml'), stringify(configOf(options, result)));
    writeFileSync(join(folder, 'metrics.jsonl'), result.metrics.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await recordEpisodes(folder, result);
    if (options.keepFlights) await keepFlights(folder, [...options.flights, ...(options.test ?? [])]);
    const { report: told, seconds, source } = result;
    const report = { ...placesOf(options.out, told), ...told, seconds: seconds() };
    writeOutcome(folder, source, tunedPolicy(result), report);
    return report;
  });
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

/** The new policy with its provenance and card. */
function tunedPolicy({ after, report, sourceFolder }: FinetuneResult): Policy {
  const policy: Policy = { ...after, contract: tunedContract(after.contract, report, sourceFolder) };
  return { ...policy, card: tunedCard(policy, report) };
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
