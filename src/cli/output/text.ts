// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one
const escapeCode = /\u001b\[[\d;]*m/g;

/** Columns `text` takes on a terminal: without escape codes and combining marks. */
export function displayWidth(text: string): number {
  return [...text.replace(escapeCode, '').replace(/\p{Mark}/gu, '')].length;
}

/** The first `width` columns of `text`, with all its escape codes, so that no colour runs on. */
export function cutTo(text: string, width: number): string {
  let room = width;
  const cut = (plain: string) => {
    const kept = [...plain].slice(0, room);
    room -= kept.length;
    return kept.join('');
  };
  const codes = text.match(escapeCode) ?? [];
  return text
    .split(escapeCode)
    .map((plain, i) => cut(plain) + (codes[i] ?? ''))
    .join('');
}

/**
 * `text` with line breaks between words, so that lines take at most `width` columns where words allow.
 *
 * @param indent what lines begin with that a break made
 */
export function wrap(text: string, width: number, indent = ''): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width, indent))
    .join('\n');
}

function wrapLine(line: string, width: number, indent: string): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\S)\s+(?=\S)/)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && displayWidth(longer) > width) {
      lines.push(current);
      current = `${indent}${word}`;
    } else current = longer;
  }
  return [...lines, current].join('\n');
}

/** `12.3 k`, `4.56 M`: three figures, short enough for a status line. */
export function shortNumber(value: number): string {
  const [size, suffix] = sizes.find(([size]) => Math.abs(value) >= size) ?? [1, ''];
  if (size === 1 && Number.isInteger(value)) return String(value);
  return `${Number((value / size).toPrecision(3))}${suffix}`;
}

const sizes: [number, string][] = [
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
];

/** `1:05` or `2:03:00`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
