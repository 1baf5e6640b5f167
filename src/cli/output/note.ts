import { liveLine } from './live-line.ts';

/** Says something to the person at the terminal: on stderr, above a live bar if there is one. */
export function note(text: string): void {
  liveLine.clear();
  process.stderr.write(`${text}\n`);
  liveLine.draw();
}
