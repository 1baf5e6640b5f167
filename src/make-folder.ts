import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../envs/input-error.ts';

/**
 * Makes a folder, and those above it, where they are missing.
 *
 * Step by step, since `mkdir` with `recursive` never returns on Linux's /proc (seen with Node 20).
 *
 * @param what the flag or purpose that the message begins with, such as `--out`
 * @returns the outermost folder that was made, or null where all were there
 * @throws InputError when a file is in the way or the place cannot be written
 */
export function makeFolder(path: string, what: string): string | null {
  const folder = resolve(path);
  try {
    return make(folder);
  } catch (error) {
    throw new InputError(`${what}: expected a folder that can be written, got ${folder}: ${reason(error)}`);
  }
}

function make(folder: string): string | null {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return null;
  if (found) throw new Error(`${folder} is a file`);
  const outermost = dirname(folder) === folder ? null : make(dirname(folder));
  mkdirSync(folder, { recursive: false });
  return outermost ?? folder;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it may not be written';
  if (code === 'ENOTDIR') return 'a file is in its path';
  return message;
}
