import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** A stream may name its flight as it likes; the file stays a plain name inside the folder. */
export function safeFileName(name: string): string {
  const plain = name
    .replace(/\.mcap$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._-]+/, '')
    .slice(0, 100);
  return plain || 'flight';
}

/**
 * A file opened for writing, with the interface `@mcap/core` writes to.
 *
 * `position()` counts what has reached the file, so a caller can tell how much of its data is safe. Every write goes on
 * until all bytes are out: on a disk that fills up, the system takes a part first and fails at the next call.
 */
export class RecordingFile {
  readonly path: string;
  readonly #file: FileHandle;
  #position = 0;

  private constructor(path: string, file: FileHandle) {
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

  async write(buffer: Uint8Array): Promise<void> {
    for (let done = 0; done < buffer.length; ) {
      const { bytesWritten } = await this.#file.write(buffer, done);
      done += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  position(): bigint {
    return BigInt(this.#position);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
