import { InputError } from '../../../envs/input-error.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Flight } from '../../telemetry/flight.ts';
import { fingerprintOf, isRepeat } from '../repeats.ts';
import { inCommands } from './commands.ts';
import { Predictor } from './predict.ts';

/** Flights that a vehicle is not identified from, ready to be foretold. */
export interface HeldOut {
  names: string[];
  /** The vehicle file that the fit begins at, as these flights' commands need it. */
  begunAt: Vehicle;
  predictor: Predictor;
  /** Flights that were left out, and why. */
  warnings: string[];
}

/** Root mean square errors of one quantity at one horizon. */
export interface ForetoldError {
  seconds: number;
  /** Of who knows no commands: body rates stay, and thrust carries the weight. */
  constantRate: number;
  /** Of the vehicle file that the fit began at. */
  begunAt: number;
  identified: number;
}

/** How well an identified vehicle foretells flights that it was not identified from. */
export interface Foretold {
  flights: string[];
  windows: number;
  /** [m] */
  position: ForetoldError;
  /** [rad] */
  tilt: ForetoldError;
}

/** A quarter of a second is what thrust and drag need to show, a tenth is the attitude's own time. */
const POSITION_SECONDS = 0.25;
const TILT_SECONDS = 0.1;

/**
 * Makes flights ready to be foretold; copies of those that are learnt from are left out with a warning.
 *
 * @throws InputError when none is left that has pose, velocity and more than ten seconds in the air, or where these logs hold
 *   thrust and torques and the others motor commands
 */
export function holdOut(given: Flight[], learnt: Flight[], file: Vehicle): HeldOut {
  const { others, warnings } = withoutRepeats(given, learnt);
  const { flights, base } = inCommands(others, file);
  const { command } = learnt.length > 0 ? inCommands(learnt, file).base : base;
  if (flights.length > 0 && command.unit !== base.command.unit)
    throw new InputError(
      `${flights[0].source}: motors: expected ${command.unit}, as in the logs to learn from, found ${base.command.unit}`,
    );
  const predictor = new Predictor(flights, base);
  if (predictor.constantRate(POSITION_SECONDS).windows === 0)
    throw new InputError(
      `${given.map(({ source }) => source).join(', ')}: expected a flight to foretell, not learnt from, with pose, velocity and more than ten seconds in the air, found none`,
    );
  return { names: flights.map(({ name }) => name), begunAt: base, predictor, warnings };
}

/**
 * Flies held-out flights again, with an identified vehicle and with the file that the fit began at, each driven by the logged
 * commands and corrected by what it lacked in the 0.3 s before.
 */
export function foretell({ names, begunAt, predictor }: HeldOut, vehicle: Vehicle): Foretold {
  const rates = predictor.constantRate(POSITION_SECONDS);
  const at = (model: Vehicle, seconds: number) => predictor.predict(model, seconds, 'before');
  return {
    flights: names,
    windows: rates.windows,
    position: {
      seconds: POSITION_SECONDS,
      constantRate: rates.position_m,
      begunAt: at(begunAt, POSITION_SECONDS).position_m,
      identified: at(vehicle, POSITION_SECONDS).position_m,
    },
    tilt: {
      seconds: TILT_SECONDS,
      constantRate: predictor.constantRate(TILT_SECONDS).tilt_rad,
      begunAt: at(begunAt, TILT_SECONDS).tilt_rad,
      identified: at(vehicle, TILT_SECONDS).tilt_rad,
    },
  };
}

function withoutRepeats(flights: Flight[], learnt: Flight[]): { others: Flight[]; warnings: string[] } {
  const seen = learnt.map((flight) => ({ name: flight.name, print: fingerprintOf(flight) }));
  const warnings: string[] = [];
  const others = flights.filter((flight) => {
    const print = fingerprintOf(flight);
    const same = seen.find((other) => print.size > 0 && isRepeat(print, other.print));
    if (same) warnings.push(`${flight.name} holds the same flight as ${same.name}: not foretold`);
    else seen.push({ name: flight.name, print });
    return !same;
  });
  return { others, warnings };
}
