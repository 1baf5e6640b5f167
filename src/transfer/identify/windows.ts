import type { FlightData } from './flight-data.ts';
import type { Window } from './replay.ts';

/** The motors' state at a window's start needs commands from before it: so much of a span is left out at its start [s]. */
const WARM_UP_SECONDS = 0.3;

/**
 * Windows over the flights' spans, evenly spaced.
 *
 * @param steps rows of each window
 * @param every rows from one window's start to the next one's
 * @param most so many at most: then they are taken evenly from all
 */
export function windowsOf(flights: FlightData[], steps: number, every: number, most: number): Window[] {
  const windows: Window[] = [];
  flights.forEach(({ spans, rateHz }, flight) => {
    const warmUp = Math.round(WARM_UP_SECONDS * rateHz);
    for (const { from, end } of spans)
      for (let row = from + warmUp; row + steps < end; row += every) windows.push({ flight, from: row });
  });
  if (windows.length <= most) return windows;
  return Array.from({ length: most }, (_, k) => windows[Math.floor((k * windows.length) / most)]);
}
