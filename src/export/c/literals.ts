/** A number as a C float literal that reads back as the very same float: nine digits tell any two apart. */
export function float(x: number): string {
  const text = String(Number(Math.fround(x).toPrecision(9)));
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

/** Numbers as what stands between the braces of a C array, with line breaks. */
export function floats(numbers: ArrayLike<number>, indent = '  '): string {
  const lines: string[] = [];
  for (let at = 0; at < numbers.length; at += 8)
    lines.push(
      indent + Array.from({ length: Math.min(8, numbers.length - at) }, (_, k) => float(numbers[at + k])).join(', '),
    );
  return lines.join(',\n');
}

/** A text of somebody else's as part of a C comment: it can neither end the comment nor begin another. */
export function commented(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\\]+/gu, ' ')
    .replaceAll('*/', '* /')
    .replaceAll('/*', '/ *')
    .replaceAll('??', '? ?');
}
