import { InputError } from '../../../envs/input-error.ts';
import { SeriesBuilder } from '../../episode/index.ts';
import type { Flight, TopicName } from '../flight.ts';
import { type BlackboxSession, decodeBlackbox, isBlackbox, setting } from './blackbox-decode.ts';
import {
  emptyFlight,
  type Importer,
  type LogFile,
  measureDuration,
  RADIANS_PER_DEGREE,
  STANDARD_GRAVITY,
} from './importer.ts';

/**
 * Betaflight's blackbox. Its gyro and setpoints are right-handed about nose, left and up, as ours are: positive pitch is nose down,
 * positive yaw to the left.
 */
export const blackbox: Importer = {
  format: 'blackbox',
  reads: 'Betaflight blackbox',
  detect: isBlackbox,
  read: async (file) => ({ flight: longest(readSessions(file)) }),
  readEach: async (file) => readSessions(file),
};

const ROTORS = 4;
/** A session shorter than this is a vehicle that was armed by mistake [s]. */
const SHORTEST = 1;
/** Of `motorOutput`, where it is not logged. */
const PWM_RANGE = [1000, 2000];

function readSessions(file: LogFile): Flight[] {
  const sessions = decodeBlackbox(file.bytes);
  const flights = sessions.flatMap((session) => flightOf(session, file, sessions.length));
  const flown = flights.filter(({ durationSeconds }) => durationSeconds >= SHORTEST);
  if (flights.length === 0)
    throw new InputError(`${file.path}: expected frames behind the blackbox's headers, found none`);
  return flown.length > 0 ? flown : [longest(flights)];
}

/** One for many: a summary is of one flight. */
function longest(flights: Flight[]): Flight {
  const best = flights.reduce((a, b) => (b.durationSeconds > a.durationSeconds ? b : a));
  if (flights.length === 1) return best;
  const seconds = flights.map(({ name, durationSeconds }) => `${name} ${durationSeconds.toFixed(1)} s`);
  const shown = seconds.length > 12 ? [...seconds.slice(0, 12), '…'] : seconds;
  const warning = `${best.name}: the longest of ${flights.length} sessions (${shown.join(', ')})`;
  return { ...best, warnings: [warning, ...best.warnings] };
}

function flightOf(session: BlackboxSession, file: LogFile, sessions: number): Flight[] {
  const micros = session.columns[session.fields.indexOf('time')] ?? [];
  if (micros.length < 2) return [];
  const flight = emptyFlight(file, 'blackbox');
  if (sessions > 1) flight.name = `${file.name}#${session.number}`;
  const { headers, truncated, dropped } = session;
  flight.truncated ||= truncated;
  flight.droppedRows = dropped;
  flight.vehicle = [headers.get('Firmware revision') ?? 'Betaflight', headers.get('Craft name')]
    .filter(Boolean)
    .join(', ');
  const motors = session.fields.filter((name) => /^motor\[\d+\]$/.test(name)).length;
  if (motors !== ROTORS) flight.otherAirframe = `it has ${motors} motors`;
  if (truncated) flight.warnings.push(`${flight.name}: ends without its end event; read as far as it goes`);
  if (dropped > 0) flight.warnings.push(`${flight.name}: ${dropped} times bytes that are no frame; read around`);
  fillTopics(flight, session, secondsOf(micros));
  flight.startUnixSeconds = startOf(session);
  measureDuration(flight);
  return [flight];
}

/** Since the first frame; the clock has 32 bits of µs and begins anew after 71 minutes. */
function secondsOf(micros: number[]): number[] {
  let turns = 0;
  return micros.map((time, i) => {
    if (i > 0 && micros[i - 1] - time > 2 ** 31) turns++;
    return (time - micros[0] + turns * 2 ** 32) / 1e6;
  });
}

function startOf({ headers }: BlackboxSession): number | undefined {
  const start = Date.parse(headers.get('Log start datetime') ?? '') / 1000;
  return start > 1e9 ? start : undefined; // a board without a clock says year 0
}

interface Source {
  topic: TopicName;
  fields: string[];
  convert: (values: number[]) => number[];
}

const indexed = (name: string, count: number) => Array.from({ length: count }, (_, k) => `${name}[${k}]`);
const scaled = (factor: number) => (values: number[]) => values.map((value) => value * factor);

function fillTopics(flight: Flight, session: BlackboxSession, time: number[]): void {
  for (const { topic, fields, convert } of sourcesOf(session, flight)) {
    if (flight.topics[topic]) continue;
    const columns = fields.map((name) => session.columns[session.fields.indexOf(name)]);
    if (!columns.every((column) => column !== undefined)) continue;
    const builder = new SeriesBuilder(topic);
    let before = Number.NaN;
    for (let i = 0; i < time.length; i++) {
      const values = convert(columns.map((column) => column[i]));
      // the battery is measured at its own pace, and repeated
      if (topic !== 'battery' || values[0] !== before) builder.push(time[i], values);
      before = values[0];
    }
    if (builder.length > 0) flight.topics[topic] = builder.finish();
    flight.droppedRows += builder.dropped;
  }
}

function sourcesOf(session: BlackboxSession, { otherAirframe }: Flight): Source[] {
  const tenths = setting(session, 'blackbox_high_resolution') > 0 ? 0.1 : 1;
  const gyro = scaled(gyroScale(session) * tenths);
  const sources: Source[] = [
    { topic: 'rates', fields: indexed('gyroADC', 3), convert: gyro },
    { topic: 'rates_setpoint', fields: indexed('setpoint', 3), convert: scaled(RADIANS_PER_DEGREE * tenths) },
    { topic: 'battery', fields: ['vbatLatest'], convert: scaled(batteryUnit(session)) },
    { topic: 'battery', fields: ['vbat'], convert: scaled(batteryUnit(session)) },
  ];
  const perG = setting(session, 'acc_1G');
  const acceleration = scaled(STANDARD_GRAVITY / perG);
  if (perG > 0) sources.push({ topic: 'acceleration', fields: indexed('accSmooth', 3), convert: acceleration });
  const [low, high] = motorRange(session);
  const command = (value: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));
  if (!otherAirframe)
    sources.push({ topic: 'motors', fields: indexed('motor', ROTORS), convert: (values) => values.map(command) });
  return sources;
}

/** Betaflight logs degrees/s a step, its ancestors radians/µs: the bits of a float, in hexadecimal. */
function gyroScale({ headers }: BlackboxSession): number {
  const bits = Number(headers.get('gyro_scale') ?? headers.get('gyro.scale') ?? '0x3f800000');
  const value = new Float32Array(Uint32Array.of(bits).buffer)[0];
  return value > 1e-4 ? value * RADIANS_PER_DEGREE : value * 1e6;
}

/** Hundredths of a volt, or tenths in older firmware: the limits of a cell are told in the same. */
function batteryUnit({ headers }: BlackboxSession): number {
  const full = Number(headers.get('vbatcellvoltage')?.split(',')[2] ?? 430);
  return full > 100 ? 1e-2 : 1e-1;
}

function motorRange(session: BlackboxSession): number[] {
  const range = session.headers.get('motorOutput')?.split(',').map(Number);
  if (range?.length === 2 && range[1] > range[0]) return range;
  const [low, high] = [setting(session, 'minthrottle'), setting(session, 'maxthrottle')];
  return high > low ? [low, high] : PWM_RANGE;
}
