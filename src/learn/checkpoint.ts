import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../../envs/input-error.ts';

/** Plain data and named arrays: all that a run needs to go on as if it had never stopped. */
export interface Checkpoint<State> {
  state: State;
  arrays: SavedArrays;
}

export type SavedArrays = Record<string, Float32Array | Uint32Array | Uint8Array>;

/** Arrays under the names `prefix.0`, `prefix.1`, … */
export function numbered(prefix: string, arrays: SavedArrays[string][]): SavedArrays {
  return Object.fromEntries(arrays.map((array, i) => [`${prefix}.${i}`, array]));
}

/** The arrays that {@link numbered} named. */
export function allNumbered<T extends SavedArrays[string]>(prefix: string, saved: SavedArrays): T[] {
  const arrays: T[] = [];
  for (let i = 0; `${prefix}.${i}` in saved; i++) arrays.push(saved[`${prefix}.${i}`] as T);
  return arrays;
}

const MAGIC = 'windhover-checkpoint 3\n';
const KINDS = { Float32Array, Uint32Array, Uint8Array };

/**
 * Writes a checkpoint so that the file is always a whole one: to a name of its own, flushed to disk, then renamed.
 *
 * The format is a line of magic, the length of a JSON header in ten digits, the header, then the arrays end to end.
 */
export function writeCheckpoint<State>(file: string, checkpoint: Checkpoint<State>): void {
  mkdirSync(dirname(file), { recursive: true });
  const entries = Object.entries(checkpoint.arrays);
  const index = entries.map(([name, array]) => ({ name, kind: array.constructor.name, bytes: array.byteLength }));
  const header = Buffer.from(JSON.stringify({ state: checkpoint.state, index }));
  const parts: Buffer[] = [Buffer.from(MAGIC + String(header.length).padStart(10, '0')), header];
  for (const [, array] of entries) parts.push(Buffer.from(array.buffer, array.byteOffset, array.byteLength));
  const partial = `${file}.partial`;
  const handle = openSync(partial, 'w');
  try {
    for (const part of parts) writeFully(handle, part);
    fsyncSync(handle);
  } catch (error) {
    rmSync(partial, { force: true }); // a full disk: the checkpoint before stays
    throw error;
  } finally {
    closeSync(handle);
  }
  renameSync(partial, file);
}

/**
 * Reads a checkpoint, or null where there is none yet.
 *
 * @throws InputError when the file is not a checkpoint of this version
 */
export function readCheckpoint<State>(file: string): Checkpoint<State> | null {
  if (!existsSync(file)) return null;
  const bytes = readFileSync(file);
  const start = MAGIC.length + 10;
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC)
    throw new InputError(`${file}: expected a checkpoint of this Windhover, got something else`);
  const length = Number(bytes.subarray(MAGIC.length, start));
  const { state, index } = readHeader(bytes.subarray(start, start + length), file);
  const arrays: Checkpoint<State>['arrays'] = {};
  let at = start + length;
  for (const { name, kind, bytes: size } of index) {
    if (at + size > bytes.length)
      throw new InputError(`${file}: expected a whole checkpoint, but it is cut in ${name}`);
    arrays[name] = new KINDS[kind](bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size));
    at += size;
  }
  return { state, arrays };
}

function readHeader(text: Buffer, file: string) {
  try {
    return JSON.parse(text.toString()) as {
      // biome-ignore lint/suspicious/noExplicitAny: the caller says what it saved
      state: any;
      index: { name: string; kind: keyof typeof KINDS; bytes: number }[];
    };
  } catch {
    throw new InputError(`${file}: expected a whole checkpoint, but its header is damaged`);
  }
}

function writeFully(handle: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}
