import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { InputError } from '../../../envs/input-error.ts';
import { SeriesBuilder } from '../../episode/index.ts';
import type { Flight } from '../flight.ts';
import { type Decoded, decodeUsdLog, isUsdLog, type UsdEvent } from './cfusdlog-decode.ts';
import { findSource, SOURCES, type Source } from './cfusdlog-variables.ts';
import { emptyFlight, type Importer, type LogFile, measureDuration } from './importer.ts';

/** The Crazyflie firmware's SD-card log: whatever variables its configuration names, mapped to topics by name. */
export const cfusdlog: Importer = {
  format: 'cfusdlog',
  reads: 'Crazyflie SD-card log (cfusdlog)',
  detect: isUsdLog,
  read: async (file) => ({ flight: await readUsdLog(file) }),
};

async function readUsdLog(file: LogFile): Promise<Flight> {
  const log = decodeUsdLog(file.bytes, file.path);
  const flight = emptyFlight(file, 'cfusdlog');
  flight.truncated ||= log.truncated;
  flight.droppedRows = log.dropped;
  flight.warnings.push(...log.warnings.map((warning) => `${file.name}: ${warning}`));
  const rows = log.events.reduce((sum, event) => sum + event.time.length, 0);
  if (rows < 2) throw new InputError(`${file.path}: expected records behind the header, found ${rows}`);
  fillTopics(flight, log);
  if (Object.keys(flight.topics).length === 0)
    throw new InputError(`${file.path}: expected variables such as stateEstimateZ.x or motor.m1, ${numbersIn(log)}`);
  measureDuration(flight);
  flight.vehicle = await vehicleBeside(file, flight);
  return flight;
}

function numbersIn(log: Decoded): string {
  return `found ${log.events.flatMap((event) => event.variables.map(({ name }) => name)).join(', ')}`;
}

function fillTopics(flight: Flight, log: Decoded): void {
  const zero = Math.min(...log.events.map((event) => event.time[0] ?? Number.POSITIVE_INFINITY));
  for (const topic of Object.keys(SOURCES) as (keyof typeof SOURCES)[]) {
    const found = findSource(topic, log.events);
    if (!found) continue;
    const builder = new SeriesBuilder(topic);
    addSamples(builder, found.source, found.event, found.at);
    flight.droppedRows += builder.dropped;
    if (builder.length > 0) flight.topics[topic] = builder.finish(zero);
    else flight.warnings.push(`${flight.name}: ${found.source.names.join(', ')}: no row with numbers`);
  }
}

function addSamples(builder: SeriesBuilder, source: Source, event: UsdEvent, at: number[]): void {
  const onlyChanges = source.onlyChanges === true;
  let before = Number.NaN;
  event.time.forEach((time, row) => {
    const values = source.convert(at.map((column) => event.columns[column][row]));
    if (!onlyChanges || values[0] !== before) builder.push(time, values);
    before = values[0];
  });
}

/** crazyswarm2 keeps `info104.yaml` beside `log104` and its repeats `log104_2`. */
async function vehicleBeside(file: LogFile, flight: Flight): Promise<string> {
  const number = /^log(\d+)/.exec(file.name)?.[1];
  const path = join(dirname(file.path), `info${number}.yaml`);
  const text = number === undefined ? null : await readFile(path, 'utf8').catch(() => null);
  if (text === null) return 'Crazyflie';
  try {
    const info = parse(text) as Record<string, unknown> | null;
    const parts = [info?.motors, info?.propellers].filter((part) => typeof part === 'string');
    return ['Crazyflie', ...parts].join(', ');
  } catch {
    flight.warnings.push(`${path}: expected YAML; read without it`);
    return 'Crazyflie';
  }
}
