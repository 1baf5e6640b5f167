import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from '../../../src/telemetry/logs/crc32.ts';

/** Log files built byte by byte from named parts, each as its format's own description says. */

const folders: string[] = [];

/** Writes bytes or text under this name in a folder of its own; gone at the end of the process. */
export function givenFile(name: string, content: Uint8Array | string): string {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-logs-'));
  folders.push(folder);
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Little-endian numbers one after the other: `['H', 7]` as in Python's struct, texts and bytes as they are. */
export type Part = [type: 'B' | 'b' | 'H' | 'h' | 'I' | 'Q' | 'f' | 'd', value: number | bigint] | string | Uint8Array;

export function pack(...parts: Part[]): Buffer {
  return Buffer.concat(parts.map(packOne));
}

function packOne(part: Part): Uint8Array {
  if (typeof part === 'string') return Buffer.from(part, 'utf8');
  if (part instanceof Uint8Array) return part;
  const [type, value] = part;
  const buffer = Buffer.alloc({ B: 1, b: 1, H: 2, h: 2, I: 4, Q: 8, f: 4, d: 8 }[type]);
  if (type === 'Q') buffer.writeBigUInt64LE(BigInt(value));
  else if (type === 'f') buffer.writeFloatLE(Number(value));
  else if (type === 'd') buffer.writeDoubleLE(Number(value));
  else if (type === 'b' || type === 'h') buffer.writeIntLE(Number(value), 0, buffer.length);
  else buffer.writeUIntLE(Number(value), 0, buffer.length);
  return buffer;
}

export interface UsdParts {
  version?: 1 | 2;
  /** As `acc.x(f)`. */
  variables: string[];
  /** Time in µs (version 2) or ms (version 1), then the values. */
  rows: number[][];
  checksum?: boolean;
}

/** A Crazyflie SD-card log with one event type. */
export function givenUsdLog({ version = 2, variables, rows, checksum = true }: UsdParts): Buffer {
  const types = variables.map((variable) => variable.at(-2) as 'f');
  const names = variables.map((variable) => `${variable}\0`);
  const head = pack(['B', 0xbc], ['H', version], ['H', 1], ['H', 0xffff], 'fixedFrequency\0', ['H', variables.length]);
  const records = rows.map(([time, ...values]) =>
    pack(['H', 0xffff], [version === 1 ? 'I' : 'Q', time], ...values.map((value, i): Part => [types[i], value])),
  );
  const body = Buffer.concat([head, pack(...names), ...records]);
  return checksum ? pack(body, ['I', crc32(body)]) : body;
}

/** The whole of a ULog around these messages; its clock starts at 1 s. */
export function givenUlog(...messages: Uint8Array[]): Buffer {
  const head = pack(Uint8Array.of(0x55, 0x4c, 0x6f, 0x67, 0x01, 0x12, 0x35, 1), ['Q', 1_000_000]);
  return Buffer.concat([head, ...messages]);
}

export function ulogMessage(type: string, ...parts: Part[]): Buffer {
  const body = pack(...parts);
  return pack(['H', body.length], type, body);
}

export const ulogFormat = (text: string) => ulogMessage('F', text);
export const ulogSubscribe = (id: number, name: string, multiId = 0) =>
  ulogMessage('A', ['B', multiId], ['H', id], name);
/** Data under an id: the time [s], then the fields. */
export const ulogData = (id: number, seconds: number, ...fields: Part[]) =>
  ulogMessage('D', ['H', id], ['Q', Math.round(seconds * 1e6)], ...fields);
export const floats = (...values: number[]): Part[] => values.map((value) => ['f', value]);

export const NANOBENCH_COLUMNS = [
  't,px,py,pz,qx,qy,qz,qw,vx,vy,vz,imu_acc_x,imu_acc_y,imu_acc_z,imu_gyro_x,imu_gyro_y,imu_gyro_z',
  'motor_motor_m1,motor_motor_m2,motor_motor_m3,motor_motor_m4',
  'sp_ctrltarget_x,sp_ctrltarget_y,sp_ctrltarget_z,sp_ctrltarget_yaw,pwr_pm_vbat',
]
  .join(',')
  .split(',');

/** One NanoBench row: at rest on the ground, but for what is named. */
export function nanobenchRow(i: number, values: Record<string, number | string> = {}): string {
  const rest: Record<string, number | string> = { t: (1000 + i / 100).toFixed(9), qw: 1, imu_acc_z: 1, pwr_pm_vbat: 4 };
  return NANOBENCH_COLUMNS.map((column) => values[column] ?? rest[column] ?? 0).join(',');
}

/** A NanoBench table of these rows, with a newline after each. */
export function nanobenchTable(rows: string[], columns = NANOBENCH_COLUMNS): string {
  return [columns.join(','), ...rows, ''].join('\n');
}

/** One record of a DataFlash log: its type, then the fields in the letters that its description says. */
export const dataflashRecord = (type: number, ...fields: Part[]) => pack(Uint8Array.of(0xa3, 0x95, type), ...fields);

/** Text filled up with zeros. */
export const padded = (text: string, length: number) => pack(text, new Uint8Array(length - text.length));

/** The description of a message: letters are of ArduPilot's format, lengths as they say. */
export function dataflashFormat(type: number, name: string, letters: string, fields: string): Buffer {
  const sizes: Record<string, number> = {
    ...{ b: 1, B: 1, M: 1, h: 2, H: 2, c: 2, C: 2, n: 4, N: 16, Z: 64, a: 64, d: 8, q: 8, Q: 8 },
  };
  const length = [...letters].reduce((sum, letter) => sum + (sizes[letter] ?? 4), 3);
  const texts = [padded(name, 4), padded(letters, 16), padded(fields, 64)];
  return dataflashRecord(128, ['B', type], ['B', length], ...texts);
}

/** A DataFlash log begins by describing its descriptions. */
export function givenDataflash(...records: Uint8Array[]): Buffer {
  const own = dataflashRecord(
    128,
    ['B', 128],
    ['B', 89],
    padded('FMT', 4),
    padded('BBnNZ', 16),
    padded('Type,Length,Name,Format', 64),
  );
  return Buffer.concat([own, ...records]);
}

/** A MAVLink frame and the time of its arrival before it; `sum` is the checksum that its specification's reference computes. */
export interface FrameParts {
  version?: 1 | 2;
  system?: number;
  message: number;
  /** What the checksum adds for this message. */
  crcExtra: number;
  payload: Uint8Array;
  signed?: boolean;
}

/** As a ground station writes it, `arrived` at a Unix time [s]. Version 2 leaves out zeros at the end. */
export function tlogFrame(
  arrived: number,
  { version = 1, system = 1, message, crcExtra, payload, signed }: FrameParts,
): Buffer {
  let body = Buffer.from(payload);
  while (version === 2 && body.length > 1 && body[body.length - 1] === 0) body = body.subarray(0, -1);
  const head =
    version === 1
      ? Buffer.of(body.length, 7, system, 1, message)
      : Buffer.of(body.length, signed ? 1 : 0, 0, 7, system, 1, message & 255, (message >> 8) & 255, message >> 16);
  const checked = Buffer.concat([head, body]);
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(Math.round(arrived * 1e6)));
  const end = signed ? Buffer.alloc(13, 0xab) : Buffer.alloc(0);
  return pack(
    stamp,
    ['B', version === 1 ? 0xfe : 0xfd],
    checked,
    ['H', x25(Buffer.concat([checked, Buffer.of(crcExtra)]))],
    end,
  );
}

/** CRC-16/MCRF4XX, bit by bit: polynomial 0x1021 reflected, begun at ones. */
export function x25(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  return crc;
}
