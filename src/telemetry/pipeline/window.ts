import { Observable, type OperatorFunction } from 'rxjs';
import type { AlignedRow } from './live-grid.ts';

/** Consecutive rows of one flight, each with a value for every topic. */
export interface Window {
  flight: string;
  /** Time of the first row: seconds since the flight's start. */
  startTime: number;
  rows: AlignedRow[];
}

/** Flights whose rows are kept at the same time; the one that was silent longest is forgotten first. */
const MAX_FLIGHTS = 64;

/**
 * Cuts each flight's rows into windows of `length` rows that begin `hop` rows apart.
 *
 * ```
 * rows           --1--2--3--4--|
 * window(2, 1)   -----a--b--c--|     a = [1, 2], b = [2, 3], c = [3, 4]
 * ```
 *
 * A window never holds an invalid row or bridges a skipped one: a gap starts the next window behind it. Buffers `length`
 * rows for each of at most 64 flights; drops rows before a gap and at the end that fill no window.
 *
 * @param length rows in a window, at least 1
 * @param hop rows from one window's start to the next, at least 1; by default windows do not overlap
 */
export function window(length: number, hop = length): OperatorFunction<AlignedRow, Window> {
  for (const [name, value] of Object.entries({ length, hop }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name}: expected a whole number from 1, got ${value}`);
  return (source) =>
    new Observable((subscriber) => {
      const flights = new Map<string, Cutter>();
      return source.subscribe({
        next: (row) => {
          const cutter = flights.get(row.flight) ?? new Cutter(length, hop);
          flights.delete(row.flight);
          flights.set(row.flight, cutter); // last in the map: heard from last
          if (flights.size > MAX_FLIGHTS) flights.delete(flights.keys().next().value as string);
          const rows = cutter.push(row);
          if (rows) subscriber.next({ flight: row.flight, startTime: rows[0].time, rows });
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

class Cutter {
  readonly #length: number;
  readonly #hop: number;
  #rows: AlignedRow[] = [];
  #skip = 0;
  #lastIndex = -1;

  constructor(length: number, hop: number) {
    this.#length = length;
    this.#hop = hop;
  }

  push(row: AlignedRow): AlignedRow[] | null {
    const follows = row.index === this.#lastIndex + 1;
    this.#lastIndex = row.index;
    if (!follows || !row.allValid) {
      this.#rows = [];
      this.#skip = 0;
    }
    if (!row.allValid) return null;
    if (this.#skip > 0) {
      this.#skip--;
      return null;
    }
    this.#rows.push(row);
    if (this.#rows.length < this.#length) return null;
    const full = this.#rows;
    this.#rows = full.slice(this.#hop);
    this.#skip = Math.max(0, this.#hop - this.#length);
    return full;
  }
}
