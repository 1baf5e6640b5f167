/** One line on stdout: a JSON object for other programs. NaN and infinities become null, as JSON has neither. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
