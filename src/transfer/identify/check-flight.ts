import { InputError } from '../../../envs/input-error.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Flight } from '../../telemetry/flight.ts';
import { contradiction, measureFollowing } from '../plausible.ts';
import { flightSamples } from '../samples.ts';
import type { FlightData } from './flight-data.ts';

/**
 * Voltage in the air over the file's nominal one: a lithium cell of 3.7 V nominal has 2.8 V when empty under load and 4.35 V
 * when full, which is 0.76 to 1.18; six cells on the file of four have 1.5.
 */
const VOLTAGE_RATIO = { least: 0.7, most: 1.3 };
/** Shorter flights are too short to judge by how they follow their commands [s]. */
const FEWEST_SECONDS = 3;

/**
 * Refuses a flight of a vehicle with another battery than the file's, and one whose motion contradicts its commands: a fit
 * to either ends in numbers that no vehicle has.
 *
 * @param flight as logged
 * @param data the same flight on the grid
 * @throws InputError naming the log
 */
export function checkFlight(flight: Flight, data: FlightData, base: Vehicle): void {
  checkBattery(data, base);
  checkFollowing(flight, data, base);
}

function checkBattery({ source, voltage, spans }: FlightData, { name, battery: { nominal_V } }: Vehicle): void {
  if (!voltage) return;
  const flown = spans.flatMap(({ from, end }) => Array.from(voltage.subarray(from, end))).sort((a, b) => a - b);
  const median = flown[flown.length >> 1];
  const ratio = median / nominal_V;
  if (ratio < VOLTAGE_RATIO.least || ratio > VOLTAGE_RATIO.most)
    throw new InputError(
      `${source}: battery: expected about ${nominal_V} V, the nominal voltage of ${name}, got about ` +
        `${Number(median.toPrecision(3))} V in the air; give the vehicle that flew with --vehicle, or change battery.nominal_V in its file`,
    );
}

/** As fine-tuning judges flights; where a log has no pose and velocity there is nothing to judge by. */
function checkFollowing(flight: Flight, { source, velocity, spans, rateHz }: FlightData, base: Vehicle): void {
  const seconds = spans.reduce((sum, { from, end }) => sum + (end - from) / rateHz, 0);
  if (!velocity || seconds < FEWEST_SECONDS) return;
  const samples = flightSamples(flight, base.control_Hz, base.battery.nominal_V);
  const what = contradiction(measureFollowing(samples, base));
  if (what)
    throw new InputError(
      `${source}: motors: expected motion that follows the commands, but ${what}; look at the log's body frame and the order of its motors`,
    );
}
