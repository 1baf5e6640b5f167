import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Figure } from './figures.ts';

/** What `npm run bench -- --json` prints. */
export interface Bench {
  machine: { processor: string; cores: number; platform: string };
  /** That the runs learnt on. */
  backend: string;
  versions: { node: string; windhover: string };
  figures: Figure[];
}

/** One line of history.jsonl: a bench, and what it measured when. */
export interface Kept extends Omit<Bench, 'figures'> {
  /** ISO 8601, to the second. */
  date: string;
  /** Short hash; `+` behind it where files differed from the commit, null outside a repository. */
  commit: string | null;
  /** Values by the figures' names; units and what to reach do not change with a line. */
  figures: Record<string, number>;
  /** Where the figures were not measured by `--keep`. */
  note?: string;
}

export const HISTORY = fileURLToPath(new URL('history.jsonl', import.meta.url));

/** What stays of a bench. */
export function toKeep({ figures, ...rest }: Bench, now: Date, commit: string | null): Kept {
  const values = figures.map(({ name, value }) => [name, Number(value.toPrecision(4))] as const);
  return { date: `${now.toISOString().slice(0, 19)}Z`, commit, ...rest, figures: Object.fromEntries(values) };
}

/** Appends a bench to the history. */
export function keep(bench: Bench, file = HISTORY): void {
  appendFileSync(file, `${JSON.stringify(toKeep(bench, new Date(), currentCommit()))}\n`);
}

function currentCommit(): string | null {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: fileURLToPath(new URL('.', import.meta.url)) });
  const { status, stdout } = git('rev-parse', '--short', 'HEAD');
  if (status !== 0) return null;
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':!history.jsonl').stdout.length > 0;
  return `${stdout.toString().trim()}${changed ? '+' : ''}`;
}
