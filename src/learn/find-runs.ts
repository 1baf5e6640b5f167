import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import { type RunRecord, readRun } from './run-summary.ts';

/** Runs below some folders, in the folders' order and of each the newest first, and what there is no run in, with the reason. */
export interface FoundRuns {
  runs: RunRecord[];
  leftOut: { path: string; reason: string }[];
}

/** How deep below a given folder a run may lie: `windhover start` makes runs/start/simulation. */
const DEPTH = 3;

/**
 * Reads the runs that the folders are or hold. What is broken or something else is named and left out.
 *
 * @throws InputError when a folder is not there
 */
export function findRuns(folders: readonly string[], now = Date.now()): FoundRuns {
  const found: FoundRuns = { runs: [], leftOut: [] };
  const candidates = folders.map((folder) => {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new InputError(`${folder}: expected a run or a folder of runs, but there is no such folder`);
    return candidatesIn(resolve(folder));
  });
  const seen = new Set<string>();
  for (const inOneFolder of candidates) {
    const runs: RunRecord[] = [];
    for (const folder of inOneFolder.filter((each) => !seen.has(each))) {
      seen.add(folder);
      try {
        runs.push(readRun(folder, now));
      } catch (error) {
        found.leftOut.push({ path: folder, reason: inside(folder, (error as Error).message) });
      }
    }
    found.runs.push(...runs.sort((a, b) => b.summary.begun.localeCompare(a.summary.begun)));
  }
  return found;
}

/** A message about a folder or a file in it, without the folder's path. */
function inside(folder: string, message: string): string {
  return message.replace(`${folder}: `, '').replace(`${folder}${sep}`, '');
}

/** The folder where it is a run, else the runs below it; a folder in it without any stands for itself, to be named. */
function candidatesIn(folder: string): string[] {
  if (isRun(folder)) return [folder];
  const candidates = foldersIn(folder).flatMap((inner) => {
    const runs = runsBelow(inner, DEPTH - 1);
    return runs.length > 0 ? runs : [inner];
  });
  return candidates.length > 0 ? candidates : [folder];
}

function runsBelow(folder: string, depth: number): string[] {
  if (isRun(folder)) return [folder];
  return depth === 0 ? [] : foldersIn(folder).flatMap((inner) => runsBelow(inner, depth - 1));
}

function isRun(folder: string): boolean {
  return existsSync(join(folder, 'config.yaml'));
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$|\.partial$/.test(entry.name))
    .map(({ name }) => join(folder, name));
}
