import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../../../envs/input-error.ts';
import type { Flight } from '../flight.ts';
import { IMPORTERS } from './formats.ts';
import { gunzipAsFarAsItGoes, isGzip } from './gunzip.ts';
import type { Importer, LogFile, ReadLog } from './importer.ts';
import { readEpisodes } from './mcap.ts';

/** Bytes an importer sees to recognise its format: enough for the longest header line. */
const HEAD_BYTES = 64 * 1024;

/**
 * Reads one logged flight, whatever its format, which is told by the content.
 *
 * A file cut in the middle is read as far as it goes: `truncated` is set and a warning says so.
 *
 * @throws InputError when the file is missing, a folder, empty, of no known format, or holds nothing a flight has
 */
export async function readFlight(path: string): Promise<Flight> {
  const { flight } = await readLog(path);
  return usable(flight, path);
}

/** As `readFlight`, but an MCAP file of several episodes gives each as a flight of its own. */
export async function readFlights(path: string): Promise<Flight[]> {
  const { file, importer } = await openLog(path);
  if (importer.format !== 'mcap') return [usable((await importer.read(file)).flight, path)];
  const flights = await readEpisodes(file);
  return flights.map((flight) => usable(flight, path));
}

/** Reads a log together with its own topics; the flight in it may be without any. */
export async function readLog(path: string): Promise<ReadLog> {
  const { file, importer } = await openLog(path);
  return importer.read(file);
}

function usable(flight: Flight, path: string): Flight {
  if (Object.keys(flight.topics).length > 0) return flight;
  throw new InputError(`${path}: expected topics of a flight such as pose or motors, found none that Windhover knows`);
}

async function openLog(path: string): Promise<{ file: LogFile; importer: Importer }> {
  const file = await load(path);
  const head = file.bytes.subarray(0, HEAD_BYTES);
  const importer = IMPORTERS.find((candidate) => candidate.detect(head));
  if (importer) return { file, importer };
  const known = IMPORTERS.map(({ reads }) => reads).join(', ');
  throw new InputError(`${path}: expected a flight log (${known}), its content is none of these`);
}

async function load(path: string): Promise<LogFile> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: expected a flight log, ${reason(error)}`);
  });
  if (bytes.length === 0) throw new InputError(`${path}: expected a flight log, the file is empty`);
  const name = basename(path)
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|ulg|mcap|log|txt)$/i, '');
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
