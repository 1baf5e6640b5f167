import { createHash } from 'node:crypto';
import { InputError } from '../../../envs/input-error.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import { GRAVITY } from '../../../envs/weight.ts';
import type { Flight } from '../../telemetry/flight.ts';
import { type Balance, fitBalance } from './balance.ts';
import { type Centre, type Motion, vehicleOf } from './candidate.ts';
import { checkFlight } from './check-flight.ts';
import { inCommands } from './commands.ts';
import { type Excitation, excitationOf } from './excitation.ts';
import { FIT_ITERATIONS, fitMotion } from './fit.ts';
import { type FlightData, flightData } from './flight-data.ts';
import type { Listening } from './innovations.ts';
import { intervalsOf } from './intervals.ts';
import { startOf } from './parameters.ts';
import { Replay } from './replay.ts';
import type { Look } from './residuals.ts';
import { type Combination, combinations, type Evidence, type Refused, type Stated, statements } from './statements.ts';
import { type FlightTrim, trimOf } from './trims.ts';
import { fitVoltage } from './voltage.ts';
import { windowsOf } from './windows.ts';

/** What flights tell of the vehicle that flew them. */
export interface Identification {
  /** The vehicle file, with the flights' numbers in place of those that they determine, and what they leave open. */
  vehicle: Vehicle;
  /** Motor command and voltage at which thrust and gains are stated: the middle of the data. */
  centre: Centre;
  parameters: Stated[];
  refused: Refused[];
  combinations: Combination[];
  flights: FlightTrim[];
  /** About x, y and z. */
  excitation: Excitation[];
  windows: { translation: number; rotation: number };
  warnings: string[];
}

/** Told of each step of a fit: how many of `total` are done. */
export type OnProgress = (done: number, total: number) => void;

/** Translation over half a second, rotation over a tenth: longer ones would credit the vehicle with what the controller does. */
const TRANSLATION_SECONDS = 0.5;
const ROTATION_SECONDS = 0.6;
/** Of these, so many serve to foretell the rest. */
const MEMORY_SECONDS = 0.2;
/** How much a flight shows of rotation is judged by a tenth of a second. */
const EXCITATION_SECONDS = 0.1;
const MOST_WINDOWS = { translation: 1500, rotation: 1200, excitation: 5000 };

/**
 * Fits a vehicle to its flights, through the simulator's own model.
 *
 * Rotation is fitted on short windows in each of which a constant torque is free: over longer ones a flight under
 * feedback rewards a wrong vehicle, since the controller's corrections cancel what caused them. Translation follows the
 * logged attitude. What these flights cannot tell stays as the vehicle file has it, and is refused with the manoeuvre
 * that would tell it.
 *
 * @param file the vehicle file that the fit begins at: mass, arms, sensors and the rest
 * @param onProgress called at each step, since a fit to many flights takes a minute
 * @throws InputError when no flight has rates and motor commands in the air, or one is plainly another vehicle's
 */
export function identify(given: Flight[], file: Vehicle, onProgress: OnProgress = () => {}): Identification {
  const { flights, base, notes } = inCommands(given, file);
  const total = flights.length + FIT_ITERATIONS;
  const { data, warnings } = prepare(flights, base, (done) => onProgress(done, total));
  warnings.unshift(...notes);
  const rough = fitVoltage(data, base.command.exponent, base.battery.nominal_V);
  const centre = centreOf(data, rough.voltage);
  const replay = new Replay(data, rough.voltage);
  const start = startOf(base, centre, GRAVITY);
  const { translation, rotation, excited } = looks(data, base);
  const fit = fitMotion({ replay, flights: data, base, centre, start, translation, rotation }, (done) =>
    onProgress(flights.length + done, total),
  );
  const fitted = vehicleOf(base, fit.motion, centre);
  const balance = fitBalance(replay, data, fitted, fit.motion);
  const excitation = excitationOf(replay, data, base, fit.motion, centre, excited);
  const voltage = fitVoltage(data, fit.motion.commandExponent, base.battery.nominal_V);
  const hasTranslation = translation.windows.length > 0;
  const evidence: Evidence = {
    fit,
    balance,
    voltage,
    excitation,
    centre,
    base,
    translation: hasTranslation,
    flights: data.length,
    metered: data.filter((flight) => flight.voltage).length,
  };
  const { stated, refused } = statements(evidence);
  const motion = settled(fit.motion, balance, start, stated);
  const trims = data.map((flight, f) => trimOf(flight, fit, balance, f, motion, base, centre));
  const vehicle = withBattery(vehicleOf(base, motion, centre), voltage, stated);
  return {
    vehicle: { ...vehicle, intervals: intervalsOf(stated, motion, trims, vehicle) },
    centre,
    parameters: stated,
    refused,
    combinations: combinations(refused),
    flights: trims,
    excitation,
    windows: { translation: translation.windows.length, rotation: rotation.windows.length },
    warnings,
  };
}

