import { wrap } from './text.ts';

/** Sentences for stdout: a terminal gets them broken between words at its width, a pipe each on one line. */
export function prose(text: string, indent = ''): string {
  const { isTTY, columns } = process.stdout;
  return isTTY ? wrap(text, (columns || 80) - 1, indent) : text; // a full line and its break make two on some
}

/** `path` as a shell takes it: quoted where it holds more than plain characters. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
