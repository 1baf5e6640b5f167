import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { compiled } from '../figures.ts';

/** What the figures of transfer are measured on. */
export interface BenchContext {
  /** Folder of the real flights, `nanobench/` and the others in it. */
  flights: string;
  /** Folder in the same layout whose flights stand in for the held-out ones; null: some of `flights` are held out. */
  testFlights: string | null;
}

/** Of the flights in the order of their names, one in so many is held out. */
const HELD_OUT_EVERY = 3;

/**
 * NanoBench flights to learn from and flights to judge by, split by whole flight. With `--test-flights` all given
 * flights are learnt from, but for those that hold the same bytes as one to judge by.
 */
export async function nanobenchFlights(context: BenchContext): Promise<{ train: Flight[]; test: Flight[] }> {
  const given = logsIn(join(context.flights, 'nanobench'), '.csv.gz');
  const heldOut =
    context.testFlights === null
      ? given.filter((_, i) => i % HELD_OUT_EVERY === 1)
      : logsIn(join(context.testFlights, 'nanobench'), '.csv.gz');
  return { train: await readAll(withoutCopies(given, heldOut)), test: await readAll(heldOut) };
}

/** Files but for those that hold the same bytes as one of `others`. */
export function withoutCopies(files: string[], others: string[]): string[] {
  const seen = new Set(others.map(hashOf));
  return files.filter((file) => !seen.has(hashOf(file)));
}

/** Files of a folder that end so, sorted by name. */
export function logsIn(folder: string, ending: string): string[] {
  if (!existsSync(folder)) throw new Error(`${folder}: expected a folder of flights, there is none`);
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  if (names.length === 0) throw new Error(`${folder}: expected flights named *${ending}, found none`);
  return names.sort().map((name) => join(folder, name));
}

export async function readAll(files: string[]): Promise<Flight[]> {
  const { readFlight } =
    await compiled<typeof import('../../../src/telemetry/logs/index.ts')>('src/telemetry/logs/index.js');
  const flights: Flight[] = [];
  for (const file of files) flights.push(await readFlight(file));
  return flights;
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
