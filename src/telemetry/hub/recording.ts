import { rm } from 'node:fs/promises';
import { FlightWriter } from '../../episode/writer.ts';
import { libraryName } from '../../package-root.ts';
import type { BeginFrame, Message } from '../protocols/windhover.ts';
import { RecordingFile } from './recording-file.ts';

/** Bytes gathered before they go to the disk: what the recording loses when the hub is killed. */
const CHUNK_BYTES = 64 * 1024;

/** What is known of a flight when its recording is closed; becomes the file's last message, on `/recording`. */
export interface RecordingEnd {
  /** Messages that the publisher says it sent, or the highest number seen where it left without a word. */
  sent: number;
  received: number;
  missing: number;
  truncated: boolean;
  droppedRows: number;
  warnings: string[];
}

/** The file that a recording goes to: `RecordingFile`, or a test's. */
export type RecordingTarget = Pick<RecordingFile, 'path' | 'write' | 'position' | 'close'>;

/**
 * One flight on its way to an MCAP file.
 *
 * A disk that fails does not throw: the messages that did not reach it are counted in `lost`, those before are kept,
 * and `failure` says what happened.
 */
export class Recording {
  readonly path: string;
  failure: string | null = null;
  /** Messages that were to be written and are not on the disk. */
  lost = 0;
  readonly #file: RecordingTarget;
  readonly #writer: FlightWriter;
  #safe = 0;
  #waiting = 0; // written into a chunk that is not on the disk yet
  #lastTime = 0;

  private constructor(file: RecordingTarget, startUnixSeconds: number | undefined) {
    this.path = file.path;
    this.#file = file;
    // The first thing a writer puts out is the chunk with all that waits; should its index fail after that, readers
    // still find the messages.
    const write = async (buffer: Uint8Array) => {
      await file.write(buffer);
      this.#settle();
    };
    const writable = { write, position: () => file.position() };
    this.#writer = new FlightWriter(writable, { library: libraryName(), startUnixSeconds, chunkBytes: CHUNK_BYTES });
  }

  /** Starts a recording in `folder`, under a name made from the flight's. */
  static async open(
    folder: string,
    flight: BeginFrame,
    create: (folder: string, name: string) => Promise<RecordingTarget> = RecordingFile.create,
  ): Promise<Recording> {
    const recording = new Recording(await create(folder, flight.name), flight.startUnixSeconds);
    const { name, vehicle, source, format } = flight;
    await recording.#try(() => recording.#writer.start({ kind: 'recording', name, vehicle, source, format }));
    return recording;
  }

  /** Messages that are written, or wait in the chunk that is written next. */
  get kept(): number {
    return this.#safe + this.#waiting;
  }

  /** @returns false when the message is lost */
  async write({ topic, t, values }: Message): Promise<boolean> {
    this.#waiting++;
    this.#lastTime = Math.max(this.#lastTime, t);
    return this.#try(() => this.#writer.write(topic, t, values));
  }

  /** Completes and closes the file; one without any message is taken away. @returns its path, null if there is none */
  async close(end: RecordingEnd): Promise<string | null> {
    const note = { event: 'end', ...end };
    await this.#try(() => this.#writer.raw('/recording', 'windhover.Recording', this.#lastTime, note));
    await this.#try(() => this.#writer.end());
    await this.#file.close().catch(() => {});
    if (this.#safe > 0) return this.path;
    await rm(this.path, { force: true });
    return null;
  }

  #settle(): void {
    this.#safe += this.#waiting;
    this.#waiting = 0;
  }

  async #try(job: () => Promise<void>): Promise<boolean> {
    try {
      await job();
      return true;
    } catch (error) {
      this.failure ??= error instanceof Error ? error.message : String(error);
      this.lost += this.#waiting;
      this.#waiting = 0;
      return false;
    }
  }
}
