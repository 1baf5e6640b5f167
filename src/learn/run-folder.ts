import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import { makeFolder } from '../make-folder.ts';

/** Paths in a run's folder, all absolute. */
export interface RunFolder {
  folder: string;
  config: string;
  metrics: string;
  /** When each iteration was done; the only one of these files beside TensorBoard's that holds seconds. */
  timing: string;
  checkpoint: string;
  policy: string;
  episodes: string;
  report: string;
}

export function runFolder(folder: string): RunFolder {
  const at = resolve(folder);
  return {
    folder: at,
    config: join(at, 'config.yaml'),
    metrics: join(at, 'metrics.jsonl'),
    timing: join(at, 'timing.jsonl'),
    checkpoint: join(at, 'checkpoints', 'latest.bin'),
    policy: join(at, 'policy'),
    episodes: join(at, 'episodes'),
    report: join(at, 'report.json'),
  };
}

/**
 * Makes a new run's folder and writes its config.yaml as a whole; from then on the run can be resumed.
 *
 * @throws InputError when the folder already holds something
 */
export function createRun(folder: string, configText: string): RunFolder {
  const run = runFolder(folder);
  if (existsSync(run.config))
    throw new InputError(`${run.folder}: already holds a run: resume it with --resume, or choose another --out`);
  const made = makeFolder(run.folder, '--out');
  try {
    writeWhole(run.config, configText);
  } catch (error) {
    if (made) rmSync(made, { recursive: true, force: true }); // a run that never began leaves no folder
    throw error;
  }
  return run;
}

/** Why no folder can be made somewhere; ENOENT is what Linux's /proc answers. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOENT'];

/** Makes the first of `runs/NAME`, `runs/NAME-2`, … that is free: two runs that start at once get one each. */
export function claimRunFolder(name: string, root = 'runs'): string {
  makeFolder(root, 'runs');
  for (;;) {
    const folder = freeRunFolder(name, root);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && UNWRITABLE.includes(code))
        throw new InputError(
          `runs: expected a folder that can be written, got ${resolve(root)}; choose another with --out`,
        );
      if (code !== 'EEXIST') throw error;
    }
  }
}

/** The first of `runs/NAME`, `runs/NAME-2`, … that is free. */
export function freeRunFolder(name: string, root = 'runs'): string {
  for (let k = 1; ; k++) {
    const folder = join(root, k === 1 ? name : `${name}-${k}`);
    if (!existsSync(folder)) return folder;
  }
}

/** Writes a file so that it is there whole or not at all. */
export function writeWhole(file: string, text: string): void {
  try {
    writeFileSync(`${file}.partial`, text);
    renameSync(`${file}.partial`, file);
  } catch (error) {
    rmSync(`${file}.partial`, { force: true });
    throw error;
  }
}

/** Appends one line of metrics. */
export function appendMetrics(file: string, metrics: object): void {
  appendFileSync(file, `${JSON.stringify(metrics)}\n`);
}

/** Cuts the metrics back to the first `lines` lines: what was written after the checkpoint is computed again. */
export function keepMetrics(file: string, lines: number): void {
  if (lines === 0) {
    closeSync(openSync(file, 'w'));
    return;
  }
  const text = readFileSync(file, 'utf8');
  let at = 0;
  for (let k = 0; k < lines; k++) {
    at = text.indexOf('\n', at) + 1;
    if (at === 0) throw new InputError(`${file}: expected at least ${lines} lines as its checkpoint says, got ${k}`);
  }
  truncateSync(file, Buffer.byteLength(text.slice(0, at)));
}
