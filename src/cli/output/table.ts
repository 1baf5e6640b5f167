import { displayWidth } from './text.ts';

export type Cell = string | number | boolean | null | undefined;

const numeric = /^[-−+±<>≤≥~]?\s?[\d.,]+(e[-+]?\d+)?(\s?(%|k|M))?$/i;

/**
 * Rows under a header, aligned with spaces; columns of numbers to the right, all else to the left.
 *
 * @returns lines without a final newline; a header line, a rule, then one line a row
 */
export function table(rows: Cell[][], header: string[]): string {
  const cells = rows.map((row) => header.map((_, column) => cellText(row[column])));
  const widths = header.map((title, column) =>
    Math.max(...[title, ...cells.map((row) => row[column])].map(displayWidth)),
  );
  const right = header.map((_, column) => isNumeric(cells.map((row) => row[column])));
  const line = (row: string[]) =>
    row
      .map((text, column) => pad(text, widths[column], right[column]))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.map(line)].join('\n');
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '–';
  return String(cell);
}

function isNumeric(column: string[]): boolean {
  const filled = column.filter((text) => text !== '' && text !== '–');
  return filled.length > 0 && filled.every((text) => numeric.test(text));
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return right ? space + text : text + space;
}
