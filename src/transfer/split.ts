import { InputError } from '../../envs/input-error.ts';
import { Rng } from '../../envs/rng.ts';
import { isRepeat } from './repeats.ts';
import type { FlightSamples } from './samples.ts';

/** Which flights are learnt from, which choose when to stop, and which only the report sees. */
export interface Split {
  train: FlightSamples[];
  validation: FlightSamples[];
  test: FlightSamples[];
  /** What was left out and why. */
  warnings: string[];
}

const TEST_SHARE = 0.25;
const VALIDATION_SHARE = 0.15;
const STREAM = { test: 0x40000000, validation: 0x40000001 };

/**
 * Splits flights into train, validation and test, whole flights only: neighbouring samples of one flight are nearly
 * the same sample.
 *
 * Held-out flights are drawn one from each group of neighbours by name, so that they cover the kinds of flights that
 * there are: with few flights a plain draw may hold out all of a kind. Repeats are dropped, whatever their names and
 * files, so that none is on both sides.
 *
 * @param test flights to hold out; without them a quarter of `flights` is
 * @throws InputError unless there is at least one flight to learn from and another to judge by
 */
export function splitFlights(flights: FlightSamples[], test: FlightSamples[] | null, seed: number): Split {
  const warnings: string[] = [];
  const heldOut = test && withoutRepeats(test, [], warnings);
  const rest = withoutRepeats(sorted(flights), heldOut ?? [], warnings);
  if (rest.length < (heldOut ? 1 : 2))
    throw new InputError(
      `flights: expected at least ${heldOut ? 'one to learn from' : 'two different ones, to learn from and to judge by'}, ` +
        `got ${rest.length}${warnings.length > 0 ? ` (${warnings.join('; ')})` : ''}`,
    );
  const chosen = heldOut ?? draw(rest, Math.max(1, Math.round(TEST_SHARE * rest.length)), new Rng(seed, STREAM.test));
  const left = rest.filter((flight) => !chosen.includes(flight));
  const count = left.length < 3 ? 0 : Math.max(1, Math.round(VALIDATION_SHARE * left.length));
  const validation = draw(left, count, new Rng(seed, STREAM.validation));
  if (count === 0) warnings.push('fewer than three flights to learn from: none is spared to choose when to stop');
  return { train: left.filter((flight) => !validation.includes(flight)), validation, test: chosen, warnings };
}

/** One of each of `count` groups of neighbours. */
function draw(flights: FlightSamples[], count: number, rng: Rng): FlightSamples[] {
  return Array.from({ length: count }, (_, k) => {
    const from = Math.round((k * flights.length) / count);
    const end = Math.round(((k + 1) * flights.length) / count);
    return flights[from + rng.below(end - from)];
  });
}

function withoutRepeats(flights: FlightSamples[], others: FlightSamples[], warnings: string[]): FlightSamples[] {
  const seen = [...others];
  return flights.filter((flight) => {
    const same = seen.find((other) => isRepeat(flight.fingerprint, other.fingerprint));
    if (same) warnings.push(`${flight.name} holds the same data as ${same.name}: left out`);
    else seen.push(flight);
    return !same;
  });
}

/** By name, then where they come from: the split must not depend on the order of arrival. */
function sorted(flights: FlightSamples[]): FlightSamples[] {
  const key = (flight: FlightSamples) => `${flight.name}\n${flight.source}\n${flight.fingerprint.size}`;
  return [...flights].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
