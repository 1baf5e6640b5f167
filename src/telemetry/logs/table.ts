import { keepAscending } from '../../episode/index.ts';

/** What tables of text have in common, whatever their columns mean. */

/** Why a row, or one topic's sample in it, was dropped. */
export interface Fault {
  line: number;
  /** Faults of one kind are told together. */
  kind: string;
  why: string;
}

/** The first fault of each kind, with its line, and how many there are. */
export function faultsText(faults: readonly Fault[]): string[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const such = faults.filter((fault) => fault.kind === kind);
    const [{ line, why }] = such;
    return `line ${line}: ${why}; ${such.length === 1 ? 'row dropped' : `${such.length} such rows dropped`}`;
  });
}

/** A time as it stands in the text: whole units and the rest. */
export interface Stamp {
  whole: number;
  fraction: number;
}

/** A Unix time with nanoseconds has more digits than a double: whole units and the rest, apart. */
export function splitStamp(text: string): Stamp {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const point = text.indexOf('.');
  if (point < 0 || value < 0 || /e/i.test(text) || !Number.isFinite(value)) return { whole: value, fraction: 0 };
  return { whole: Number(text.slice(0, point)), fraction: Number(`0${text.slice(point)}`) };
}

/**
 * Seconds since the first stamp that is in order.
 *
 * @param unit seconds of one unit of the stamps
 * @returns `keep`: 1 for each stamp that is a number and in order; `time` of those; `start`: that of the first by the log's clock [s]
 */
export function secondsFromStart(stamps: readonly Stamp[], unit = 1) {
  const origin = stamps.find(({ whole }) => Number.isFinite(whole))?.whole ?? 0;
  const times = stamps.map(({ whole, fraction }) => (whole - origin + fraction) * unit);
  const keep = keepAscending(times);
  const kept = Float64Array.from(times.filter((_, i) => keep[i]));
  const start = kept[0] ?? 0;
  return { keep, time: kept.map((t) => t - start), start: origin * unit + start };
}

/** Whether a last row without its newline lost cells, or digits of its last cell. */
export function isCut(cells: string[], width: number, before: string[]): boolean {
  if (cells.length !== width) return cells.length < width;
  return cells[cells.length - 1].length < (before.at(-1) ?? '').length;
}

/** The first line of a file's first bytes, without its newline. */
export function firstLine(head: Uint8Array): string {
  const end = head.indexOf(0x0a);
  return new TextDecoder().decode(end < 0 ? head : head.subarray(0, end)).replace(/\r$/, '');
}

/** The names in a comma-separated header. */
export function splitHeader(line: string): string[] {
  return line
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((name) => name.trim());
}

/** Whether bytes can be text: a binary log has a zero byte soon. */
export function isText(head: Uint8Array): boolean {
  return !head.includes(0);
}

/** A table of text whose cells nobody has looked into yet. */
export interface TextTable {
  separator: string;
  /** Columns' names, in order; one that ends in the separator has an unnamed last one. */
  header: string[];
  /** The header's line; the first is 1. */
  headerLine: number;
  /** All lines of the file. */
  lines: string[];
}

const SEPARATORS = [',', ';', '\t'];

/** Loggers put `[2024-06-13 11:56:33.14] [thread] [tag] ` before what is logged. */
const PREFIX = /^(?:\[[^\]]*\]\s+)+(?=\S)/;

/**
 * Takes a file for a table: lines of cells under a header line, apart by comma, semicolon or tab.
 *
 * Comments (`#`, `%`, `//`) above the header, and a logger's prefix in brackets before each line, are left out.
 *
 * @returns null when no header of two or more names is found
 */
export function findTable(text: string): TextTable | null {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const at = lines.findIndex((line) => line.trim() !== '' && !/^\s*(?:%|\/\/|#(?![^,;\t]*[,;\t]))/.test(line));
  if (at < 0) return null;
  const line = withoutPrefix(lines[at]).replace(/^#\s*/, '');
  const separator = SEPARATORS.toSorted((a, b) => line.split(b).length - line.split(a).length)[0];
  const header = splitCells(line, separator).map((name) => name.trim());
  if (header.length < 2 || header.every((name) => name === '' || Number.isFinite(Number(name)))) return null;
  return { separator, header, headerLine: at + 1, lines };
}

/** Whether most of the rows below the header have its width and numbers in most cells: prose has commas, too. */
export function holdsNumbers({ separator, header, headerLine, lines }: TextTable): boolean {
  const rows = lines.slice(headerLine, headerLine + 50).filter((line) => line.trim() !== '');
  const good = rows
    .map((line) => cellsOf(line, separator))
    .filter((cells) => {
      const numbers = cells.filter((cell) => Number.isFinite(cellNumber(cell, separator)));
      return cells.length === header.length && numbers.length > cells.length / 2;
    });
  return good.length > rows.length / 2;
}

function withoutPrefix(line: string): string {
  return line.startsWith('[') ? line.replace(PREFIX, '') : line;
}

/** The cells of a line of a table. */
export function cellsOf(line: string, separator: string): string[] {
  return splitCells(withoutPrefix(line), separator);
}

function splitCells(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const cells = [''];
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) cells.push('');
    else cells[cells.length - 1] += character;
  }
  return cells;
}

/** A cell's number; NaN for an empty one, infinite for one that is none. */
export function cellNumber(cell: string, separator: string): number {
  const text = cell.trim();
  if (text === '') return Number.NaN;
  const value = Number(separator !== ',' && /^[-+]?\d+,\d+/.test(text) ? text.replace(',', '.') : text);
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}