/** Flights on the physics grid, each once; those that cannot serve are left out with a warning. */
function prepare(
  flights: Flight[],
  base: Vehicle,
  onFlight: (done: number) => void,
): { data: FlightData[]; warnings: string[] } {
  const data: FlightData[] = [];
  const warnings: string[] = [];
  const seen = new Map<string, string>();
  const late: Measured[] = [];
  const jumpy: Measured[] = [];
  for (const [done, flight] of flights.entries()) {
    onFlight(done);
    const hash = contentOf(flight);
    const same = seen.get(hash);
    if (same !== undefined) {
      warnings.push(`${flight.name} holds the same data as ${same}: left out`);
      continue;
    }
    seen.set(hash, flight.name);
    const prepared = flightData(flight, base);
    if (prepared.spans.length > 0) checkFlight(flight, prepared, base);
    if (prepared.clockSpread_s > 0) late.push({ name: flight.name, value: 2000 * prepared.clockSpread_s });
    if (prepared.jumps > 0.01) jumpy.push({ name: flight.name, value: 100 * prepared.jumps });
    if (prepared.spans.length > 0) data.push(prepared);
    else warnings.push(`${flight.name}: no second in the air with every motor on: left out`);
  }
  if (data.length === 0)
    throw new InputError(
      `${flights.map(({ source }) => source).join(', ') || 'flights'}: expected at least one flight with every motor on for a second, found none`,
    );
  if (late.length > 0)
    warnings.push(
      `${namesOf(late)}: rates and motors run up to some ${rangeOf(late)} ms off the pose's clock, and not steadily: they were put on it`,
    );
  if (jumpy.length > 0)
    warnings.push(
      `${namesOf(jumpy)}: the attitude jumps off what the gyro says in ${rangeOf(jumpy)} % of the samples: bridged by the gyro`,
    );
  return { data, warnings };
}

/** What was seen in a flight, by name. */
interface Measured {
  name: string;
  value: number;
}

/** The flight, or how many there are and which has most: two dozen names say less. */
function namesOf(seen: Measured[]): string {
  if (seen.length === 1) return seen[0].name;
  const most = seen.reduce((a, b) => (b.value > a.value ? b : a));
  return `${seen.length} flights, most in ${most.name}`;
}

function rangeOf(seen: Measured[]): string {
  const values = seen.map(({ value }) => Math.round(value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

function contentOf(flight: Flight): string {
  const hash = createHash('sha256');
  for (const topic of ['rates', 'motors'] as const)
    for (const { buffer, byteOffset, byteLength } of flight.topics[topic]?.columns ?? [])
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}

/** Mean command and voltage in the air. */
function centreOf(flights: FlightData[], voltage: Float64Array[]): Centre {
  let [command, volts, n] = [0, 0, 0];
  flights.forEach(({ spans, commands }, f) => {
    for (const { from, end } of spans)
      for (let t = from; t < end; t++, n++) {
        for (const motor of commands) command += motor[t] / 4;
        volts += voltage[f][t];
      }
  });
  return { command: command / n, voltage_V: volts / n };
}

function looks(flights: FlightData[], base: Vehicle): { translation: Look; rotation: Listening; excited: Look } {
  const stride = Math.max(1, Math.round(base.physics_Hz / base.control_Hz));
  const rows = (seconds: number) => stride * Math.round((seconds * base.physics_Hz) / stride);
  const [long, turn, short] = [rows(TRANSLATION_SECONDS), rows(ROTATION_SECONDS), rows(EXCITATION_SECONDS)];
  const memory = rows(MEMORY_SECONDS);
  const posed = windowsOf(flights, long, long, Number.POSITIVE_INFINITY).filter(
    ({ flight }) => flights[flight].velocity,
  );
  return {
    translation: { windows: thinned(posed, MOST_WINDOWS.translation), steps: long, stride, degrees: [1, 3] },
    rotation: {
      windows: windowsOf(flights, turn, turn - memory, MOST_WINDOWS.rotation),
      steps: turn,
      stride,
      memory: memory / stride,
    },
    excited: {
      windows: windowsOf(flights, short, short, MOST_WINDOWS.excitation),
      steps: short,
      stride,
      degrees: [2, 4],
    },
  };
}

function thinned<T>(items: T[], most: number): T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, k) => items[Math.floor((k * items.length) / most)]);
}

/** The fitted motion, but the vehicle file's where flights don't tell. */
function settled(fitted: Motion, balance: Balance, start: Motion, stated: Stated[]): Motion {
  const told = new Set(stated.map(({ name }) => name));
  const motion = { ...fitted, velocityMoment_s_per_m: balance.velocityMoment_s_per_m };
  for (const name of Object.keys(motion) as (keyof Motion)[])
    if (!told.has(name) && name !== 'lag_s' && name !== 'latency_s') motion[name] = start[name];
  if (told.has('lag_s')) return { ...motion, latency_s: Math.max(0, motion.latency_s) };
  if (!told.has('lagPlusLatency_s')) return { ...motion, lag_s: start.lag_s, latency_s: start.latency_s };
  // untold, but the sum is: split as fits best
  const latency_s = Math.max(0, fitted.latency_s);
  return { ...motion, lag_s: Math.max(0, fitted.lag_s + fitted.latency_s - latency_s), latency_s };
}

function withBattery(
  vehicle: Vehicle,
  voltage: { sagAtFullThrust_V: number; drain_V_per_s: number },
  stated: Stated[],
) {
  if (!stated.some(({ name }) => name === 'sagAtFullThrust_V')) return vehicle;
  const battery = {
    ...vehicle.battery,
    sagAtFullThrust_V: voltage.sagAtFullThrust_V,
    drainAtHover_V_per_s: voltage.drain_V_per_s,
  };
  return { ...vehicle, battery };
}
