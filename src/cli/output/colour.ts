const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof codes;

/** Whether `stream` takes colours: a terminal, and NO_COLOR (https://no-color.org) unset or empty. */
export function colours(stream: { isTTY?: boolean }): boolean {
  return Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

/** Whether lines on `stream` can be drawn over: a terminal that knows escape codes. */
export function redraws(stream: { isTTY?: boolean }): boolean {
  return Boolean(stream.isTTY) && process.env.TERM !== 'dumb';
}

/** `text` in a style where `stream` takes colours, else as it is. */
export function paint(style: Style, text: string, stream: { isTTY?: boolean } = process.stdout): string {
  if (!colours(stream)) return text;
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
