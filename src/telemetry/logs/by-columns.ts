import { InputError } from '../../../envs/input-error.ts';
import { SeriesBuilder } from '../../episode/index.ts';
import type { Flight, TopicName } from '../flight.ts';
import { type ColumnMap, unitFactor } from './column-map.ts';
import { emptyFlight, type Importer, type LogFile, measureDuration } from './importer.ts';
import { joinFlights } from './join.ts';
import { checkMotorRange } from './motor-range.ts';
import {
  type Quaternion,
  quaternionFromAngles,
  rotate,
  toEnu,
  toEnuFromFlu,
  toEnuHeading,
  toFlu,
  type WorldFrame,
} from './rotations.ts';
import {
  cellNumber,
  cellsOf,
  type Fault,
  faultsText,
  findTable,
  isCut,
  secondsFromStart,
  type Stamp,
  splitStamp,
  type TextTable,
} from './table.ts';

/** Any table of text, read by a map of its columns. */
export function byColumns(map: ColumnMap): Importer {
  return {
    format: 'csv',
    reads: 'CSV with a map of its columns',
    detect: () => true,
    read: async (file) => ({ flight: joinFlights(readFlights(file, map)) }),
    readEach: async (file) => readFlights(file, map),
  };
}

const ROTORS = 4;

/** One topic as a map has it: its columns, and how to make ours of their numbers. */
interface Source {
  topic: TopicName;
  columns: string[];
  convert: (cells: number[]) => number[];
  onlyChanges?: boolean;
}

interface Rows {
  /** The numbers of each column that the map names, `[rows]`; NaN for an empty cell, infinite for one that is none. */
  columns: Map<string, number[]>;
  stamps: Stamp[];
  /** The line of each row in the file. */
  lines: number[];
  faults: Fault[];
  truncated: boolean;
}

function readFlights(file: LogFile, map: ColumnMap): Flight[] {
  const table = findTable(new TextDecoder().decode(file.bytes));
  if (!table) throw new InputError(`${file.path}: expected a header with the columns' names, found none`);
  const sources = sourcesOf(map);
  const names = [...new Set(sources.flatMap(({ columns }) => columns))];
  if (sources.length === 0)
    throw new InputError(`${file.path}: expected a map that names a topic, such as rates or motors`);
  checkHeader(table, [...names, ...(map.time.column === undefined ? [] : [map.time.column])], file);
  const rows = parseRows(table, names, map.time.column, file.truncated);
  const clamped = motorsClamped(rows, map, file);
  const pieces = map.time.restarts === 'flights' ? split(rows) : [[0, rows.lines.length]];
  if (rows.lines.length < 2 || pieces.length === 0)
    throw new InputError(`${file.path}: expected two or more rows below the header, found ${rows.lines.length}`);
  const flights = pieces.map(([from, to]) => flightOf(slice(rows, from, to), file, map, sources));
  rows.faults.push(...aloneFaults(rows, pieces as [number, number][]));
  if (flights.length > 1) for (const [i, flight] of flights.entries()) flight.name = `${file.name}#${i + 1}`;
  addFaults(flights, rows, file);
  if (clamped) flights[0].warnings.push(`${file.name}: ${clamped}`);
  if (flights.every(({ topics }) => Object.keys(topics).length === 0))
    throw new InputError(`${file.path}: expected numbers where the map says, found none: ${flights[0].warnings[0]}`);
  return flights;
}

function checkHeader({ header }: TextTable, names: string[], file: LogFile): void {
  for (const name of names) {
    const times = header.filter((each) => each === name).length;
    if (times === 0)
      throw new InputError(`${file.path}: column ${name}: expected as the map names it, not in the header`);
    if (times > 1)
      throw new InputError(`${file.path}: column ${name}: expected once in the header, found ${times} times`);
  }
}

function parseRows(
  { header, headerLine, lines, separator }: TextTable,
  names: string[],
  time: string | undefined,
  cut: boolean,
): Rows {
  const at = names.map((name) => header.indexOf(name));
  const timeAt = time === undefined ? -1 : header.indexOf(time);
  const numbers: number[][] = names.map(() => []);
  const rows: Rows = {
    columns: new Map(names.map((name, k) => [name, numbers[k]])),
    stamps: [],
    lines: [],
    faults: [],
    truncated: cut,
  };
  for (let i = headerLine; i < lines.length; i++) {
    if (lines[i].trim() === '') continue;
    const cells = cellsOf(lines[i], separator);
    // a file that ends with a newline has an empty last line
    if (i === lines.length - 1 && (cut || isCut(cells, header.length, cellsOf(lines[i - 1], separator))))
      rows.truncated = true;
    else if (cells.length !== header.length)
      rows.faults.push({ line: i + 1, kind: 'cells', why: `expected ${header.length} cells, found ${cells.length}` });
    else {
      rows.lines.push(i + 1);
      rows.stamps.push(timeAt < 0 ? { whole: rows.stamps.length, fraction: 0 } : stampOf(cells[timeAt], separator));
      for (let k = 0; k < at.length; k++) numbers[k].push(cellNumber(cells[at[k]], separator));
    }
  }
  return rows;
}

