import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import type { ExportedFiles } from './format.ts';

/** Why nothing can be made somewhere; ENOENT is what Linux's /proc answers. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'];

/**
 * Writes an export beside its place and moves it there when it is whole.
 *
 * @param path absolute: the file, or the folder of several
 * @param force whether what is there may go: a file, or a folder that holds nothing but files of these names
 * @throws InputError when something is in the way or nothing can be written there; then nothing is changed
 */
export function writeFiles(path: string, files: ExportedFiles, asFolder: boolean, force: boolean): void {
  if (!existsSync(dirname(path))) throw new InputError(`--out: expected a place in a folder that exists, got ${path}`);
  if (existsSync(path)) checkReplaceable(path, files, asFolder, force);
  const partial = `${path}.${process.pid}.partial`;
  try {
    if (asFolder) mkdirSync(partial);
    for (const [name, bytes] of Object.entries(files)) writeFileSync(asFolder ? join(partial, name) : partial, bytes);
    if (asFolder) rmSync(path, { recursive: true, force: true });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (UNWRITABLE.includes((error as NodeJS.ErrnoException).code ?? ''))
      throw new InputError(`--out: expected a place that can be written, got ${path}`);
    throw error;
  }
}

function checkReplaceable(path: string, files: ExportedFiles, asFolder: boolean, force: boolean): void {
  const isFolder = statSync(path).isDirectory();
  if (asFolder !== isFolder)
    throw new InputError(
      `--out: expected a ${asFolder ? 'folder' : 'file'}, but ${path} is a ${isFolder ? 'folder' : 'file'}`,
    );
  const there = isFolder ? readdirSync(path) : [path];
  const other = isFolder ? there.find((name) => !(name in files)) : undefined;
  if (other !== undefined)
    throw new InputError(
      `${path}: expected an empty folder or an earlier export, but it holds ${other}; choose another --out`,
    );
  if (there.length > 0 && !force)
    throw new InputError(
      `${path}: expected no such ${isFolder ? 'export' : 'file'} yet; choose another --out, or --force`,
    );
}
