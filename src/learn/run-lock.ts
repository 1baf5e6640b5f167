import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../envs/input-error.ts';

/** In a run's folder while a process writes to it: that process's id. */
const FILE = 'writer.pid';

/**
 * Takes a run for this process alone, until what comes back is called. What a killed process left is no hindrance.
 *
 * @param folder of the run, which exists
 * @throws InputError where another process that is still there writes to it
 */
export function holdRun(folder: string): () => void {
  const file = join(folder, FILE);
  for (;;) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const writer = writerOf(file);
      if (writer !== null && writer !== process.pid && isThere(writer))
        throw new InputError(
          `${folder}: expected a run that nobody writes to, but process ${writer} does: wait for it, or stop it (where that is no Windhover, delete ${file})`,
        );
      rmSync(file, { force: true });
    }
  }
}

function writerOf(file: string): number | null {
  try {
    const id = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(id) && id > 0 ? id : null;
  } catch {
    return null; // it has just ended
  }
}

function isThere(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}