function stampOf(cell: string, separator: string): Stamp {
  return splitStamp(separator === ',' ? cell.trim() : cell.trim().replace(',', '.'));
}

function motorsClamped({ columns, lines }: Rows, { motors }: ColumnMap, { path }: LogFile): string | null {
  if (motors?.columns.length !== ROTORS) return null;
  return checkMotorRange(
    motors.columns.map((name) => columns.get(name)!),
    lines,
    motors.range,
    path,
  );
}

/** Where flights begin and end: each time that goes back begins one. Pieces of a single row are left out. */
function split({ stamps }: Rows): [number, number][] {
  const pieces: [number, number][] = [];
  let from = 0;
  for (let i = 1; i <= stamps.length; i++) {
    const back =
      i < stamps.length && stamps[i].whole + stamps[i].fraction < stamps[i - 1].whole + stamps[i - 1].fraction;
    if (i < stamps.length && !back) continue;
    if (i - from >= 2) pieces.push([from, i]);
    from = i;
  }
  return pieces;
}

function aloneFaults({ lines }: Rows, pieces: [number, number][]): Fault[] {
  const inside = (row: number) => pieces.some(([from, to]) => row >= from && row < to);
  return lines.flatMap((line, row) =>
    inside(row) ? [] : [{ line, kind: 'alone', why: 'expected a flight of two or more rows' }],
  );
}

function slice(rows: Rows, from: number, to: number): Rows {
  const columns = new Map([...rows.columns].map(([name, values]) => [name, values.slice(from, to)]));
  return { ...rows, columns, stamps: rows.stamps.slice(from, to), lines: rows.lines.slice(from, to), faults: [] };
}

function flightOf(rows: Rows, file: LogFile, map: ColumnMap, sources: Source[]): Flight {
  const unit = map.time.column === undefined ? 1 / map.time.rate_Hz! : unitFactor('time', map.time.unit);
  const { keep, time, start } = secondsFromStart(rows.stamps, unit);
  const flight = emptyFlight(file, 'csv');
  flight.vehicle = map.vehicle;
  flight.truncated ||= rows.truncated;
  const kept = rows.lines.flatMap((_, row) => (keep[row] ? [row] : []));
  if (kept.length === 0)
    throw new InputError(
      `${file.path}: column ${map.time.column}: expected times, found none in ${rows.lines.length} rows`,
    );
  for (const [row, line] of rows.lines.entries())
    if (!keep[row])
      rows.faults.push({ line, kind: 'time', why: `${map.time.column}: expected times that grow from row to row` });
  const builders = sources.map((source) => ({ source, builder: samplesOf(source, rows, kept, time) }));
  const zero = Math.min(...builders.map(({ builder }) => builder.first));
  for (const { source, builder } of builders) {
    if (builder.series.length > 0)
      flight.topics[source.topic] = builder.series.finish(Number.isFinite(zero) ? zero : 0);
    else flight.warnings.push(`${file.name}: no ${source.topic} (${source.columns.join(', ')}): no row with numbers`);
  }
  // a time of less than a year is the vehicle's own, not Unix time
  if (start > 3e7) flight.startUnixSeconds = start + zero;
  flight.droppedRows = rows.faults.length;
  flight.warnings.push(...faultsText(rows.faults).map((text) => `${file.name}: ${text}`), ...mapWarnings(map, file));
  if (map.motors && map.motors.columns.length !== ROTORS)
    flight.otherAirframe = `it has ${map.motors.columns.length} motors`;
  measureDuration(flight);
  return flight;
}

function mapWarnings({ attitude, position }: ColumnMap, { name }: LogFile): string[] {
  if (Boolean(attitude) === Boolean(position)) return [];
  const [there, lacking] = attitude ? ['attitude', 'position'] : ['position', 'attitude'];
  return [`${name}: the map names ${attitude ? 'an' : 'a'} ${there} but no ${lacking}, so there is no pose`];
}

function samplesOf({ topic, columns, convert, onlyChanges }: Source, rows: Rows, kept: number[], time: Float64Array) {
  const series = new SeriesBuilder(topic);
  const numbers = columns.map((name) => rows.columns.get(name)!);
  let [before, first] = [Number.NaN, Number.POSITIVE_INFINITY];
  for (const [i, row] of kept.entries()) {
    const cells = numbers.map((column) => column[row]);
    if (cells.every(Number.isNaN)) continue; // a topic slower than the table
    const news = !onlyChanges || cells[0] !== before;
    before = cells[0];
    if (!news) continue;
    if (series.push(time[i], convert(cells))) first = Math.min(first, time[i]);
    else rows.faults.push({ line: rows.lines[row], kind: topic, why: faultOf(columns, cells) });
  }
  return { series, first };
}

function faultOf(columns: string[], cells: number[]): string {
  const bad = cells.findIndex((cell) => !Number.isFinite(cell));
  return bad < 0 ? `${columns.join(', ')}: expected a rotation` : `${columns[bad]}: expected a number`;
}

