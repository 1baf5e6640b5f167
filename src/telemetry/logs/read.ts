import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../../../envs/input-error.ts';
import type { Flight } from '../flight.ts';
import { byColumns } from './by-columns.ts';
import { columnMapBeside, readColumnMap, mapsBeside } from './column-map.ts';
import { IMPORTERS } from './formats.ts';
import { gunzipAsFarAsItGoes, isGzip } from './gunzip.ts';
import type { Importer, LogFile, ReadLog } from './importer.ts';
import { nanobench } from './nanobench.ts';
import { proposeColumns } from './propose.ts';
import { findTable, holdsNumbers, isText } from './table.ts';

/** Bytes an importer sees to recognise its format: enough for the longest header line. */
const HEAD_BYTES = 64 * 1024;

/** How to read logs. */
export interface ReadOptions {
  /** A file with the map of a table's columns; other logs than tables of text are read as ever. */
  columns?: string;
}

/** A table of text that nothing reads without a map of its columns. */
export class UnknownTable extends InputError {
  /** A map, guessed from names and numbers: the text of a YAML file. */
  readonly proposal: string;

  constructor(message: string, proposal: string) {
    super(message);
    this.proposal = proposal;
  }
}

/**
 * Reads one logged flight, whatever its format, which is told by the content.
 *
 * A file cut in the middle is read as far as it goes: `truncated` is set and a warning says so.
 *
 * @throws InputError when the file is missing, a folder, empty, of no known format, or holds nothing a flight has
 */
export async function readFlight(path: string, options: ReadOptions = {}): Promise<Flight> {
  const { flight } = await readLog(path, options);
  return usable(flight, path);
}

/** As `readFlight`, but a file of several flights gives each by itself. */
export async function readFlights(path: string, options: ReadOptions = {}): Promise<Flight[]> {
  const { file, importer } = await openLog(path, options);
  const flights = importer.readEach ? await importer.readEach(file) : [(await importer.read(file)).flight];
  return flights.map((flight) => usable(flight, path));
}

/** Reads a log together with its own topics; the flight in it may be without any. */
export async function readLog(path: string, options: ReadOptions = {}): Promise<ReadLog> {
  const { file, importer } = await openLog(path, options);
  return importer.read(file);
}

function usable(flight: Flight, path: string): Flight {
  if (Object.keys(flight.topics).length > 0) return flight;
  throw new InputError(`${path}: expected topics of a flight such as pose or motors, found none that Windhover knows`);
}

async function openLog(path: string, { columns }: ReadOptions): Promise<{ file: LogFile; importer: Importer }> {
  const map = columns === undefined ? null : await readColumnMap(columns);
  const file = await load(path);
  const head = file.bytes.subarray(0, HEAD_BYTES);
  const known = IMPORTERS.find((candidate) => candidate.detect(head));
  if (known && known !== nanobench) return { file, importer: known };
  const own = isText(head) ? (map ?? (await columnMapBeside(path))) : null;
  const importer = own ? byColumns(own) : known;
  if (importer) return { file, importer };
  throw (
    unknownTable(file, head) ??
    new InputError(`${path}: expected a flight log (${formats()}), its content is none of these`)
  );
}

function formats(): string {
  return [...IMPORTERS.map(({ reads }) => reads), 'any CSV by a map of its columns'].join(', ');
}

function unknownTable({ path, name, bytes }: LogFile, head: Uint8Array): UnknownTable | null {
  const table = isText(head) ? findTable(new TextDecoder().decode(bytes)) : null;
  if (!table || !holdsNumbers(table)) return null;
  const message = `${path}: expected a map of its columns (--columns, or ${basename(mapsBeside(path)[0])} beside it); windhover inspect proposes one`;
  return new UnknownTable(message, proposeColumns(table, name));
}

async function load(path: string): Promise<LogFile> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: expected a flight log, ${reason(error)}`);
  });
  if (bytes.length === 0) throw new InputError(`${path}: expected a flight log, the file is empty`);
  const name = basename(path)
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|tsv|ulg|bin|tlog|bbl|bfl|mcap|log|txt)$/i, '');
  if (!isGzip(bytes)) return { path, name, bytes, truncated: false };
  const inner = await gunzipAsFarAsItGoes(bytes);
  if (inner.bytes.length === 0)
    throw new InputError(`${path}: expected a flight log, nothing can be unpacked from its gzip`);
  return { path, name, ...inner };
}

function reason(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'there is no such file';
  if (error.code === 'EISDIR') return 'it is a folder';
  if (error.code === 'EACCES') return 'it may not be read';
  return error.message;
}
