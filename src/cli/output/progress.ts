import { paint, redraws } from './colour.ts';
import { liveLine } from './live-line.ts';
import { note } from './note.ts';
import { clock, cutTo, shortNumber } from './text.ts';

export interface ProgressOptions {
  label: string;
  /** What `done` will be at the end; without it there is no bar and no remaining time. */
  total?: number;
  /** What is counted, for the rate: `steps` makes `12.3 k steps/s`. */
  unit?: string;
  silent?: boolean;
  /** Seconds between plain lines where stderr is no terminal. */
  everySeconds?: number;
  /** Milliseconds, as of `performance.now`. */
  now?: () => number;
}

const redrawMs = 100;

/** How far a long job is, on stderr: a live bar on a terminal, a plain line every few seconds otherwise. */
export class Progress {
  readonly #options: Required<Omit<ProgressOptions, 'total'>> & { total?: number };
  readonly #live = redraws(process.stderr);
  readonly #start: number;
  #first: number | null = null;
  #done = 0;
  #text = '';
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(options: ProgressOptions) {
    this.#options = { unit: '', silent: false, everySeconds: 5, now: () => performance.now(), ...options };
    this.#start = this.#options.now();
  }

  /**
   * @param text what else to say, such as `success 0.42`; the last one stays. Further lines of it go below the bar on a
   * terminal, and into the one plain line elsewhere
   */
  update(done: number, text: string = this.#text): void {
    this.#first ??= done; // a resumed job starts above 0, and its rate counts from there
    this.#done = done;
    this.#text = text;
    const now = this.#options.now();
    if (now - this.#shownAt < (this.#live ? redrawMs : this.#options.everySeconds * 1000)) return;
    this.#shownAt = now;
    this.#show();
  }

  /** Shows the last state, whatever the time since the one before, and leaves it on the screen. */
  end(text: string = this.#text): void {
    this.#text = text;
    this.#show();
    if (this.#live) liveLine.end();
  }

  #show(): void {
    if (this.#options.silent) return;
    if (this.#live) liveLine.show(this.#line());
    else note(this.#line());
  }

  #line(): string {
    const { label, total, unit, now } = this.#options;
    const seconds = (now() - this.#start) / 1000;
    const rate = seconds > 0 ? (this.#done - (this.#first ?? 0)) / seconds : 0;
    const parts = [label];
    if (total) {
      const fraction = Math.min(1, this.#done / total);
      if (this.#live) parts.push(bar(fraction));
      parts.push(`${Math.floor(fraction * 100)} %`.padStart(5));
    } else parts.push(shortNumber(this.#done));
    if (rate > 0) parts.push(`${shortNumber(rate)}${unit ? ` ${unit}` : ''}/s`);
    if (total && rate > 0 && this.#done < total) parts.push(`${clock((total - this.#done) / rate)} left`);
    else if (seconds >= 1) parts.push(clock(seconds));
    const [beside, ...below] = this.#text.split('\n');
    if (beside) parts.push(beside);
    if (!this.#live) return [...parts, ...below.map((line) => line.trim())].join('  ');
    // a line that wrapped could not be drawn over
    return [parts.join('  '), ...below].map((line) => cutTo(line, columns() - 1)).join('\n');
  }
}

function bar(fraction: number): string {
  const width = Math.max(8, Math.min(24, columns() - 64)); // leaves room for the numbers and a few words
  const filled = Math.round(fraction * width);
  return paint('cyan', '█'.repeat(filled), process.stderr) + paint('dim', '░'.repeat(width - filled), process.stderr);
}

function columns(): number {
  return process.stderr.columns || 80;
}
