import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../../envs/input-error.ts';

/**
 * Refuses a folder that holds something already.
 *
 * @throws InputError naming it
 */
export function checkOut(out: string): void {
  if (existsSync(out) && !(readdirSyncOrNull(out)?.length === 0))
    throw new InputError(`${resolve(out)}: expected a folder that is empty or not there yet; choose another --out`);
}

/**
 * Has a run written beside its place and moves it there when it is whole: the folder appears whole or not at all.
 *
 * @param write fills the folder that it is given
 * @throws InputError when something is at `out` already; whatever `write` throws, and then nothing is left behind
 */
export async function writeWhole<T>(out: string, write: (folder: string) => Promise<T>): Promise<T> {
  const run = resolve(out);
  checkOut(run);
  const partial = `${run}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(dirname(run), { recursive: true });
  mkdirSync(partial);
  try {
    const written = await write(partial);
    rmSync(run, { recursive: true, force: true }); // at most an empty folder
    renameSync(partial, run);
    return written;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

function readdirSyncOrNull(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}
