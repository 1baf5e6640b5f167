import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with Windhover's package.json, whether the code runs from source or from `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json of windhover not found above its own code');
    folder = parent;
  }
  return folder;
}

/** Windhover's version, from its package.json. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version;
}

/** Who writes and speaks, as in `windhover 0.1.0`. */
export function libraryName(): string {
  return `windhover ${packageVersion()}`;
}
