import { appendFileSync, closeSync, openSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.ts';

/**
 * Scalars for TensorBoard: a file of TFRecords that each hold one `tensorflow.Event`.
 *
 * A record is `length u64 | masked CRC-32C of length | data | masked CRC-32C of data`, little-endian; an event is a
 * protocol buffer. Each record is written in one go, so a killed process leaves at most its last record cut short,
 * which TensorBoard passes over.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord, tensorflow/core/util/event.proto
 */
export class EventWriter {
  readonly file: string;
  private readonly descriptor: number;
  private readonly now: () => number;

  /**
   * Opens a new event file in `folder`, named so that TensorBoard reads it after those already there.
   *
   * @param from environment steps that the run goes on from: TensorBoard then forgets what earlier files, if there
   * are any, say of later steps, which are computed again, and shows one curve
   * @param now wall-clock time in milliseconds, as of `Date.now`
   */
  constructor(folder: string, from = 0, now: () => number = Date.now) {
    this.now = now;
    const earlier = latestSecond(folder);
    const seconds = Math.max(Math.floor(now() / 1000), earlier + 1);
    const host = hostname().replace(/[^\w-]+/g, '-') || 'host';
    this.file = join(folder, `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host}.${process.pid}.0`);
    this.descriptor = openSync(this.file, 'a');
    this.write(versionEvent(now() / 1000));
    if (earlier > 0) this.write(restartEvent(now() / 1000, from + 1));
  }

  /** Writes values at `step`; those that are null or not finite are left out. */
  scalars(step: number, values: Record<string, number | null>): void {
    const finite = Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    if (finite.length > 0) this.write(scalarsEvent(this.now() / 1000, step, finite));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private write(event: Uint8Array): void {
    appendFileSync(this.descriptor, record(event));
  }
}

const NAME = /^events\.out\.tfevents\.(\d+)\./;

/** TensorBoard reads the files of a folder in the order of their names, which begin with seconds. */
function latestSecond(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
}

/** One TFRecord. */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return bytes;
}

/** What every event file begins with. */
export function versionEvent(wallTime_s: number): Uint8Array {
  return bytesOf([...double(1, wallTime_s), ...text(3, 'brain.Event:2')]);
}

/** A session starts (SessionLog.START): events seen before with this step or a later one no longer count. */
export function restartEvent(wallTime_s: number, step: number): Uint8Array {
  return bytesOf([...double(1, wallTime_s), ...varint(2, step), ...message(7, varint(1, 1))]);
}

/** One summary with a `simple_value` for each tag. */
export function scalarsEvent(
  wallTime_s: number,
  step: number,
  values: readonly (readonly [string, number])[],
): Uint8Array {
  const summary = values.flatMap(([tag, value]) => message(1, [...text(1, tag), ...float(2, value)]));
  return bytesOf([...double(1, wallTime_s), ...varint(2, step), ...message(5, summary)]);
}

// Protocol buffer fields, each `number << 3 | wire type` before its content.
// @see https://protobuf.dev/programming-guides/encoding

function varint(field: number, value: number): number[] {
  return [field << 3, ...varintBytes(value)];
}

/** Seven bits a byte, the lowest first; by division, since steps may pass 2³². */
function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

function double(field: number, value: number): number[] {
  return [(field << 3) | 1, ...new Uint8Array(littleEndian(8, (view) => view.setFloat64(0, value, true)))];
}

function float(field: number, value: number): number[] {
  return [(field << 3) | 5, ...new Uint8Array(littleEndian(4, (view) => view.setFloat32(0, value, true)))];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

function message(field: number, content: number[]): number[] {
  return [(field << 3) | 2, ...varintBytes(content.length), ...content];
}

function littleEndian(size: number, set: (view: DataView) => void): ArrayBuffer {
  const buffer = new ArrayBuffer(size);
  set(new DataView(buffer));
  return buffer;
}

function bytesOf(numbers: number[]): Uint8Array {
  return Uint8Array.from(numbers);
}
