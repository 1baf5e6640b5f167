import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { WholeWrites } from '../../episode/index.ts';

/** A stream may name its flight as it likes; the file stays a plain name inside the folder. */
export function safeFileName(name: string): string {
  const plain = name
    .replace(/\.mcap$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._-]+/, '')
    .slice(0, 100);
  return plain || 'flight';
}

/** A recording's file; what is written reaches it whole or fails, see `WholeWrites`. */
export class RecordingFile extends WholeWrites {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    super(file);
    this.path = path;
    this.#file = file;
  }

  /** Makes `NAME.mcap`, or `NAME-2.mcap` and so on where that is taken; never opens a file that exists. */
  static async create(folder: string, name: string): Promise<RecordingFile> {
    const base = safeFileName(name);
    for (let copy = 1; ; copy++) {
      const path = join(folder, `${copy === 1 ? base : `${base}-${copy}`}.mcap`);
      try {
        return new RecordingFile(path, await open(path, 'wx'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
