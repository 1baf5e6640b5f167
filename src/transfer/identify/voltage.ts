import type { Vehicle } from '../../../envs/vehicle.ts';
import type { FlightData } from './flight-data.ts';

/** Rest voltage and load, told apart. */
export interface VoltageFit {
  /** Voltage under load at each row of each flight, without the voltmeter's noise and hold. */
  voltage: Float64Array[];
  /** Drop at full thrust of all rotors [V], and its standard error; 0 and NaN where no log has a voltage. */
  sagAtFullThrust_V: number;
  standardError: number;
  /** Median loss of resting voltage in flight [V/s]. */
  drain_V_per_s: number;
}

/** Resting voltage is the mean over so many seconds on either side. */
const SMOOTH_SECONDS = 2;
const LAG_SECONDS = 0.05;
/** Without a look ahead: time constant of the resting voltage's mean. */
const FOLLOW_SECONDS = 0.5;

/**
 * Splits measured voltage into what the battery has at rest, which falls slowly, and what load takes away at once: a
 * regression on the motors' load, each flight and each moment with its own resting voltage.
 *
 * The voltmeter is slow, coarse and noisy, and its samples are held; rotors feel the voltage of the moment.
 *
 * @param exponent of the command curve, which makes loads of commands
 * @param nominal_V stands in where a log has no voltage
 */
export function fitVoltage(flights: FlightData[], exponent: number, nominal_V: number): VoltageFit {
  const loads = flights.map((flight) => loadOf(flight, exponent));
  let [across, along] = [0, 0];
  const scores: number[] = [];
  const detrended = flights.map((flight, f) => {
    const measured = flight.voltage;
    return measured && { v: fluctuation(measured, flight), l: fluctuation(loads[f], flight) };
  });
  flights.forEach((flight, f) => {
    const pair = detrended[f];
    if (!pair) return;
    for (const t of newSamples(flight)) {
      across += pair.l[t] * pair.v[t];
      along += pair.l[t] ** 2;
    }
  });
  const sag = along > 0 ? Math.max(0, -across / along) : 0;
  flights.forEach((flight, f) => {
    const pair = detrended[f];
    if (!pair) return;
    let score = 0;
    for (const t of newSamples(flight)) score += pair.l[t] * (pair.v[t] + sag * pair.l[t]);
    scores.push(score);
  });
  const n = scores.length;
  const spread = Math.sqrt(scores.reduce((sum, s) => sum + s * s, 0) * (n / Math.max(1, n - 1)));
  return {
    voltage: flights.map((flight, f) => underLoad(flight, loads[f], sag, nominal_V)),
    sagAtFullThrust_V: sag,
    standardError: n > 1 && along > 0 ? spread / along : Number.NaN,
    drain_V_per_s: drain(flights, loads, sag),
  };
}

/** Rows in the air at which the voltmeter has a new sample: held ones are older than the load beside them. */
function newSamples({ voltage, spans }: FlightData): number[] {
  const rows: number[] = [];
  for (const { from, end } of spans)
    for (let t = Math.max(1, from); t < end; t++) if (voltage![t] !== voltage![t - 1]) rows.push(t);
  return rows;
}

/** Mean thrust fraction of the motors as it follows the commands. */
function loadOf({ commands, rows, rateHz }: FlightData, exponent: number): Float64Array {
  const gain = 1 - Math.exp(-1 / (LAG_SECONDS * rateHz));
  const load = new Float64Array(rows);
  let last = Number.NaN;
  for (let t = 0; t < rows; t++) {
    let now = 0;
    for (const motor of commands) now += Math.max(0, motor[t]) ** exponent / 4;
    if (!Number.isFinite(now)) now = Number.isFinite(last) ? last : 0;
    last = Number.isFinite(last) ? last + gain * (now - last) : now;
    load[t] = last;
  }
  return load;
}

/** What is left of a column once its moving mean is taken off, in the air. */
function fluctuation(column: Float64Array, flight: FlightData): Float64Array {
  const out = new Float64Array(column.length);
  const smooth = movingMean(column, flight);
  for (const { from, end } of flight.spans) for (let t = from; t < end; t++) out[t] = column[t] - smooth[t];
  return out;
}

function movingMean(column: Float64Array, { spans, rateHz }: FlightData): Float64Array {
  const out = column.slice();
  const half = Math.round(SMOOTH_SECONDS * rateHz);
  for (const { from, end } of spans) {
    const sums = new Float64Array(end - from + 1);
    for (let t = from; t < end; t++) sums[t - from + 1] = sums[t - from] + column[t];
    for (let t = from; t < end; t++) {
      const reach = Math.min(half, t - from, end - 1 - t); // the same to both sides: a slope stays a slope
      out[t] = (sums[t + reach + 1 - from] - sums[t - reach - from]) / (2 * reach + 1);
    }
  }
  return out;
}

function underLoad(flight: FlightData, load: Float64Array, sag: number, nominal_V: number): Float64Array {
  const { voltage } = flight;
  if (!voltage) return new Float64Array(flight.rows).fill(nominal_V);
  const rest = movingMean(
    voltage.map((v, t) => v + sag * load[t]),
    flight,
  );
  return rest.map((v, t) => v - sag * load[t]);
}

/**
 * Voltage under load at each row by what was measured before it: the resting voltage that the last seconds show, less
 * what the load takes, by the vehicle file.
 */
export function predictedVoltage(flight: FlightData, { battery, command }: Vehicle): Float64Array {
  const { voltage, rows, rateHz } = flight;
  if (!voltage) return new Float64Array(rows).fill(battery.nominal_V);
  const load = loadOf(flight, command.exponent);
  const gain = 1 - Math.exp(-1 / (FOLLOW_SECONDS * rateHz));
  const sag = command.level * battery.sagAtFullThrust_V;
  let rest = voltage[0] + sag * load[0];
  return voltage.map((measured, t) => {
    rest += gain * (measured + sag * load[t] - rest);
    return rest - sag * load[t];
  });
}

function drain(flights: FlightData[], loads: Float64Array[], sag: number): number {
  const slopes = flights.flatMap(({ voltage, spans, rateHz }, f) => {
    if (!voltage || spans.length === 0) return [];
    const { from, end } = spans.reduce((a, b) => (b.end - b.from > a.end - a.from ? b : a));
    const n = end - from;
    let [tv, tt, mean] = [0, 0, 0];
    for (let t = from; t < end; t++) mean += (voltage[t] + sag * loads[f][t]) / n;
    for (let t = from; t < end; t++) {
      const time = (t - (from + end - 1) / 2) / rateHz;
      tv += time * (voltage[t] + sag * loads[f][t] - mean);
      tt += time * time;
    }
    return [-tv / tt];
  });
  const sorted = slopes.sort((a, b) => a - b);
  return Math.max(0, sorted[sorted.length >> 1] ?? 0);
}
