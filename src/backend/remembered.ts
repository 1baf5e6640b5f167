import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { machineKey } from './machine-key.ts';
import { BACKENDS, type BackendName, type Speeds } from './names.ts';
import { type Workload, workloadText } from './workload.ts';

/** What `auto` chose for a workload on this machine, as it is remembered. */
export interface Choice {
  name: BackendName;
  reason: string;
  measured: Speeds;
  /** ISO 8601. */
  date: string;
}

interface Memory {
  key: unknown;
  choices: Record<string, Choice>;
}

/** Where choices are remembered: in the user's cache folder, as the system has it. */
export function memoryFile(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const mac = platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : null;
  const windows = platform === 'win32' ? env.LOCALAPPDATA : null;
  const folder = env.XDG_CACHE_HOME || mac || windows || join(homedir(), '.cache');
  return join(folder, 'windhover', 'backend.json');
}

/** What was chosen for this workload when this machine was as it is now, or null. */
export function recall(workload: Workload, file = memoryFile(), key: unknown = machineKey()): Choice | null {
  const choice = read(file, key).choices[nameOf(workload)];
  if (!choice || !BACKENDS.includes(choice.name)) return null;
  return {
    ...choice,
    reason: `${choice.reason}; remembered of ${choice.date.slice(0, 10)}, windhover doctor renews it`,
  };
}

/** Keeps a choice; what was measured when the machine was another goes. A cache that cannot be written is no error. */
export function remember(
  workload: Workload,
  { name, reason, measured }: Omit<Choice, 'date'>,
  file = memoryFile(),
  key: unknown = machineKey(),
): void {
  const choice: Choice = { name, reason, measured, date: new Date().toISOString() };
  const { choices } = read(file, key);
  const memory: Memory = { key, choices: { ...choices, [nameOf(workload)]: choice } };
  const partial = `${file}.${process.pid}.partial`; // runs that start together do not write into each other's
  try {
    makeFolder(dirname(file), 'cache');
    writeFileSync(partial, `${JSON.stringify(memory, null, 2)}\n`);
    renameSync(partial, file);
  } catch {
    forget(partial);
  }
}

/** Forgets all choices, so that the next `auto` measures again. */
export function forget(file = memoryFile()): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // a cache that cannot be written holds nothing of ours
  }
}

function nameOf(workload: Workload): string {
  return `${workloadText(workload)}, ${workload.threads} threads`;
}

function read(file: string, key: unknown): Memory {
  try {
    const memory: Memory = JSON.parse(readFileSync(file, 'utf8'));
    if (JSON.stringify(memory.key) === JSON.stringify(key) && memory.choices) return memory;
  } catch {
    // none yet, or none that can be read: measured again
  }
  return { key, choices: {} };
}
