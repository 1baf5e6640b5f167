import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../envs/input-error.ts';

export interface Range {
  min?: number;
  max?: number;
}

/**
 * Reads a flag's value as a whole number.
 *
 * @param name the flag as the user types it, such as `--episodes`
 * @throws InputError (when called with a text) naming the flag, the range and what was given
 */
export function wholeNumber(name: string, range: Range = {}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[-+]?\d+$/.test(text) && Number.isSafeInteger(value) && within(value, range)) return value;
    throw wrong(name, 'a whole number', range, text);
  };
}

/** As `wholeNumber`, for any finite number: `0.95`, `1e-3`. */
export function number(name: string, range: Range = {}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && within(value, range)) return value;
    throw wrong(name, 'a number', range, text);
  };
}

/** Reads a flag's value as one of a few words. */
export function oneOf<Word extends string>(name: string, words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word !== undefined) return word;
    const list = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
    throw new InputError(`${name}: expected ${list}, got ${JSON.stringify(text)}`);
  };
}

/** For every command that takes logs: what the columns of a table mean. */
export const COLUMNS_OPTION = [
  '--columns <map.yaml>',
  'what the columns of CSV logs mean (default: NAME.columns.yaml beside each; inspect proposes one)',
] as const;

/** Refuses a file to write that is a folder, lies in none, or may not be written: before the work, not after it. */
export function checkOutFile(name: string, file: string): void {
  if (!existsSync(dirname(resolve(file))))
    throw new InputError(`${name}: expected a file in a folder that exists, got ${file}`);
  if (existsSync(file) && statSync(file).isDirectory())
    throw new InputError(`${name}: expected a file, but ${file} is a folder`);
  if (!isWritable(dirname(resolve(file))))
    throw new InputError(`${name}: expected a file in a folder that can be written, got ${file}`);
}

/** Whether files can be made there, by making one: permissions alone tell nothing to root, or of /proc. */
function isWritable(folder: string): boolean {
  const probe = join(folder, `.windhover-${process.pid}.partial`);
  try {
    closeSync(openSync(probe, 'wx'));
    rmSync(probe);
    return true;
  } catch {
    return false;
  }
}

function within(value: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Range): boolean {
  return value >= min && value <= max;
}

function wrong(name: string, kind: string, { min, max }: Range, text: string): InputError {
  return new InputError(`${name}: expected ${kind}${rangeText(min, max)}, got ${JSON.stringify(text)}`);
}

function rangeText(min?: number, max?: number): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  if (max !== undefined) return ` of at most ${max}`;
  return '';
}
