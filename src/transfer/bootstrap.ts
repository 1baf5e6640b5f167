import type { Rng } from '../../envs/rng.ts';
import type { FlightError } from './errors.ts';

/** How one policy's error compares with another's on the same flights. */
export interface ErrorRatio {
  /** Error of the first over that of the second, all samples of all flights together: below 1 the first is better. */
  ratio: number;
  /** 95 % interval of it, by resampling whole flights; null with one flight, which tells none. */
  ci95: [low: number, high: number] | null;
}

const DRAWS = 2000;

/**
 * The ratio of two mean squared errors with its 95 % percentile bootstrap interval over flights.
 *
 * Flights are the unit, not samples: within a flight neighbours are nearly one sample, and each flight has a trim of
 * its own, which is what the next flight may differ by. Both errors are drawn on the same flights, so that a flight
 * that is hard for everybody widens nothing.
 *
 * @param ours flight by flight
 * @param theirs of the same flights in the same order
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13
 */
export function errorRatio(ours: FlightError[], theirs: FlightError[], rng: Rng): ErrorRatio {
  const F = ours.length;
  const sum = (errors: FlightError[]) => errors.reduce((total, { squares }) => total + squares, 0);
  const ratio = sum(ours) / sum(theirs);
  if (F < 2) return { ratio, ci95: null };
  const drawn = new Float64Array(DRAWS);
  for (let k = 0; k < DRAWS; k++) {
    let [above, below] = [0, 0];
    for (let i = 0; i < F; i++) {
      const f = rng.below(F);
      above += ours[f].squares;
      below += theirs[f].squares;
    }
    drawn[k] = above / below;
  }
  drawn.sort();
  return { ratio, ci95: [drawn[Math.round(0.025 * (DRAWS - 1))], drawn[Math.round(0.975 * (DRAWS - 1))]] };
}

/** The ratio with its interval, for people. */
export function ratioText({ ratio, ci95 }: ErrorRatio, digits = 2): string {
  const within = ci95 ? ci95.map((end) => end.toFixed(digits)).join(', ') : 'one flight: no interval';
  return `${ratio.toFixed(digits)} [${within}]`;
}