/** Faults of whole rows belong to no flight in particular: the first tells them. */
function addFaults([first, ...others]: Flight[], { faults, truncated }: Rows, file: LogFile): void {
  if (truncated && !file.truncated)
    (others.at(-1) ?? first).warnings.push(`${file.name}: the last row is cut; read up to it`);
  first.warnings.push(...faultsText(faults).map((text) => `${file.name}: ${text}`));
  first.droppedRows += faults.length;
}

function sourcesOf(map: ColumnMap): Source[] {
  const sources: Source[] = [];
  const rotation = rotationOf(map);
  const { position, velocity, motors, battery, wrench } = map;
  if (position && rotation) {
    const place = vectorOf('length', position);
    const convert = (cells: number[]) => [
      ...toEnu(place(cells), position.frame ?? map.world),
      ...rotation.convert(cells.slice(3)),
    ];
    sources.push({ topic: 'pose', columns: [...position.columns, ...rotation.columns], convert });
  }
  if (velocity) sources.push(velocitySource(velocity, map, rotation));
  for (const topic of ['setpoint', 'velocity_setpoint'] as const) {
    const entry = map[topic];
    const make = entry && vectorOf(topic === 'setpoint' ? 'length' : 'speed', entry);
    if (make)
      sources.push({ topic, columns: entry.columns, convert: (cells) => toEnu(make(cells), entry.frame ?? map.world) });
  }
  for (const topic of ['rates', 'acceleration', 'rates_setpoint'] as const) {
    const entry = map[topic];
    const make = entry && vectorOf(topic === 'acceleration' ? 'acceleration' : 'rate', entry);
    if (make)
      sources.push({ topic, columns: entry.columns, convert: (cells) => toFlu(make(cells), entry.frame ?? map.body) });
  }
  if (motors?.columns.length === ROTORS)
    sources.push({ topic: 'motors', columns: motors.columns, convert: commands(motors.range) });
  if (battery) {
    const factor = unitFactor('voltage', battery.unit);
    sources.push({
      topic: 'battery',
      columns: [battery.column],
      convert: ([value]) => [value * factor],
      onlyChanges: battery.onlyChanges,
    });
  }
  if (map.yaw_setpoint) {
    const { column, unit, frame } = map.yaw_setpoint;
    const factor = unitFactor('angle', unit);
    sources.push({
      topic: 'yaw_setpoint',
      columns: [column],
      convert: ([yaw]) => [toEnuHeading(yaw * factor, frame ?? map.world)],
    });
  }
  if (wrench) {
    const convert = ([thrust, ...torques]: number[]) => [thrust, ...toFlu(torques, wrench.frame ?? map.body)];
    sources.push({ topic: 'wrench', columns: wrench.columns, convert });
  }
  return sources;
}

type Vector = { unit: string; signs: number[] };

function vectorOf(
  quantity: 'length' | 'speed' | 'rate' | 'acceleration',
  { unit, signs }: Vector,
): (cells: number[]) => number[] {
  const factor = unitFactor(quantity, unit);
  return (cells) => signs.map((sign, axis) => cells[axis] * factor * sign);
}

/** Each within 0 and 1; what is no number stays none. */
function commands([stop, full]: number[]): (cells: number[]) => number[] {
  return (cells) =>
    cells.map((cell) => (Number.isFinite(cell) ? Math.min(1, Math.max(0, (cell - stop) / (full - stop))) : cell));
}

interface Rotation {
  columns: string[];
  /** World from body, ENU from FLU. */
  convert: (cells: number[]) => Quaternion;
}

function rotationOf({ attitude, ...map }: ColumnMap): Rotation | null {
  if (!attitude) return null;
  const { quaternion, order, angles, unit, sequence, signs, takes } = attitude;
  const factor = unitFactor('angle', unit);
  const given = (cells: number[]): Quaternion => {
    if (angles)
      return quaternionFromAngles(
        signs.map((sign, axis) => cells[axis] * factor * sign),
        sequence,
      );
    const [x, y, z, w] = order === 'wxyz' ? [cells[1], cells[2], cells[3], cells[0]] : cells;
    return [x * signs[0], y * signs[1], z * signs[2], w];
  };
  const turned = ([x, y, z, w]: Quaternion): Quaternion => (takes === 'world to body' ? [-x, -y, -z, w] : [x, y, z, w]);
  const [world, body] = [attitude.world ?? map.world, attitude.body ?? map.body];
  return { columns: quaternion ?? angles!, convert: (cells) => toEnuFromFlu(turned(given(cells)), world, body) };
}

function velocitySource(
  { columns, unit, frame, signs }: NonNullable<ColumnMap['velocity']>,
  map: ColumnMap,
  rotation: Rotation | null,
): Source {
  const make = vectorOf('speed', { unit, signs });
  if (!rotation || frame === undefined || frame === 'ENU' || frame === 'NED')
    return {
      topic: 'velocity',
      columns,
      convert: (cells) => toEnu(make(cells), (frame as WorldFrame | undefined) ?? map.world),
    };
  const convert = (cells: number[]) => rotate(rotation.convert(cells.slice(3)), toFlu(make(cells), frame));
  return { topic: 'velocity', columns: [...columns, ...rotation.columns], convert };
}
