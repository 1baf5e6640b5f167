import { InputError } from '../../../envs/input-error.ts';
import { SeriesBuilder } from '../../episode/index.ts';
import type { Flight, TopicName } from '../flight.ts';
import {
  emptyFlight,
  type Importer,
  type LogFile,
  measureDuration,
  RADIANS_PER_DEGREE,
  STANDARD_GRAVITY,
} from './importer.ts';
import {
  type Fault,
  faultsText,
  firstLine,
  isCut,
  type Stamp,
  secondsFromStart,
  splitHeader,
  splitStamp,
} from './table.ts';

/**
 * NanoBench's table of a Crazyflie 2.1 under motion capture: one row each 10 ms, all topics in it.
 *
 * Frames are ENU and FLU already. Motor values are PWM of 65535. The heading asked for is in degrees, unlike its
 * `yaw`: it follows the firmware's `ctrltarget.yaw`.
 */
export const nanobench: Importer = {
  format: 'nanobench-csv',
  reads: 'NanoBench CSV',
  detect: (head) => recognised(firstLine(head)),
  read: async (file) => ({ flight: readTable(file) }),
};

interface Source {
  topic: TopicName;
  columns: string[];
  scale: number;
  /** A table without it is refused; without the others it is read and a warning says so. */
  needed: boolean;
}

const xyz = (prefix: string) => ['x', 'y', 'z'].map((axis) => `${prefix}${axis}`);

const SOURCES: Source[] = [
  { topic: 'pose', columns: ['px', 'py', 'pz', 'qx', 'qy', 'qz', 'qw'], scale: 1, needed: true },
  { topic: 'velocity', columns: xyz('v'), scale: 1, needed: true },
  { topic: 'rates', columns: xyz('imu_gyro_'), scale: 1, needed: true },
  { topic: 'motors', columns: [1, 2, 3, 4].map((n) => `motor_motor_m${n}`), scale: 1 / 65535, needed: true },
  { topic: 'acceleration', columns: xyz('imu_acc_'), scale: STANDARD_GRAVITY, needed: false },
  { topic: 'battery', columns: ['pwr_pm_vbat'], scale: 1, needed: false },
  { topic: 'setpoint', columns: xyz('sp_ctrltarget_'), scale: 1, needed: false },
  { topic: 'yaw_setpoint', columns: ['sp_ctrltarget_yaw'], scale: RADIANS_PER_DEGREE, needed: false },
];

/** The needed columns that name a NanoBench table; half of them will do, so that a lost one can be named. */
const MARKS = SOURCES.filter((source) => source.needed).flatMap((source) => source.columns);

interface Table {
  /** Seconds since the first row. */
  time: Float64Array;
  startUnixSeconds: number;
  /** Values `[rows][columns of the header]`. */
  rows: number[][];
  /** Rows with the right number of cells, whether or not their time could be used. */
  stamps: number;
  /** The line of each row in the file; the header's is 1. */
  lines: number[];
  faults: Fault[];
  truncated: boolean;
}

function readTable(file: LogFile): Flight {
  const lines = new TextDecoder().decode(file.bytes).split(/\r?\n/);
  const header = splitHeader(lines[0]);
  const sources = presentSources(header, file);
  const table = parseRows(lines, header, file.truncated);
  if (table.stamps > 0 && table.rows.length === 0)
    throw new InputError(`${file.path}: column t: expected seconds, found none in ${table.stamps} rows`);
  if (table.rows.length < 2)
    throw new InputError(
      `${file.path}: expected two or more rows of numbers below the header, found ${table.rows.length}`,
    );
  const flight = emptyFlight(file, 'nanobench-csv');
  flight.vehicle = 'Crazyflie 2.1';
  if (table.truncated && !file.truncated) flight.warnings.push(`${file.name}: the last row is cut; read up to it`);
  flight.truncated ||= table.truncated;
  fillTopics(flight, file, header, sources, table);
  measureDuration(flight);
  return flight;
}

function presentSources(header: string[], file: LogFile): Source[] {
  return SOURCES.filter((source) => {
    const missing = source.columns.filter((column) => !header.includes(column));
    if (!header.includes('t')) missing.unshift('t');
    if (source.needed && missing.length > 0)
      throw new InputError(`${file.path}: column ${missing[0]}: expected in a NanoBench table, not in its header`);
    return missing.length === 0;
  });
}

