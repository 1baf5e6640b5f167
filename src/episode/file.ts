import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { libraryName } from '../package-root.ts';
import type { Flight } from './flight.ts';
import { samplesInOrder } from './samples.ts';
import { WholeWrites } from './whole-writes.ts';
import { type FlightMetadata, FlightWriter, type FlightWriterOptions } from './writer.ts';

export interface FlightFileOptions extends Omit<FlightWriterOptions, 'library'> {
  /**
   * Write under the final name from the start, in small chunks, so that a recording survives a kill. Otherwise the file
   * appears under its name only when it is complete.
   */
  survivesKill?: boolean;
}

/** A `FlightWriter` on a file. `end` completes it, `abort` takes it away. */
export class FlightFile extends FlightWriter {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #partial: string;

  constructor(path: string, partial: string, handle: FileHandle, options: FlightWriterOptions) {
    super(new WholeWrites(handle), options);
    this.path = path;
    this.#partial = partial;
    this.#handle = handle;
  }

  /** Completes the file and gives it its name. */
  override async end(): Promise<void> {
    await super.end();
    await this.#handle.close();
    if (this.#partial !== this.path) await rename(this.#partial, this.path);
  }

  /** Stops without completing; the half-written file is removed. */
  async abort(): Promise<void> {
    await this.#handle.close();
    await rm(this.#partial, { force: true });
  }
}

/** Opens an MCAP file for writing; its folder must exist. An existing file of that name is replaced on `end`. */
export async function createFlightFile(path: string, options: FlightFileOptions = {}): Promise<FlightFile> {
  const { survivesKill = false, chunkBytes = survivesKill ? 16 * 1024 : undefined } = options;
  const partial = survivesKill ? path : `${path}.${process.pid}.partial`;
  const handle = await open(partial, 'w');
  return new FlightFile(path, partial, handle, { ...options, chunkBytes, library: libraryName() });
}

/** Writes a whole flight to a file. */
export async function writeFlight(path: string, flight: Flight, metadata: Partial<FlightMetadata> = {}): Promise<void> {
  const file = await createFlightFile(path, { startUnixSeconds: flight.startUnixSeconds });
  try {
    const { name, vehicle, source, format } = flight;
    await file.start({ kind: 'recording', name, vehicle, source, format, ...metadata });
    for (const { topic, time, values } of samplesInOrder(flight)) await file.write(topic, time, values);
    await file.end();
  } catch (error) {
    await file.abort();
    throw error;
  }
}
