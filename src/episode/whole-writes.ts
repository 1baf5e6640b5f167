import type { FileHandle } from 'node:fs/promises';
import type { IWritable } from '@mcap/core';

/**
 * Writes until all bytes are out: on a disk that fills up, the system takes a part first and fails at the next call,
 * and `@mcap/nodejs` would not notice. `position` counts what has reached the file: so much is safe.
 */
export class WholeWrites implements IWritable {
  readonly #handle: FileHandle;
  #position = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(buffer: Uint8Array): Promise<void> {
    for (let done = 0; done < buffer.length; ) {
      const { bytesWritten } = await this.#handle.write(buffer, done);
      done += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  position(): bigint {
    return BigInt(this.#position);
  }
}