function parseRows(lines: string[], header: string[], cut: boolean): Table {
  const last = lines.length - 1; // empty when the file ends with a newline
  const stamps: Stamp[] = [];
  const rows: number[][] = [];
  const at: number[] = [];
  const faults: Fault[] = [];
  const timeColumn = header.indexOf('t');
  let truncated = cut;
  for (let i = 1; i <= last; i++) {
    if (lines[i] === '') continue;
    const cells = lines[i].split(',');
    if (i === last && (cut || isCut(cells, header.length, lines[i - 1].split(',')))) truncated = true;
    else if (cells.length !== header.length)
      faults.push({ line: i + 1, kind: 'cells', why: `expected ${header.length} cells, found ${cells.length}` });
    else {
      at.push(i + 1);
      stamps.push(splitStamp(cells[timeColumn]));
      rows.push(cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell))));
    }
  }
  const counted = countFromStart(stamps, rows, at);
  return { ...counted, faults: [...faults, ...counted.faults], stamps: stamps.length, truncated };
}

/** Times since the first row that is in order; rows whose time is not a number or goes back are dropped. */
function countFromStart(stamps: Stamp[], rows: number[][], at: number[]) {
  const { keep, time, start } = secondsFromStart(stamps);
  const why = 't: expected seconds that grow from row to row';
  const faults = at.filter((_, i) => !keep[i]).map((line): Fault => ({ line, kind: 'time', why }));
  const kept = { rows: rows.filter((_, i) => keep[i]), lines: at.filter((_, i) => keep[i]) };
  return { time, startUnixSeconds: start, ...kept, faults };
}

function fillTopics(flight: Flight, file: LogFile, header: string[], sources: Source[], table: Table): void {
  const usable = sources.filter((source) => hasNumbers(source, file, header, table));
  const needed = usable.filter((source) => source.needed).flatMap((source) => indices(source, header));
  const good = table.rows.map((row) => needed.every((c) => Number.isFinite(row[c])));
  if (good.filter(Boolean).length < 2)
    throw new InputError(`${file.path}: expected rows with a number in every needed column, found none`);
  const first = good.indexOf(true);
  const faults = [...table.faults, ...valueFaults(table, good, needed, header)];
  let dropped = faults.length;
  for (const source of usable) {
    const builder = new SeriesBuilder(source.topic);
    addRows(builder, source, indices(source, header), table, good, table.time[first]);
    if (builder.length > 0) flight.topics[source.topic] = builder.finish();
    dropped += builder.dropped;
  }
  for (const { topic, columns, needed } of SOURCES)
    if (!needed && !flight.topics[topic]) flight.warnings.push(`${file.name}: no ${topic} (${columns.join(', ')})`);
  flight.warnings.push(...faultsText(faults).map((text) => `${file.name}: ${text}`));
  flight.droppedRows = dropped;
  flight.startUnixSeconds = table.startUnixSeconds + table.time[first];
}

function valueFaults({ rows, lines }: Table, good: boolean[], needed: number[], header: string[]): Fault[] {
  return rows.flatMap((row, i) => {
    if (good[i]) return [];
    const lacking = needed.find((c) => !Number.isFinite(row[c]))!;
    return [{ line: lines[i], kind: 'value', why: `${header[lacking]}: expected a number` }];
  });
}

function addRows(builder: SeriesBuilder, source: Source, at: number[], table: Table, good: boolean[], zero: number) {
  let before = Number.NaN;
  table.rows.forEach((row, i) => {
    const values = at.map((c) => row[c] * source.scale);
    // The battery is measured at its own pace and filled forward: only a change is a measurement.
    const news = source.topic !== 'battery' || values[0] !== before;
    if (good[i] && news && values.every(Number.isFinite)) builder.push(table.time[i] - zero, values);
    before = values[0];
  });
}

/** Whether each column of the source has a number somewhere; for a needed one, an error says which has not. */
function hasNumbers(source: Source, file: LogFile, header: string[], table: Table): boolean {
  const empty = source.columns.find((column) => {
    const c = header.indexOf(column);
    return !table.rows.some((row) => Number.isFinite(row[c]));
  });
  if (empty !== undefined && source.needed)
    throw new InputError(`${file.path}: column ${empty}: expected numbers, found none in ${table.rows.length} rows`);
  return empty === undefined;
}

function indices(source: Source, header: string[]): number[] {
  return source.columns.map((column) => header.indexOf(column));
}

function recognised(line: string): boolean {
  const header = splitHeader(line);
  return MARKS.filter((mark) => header.includes(mark)).length >= MARKS.length / 2;
}
