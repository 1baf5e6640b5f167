import type { TextTable } from './table.ts';
import { cellNumber, cellsOf } from './table.ts';

/**
 * Proposes a map for a table that nobody knows: columns by what people usually call them, units by what their names say
 * and by the size of the numbers. It is a guess to be corrected, which is why no command uses it unasked.
 */

/** Rows looked at: motors are off in the first of them. */
const MOST_ROWS = 20_000;

interface Column {
  /** As the header has it. */
  name: string;
  /** Lower case, words apart by `_`, without the unit. */
  plain: string;
  /** The unit that its name says: `[m/s]`, `(deg)`, `_mm`. */
  says: string;
  values: number[];
}

const AXES = ['x', 'y', 'z'];
/** Words of what is asked for, and of what is neither measured nor asked for. */
const ASKED =
  /(^|_)(setpoint|sp|ref|reference|target|ctrltarget|desired|des|cmd|command|user_defined|goal|demand)(_|$)/;
const NEITHER = /(^|_)(err|error|integral|derivative|proportional|term|cov|covariance|var|std|raw|bias)(_|$)/;

/** Usual names, `@` for the axis. */
const NAMES = {
  position: ['p@', 'pos_@', 'position_@', 'pos@', '@', 'loc_@'],
  velocity: ['v@', 'v_@', 'vel_@', 'velocity_@', 'vel@', 'speed_@', 'linear_velocity_@', 'twist_linear_@'],
  rates: [
    'gyro_@',
    'gyro@',
    'g@',
    'w@',
    'w_@',
    'omega_@',
    'omega@',
    'angular_velocity_@',
    'ang_vel_@',
    'rate_@',
    'twist_angular_@',
  ],
  acceleration: ['acc_@', 'acc@', 'accel_@', 'accel@', 'a@', 'a_@', 'linear_acceleration_@', 'acceleration_@', 'lina@'],
};
const SPELT_RATES = [
  ['roll_rate', 'pitch_rate', 'yaw_rate'],
  ['rollspeed', 'pitchspeed', 'yawspeed'],
  ['rollrate', 'pitchrate', 'yawrate'],
  ['p', 'q', 'r'],
];
/** Each way of naming vectors of the world after its directions, `@` for the direction's word or letter. */
const DIRECTIONS = {
  position: ['@', 'p@', 'p_@', 'pos_@', 'pos@', 'position_@'],
  velocity: ['v@', 'v_@', 'vel_@', 'vel@', 'velocity_@', 'speed_@'],
};
const NED = [
  ['north', 'east', 'down'],
  ['n', 'e', 'd'],
];
const ENU = [
  ['east', 'north', 'up'],
  ['e', 'n', 'u'],
];
const ANGLES = [
  ['roll', 'pitch', 'yaw'],
  ['phi', 'theta', 'psi'],
  ['roll', 'pitch', 'heading'],
];
const QUATERNIONS: [string[], string][] = [
  ...['q@', 'q_@', 'quat_@', 'quaternion_@', 'orientation_@', 'quat@'].map((p): [string[], string] => [
    ['x', 'y', 'z', 'w'].map((a) => p.replace('@', a)),
    'xyzw',
  ]),
  ...['q@', 'q_@', 'quat_@', 'quaternion_q@', 'quaternion_@', 'quat@'].map((p): [string[], string] => [
    ['0', '1', '2', '3'].map((a) => p.replace('@', a)),
    'wxyz',
  ]),
];
/** Names of motors' outputs, with `@` in place of the motor's number. */
const MOTOR = /motor|pwm|esc|rcou|servo|thr|(?:^|_)(?:m|u|out|output)_?@/;
const BATTERY = ['vbat', 'battery_voltage', 'voltage', 'bat_volt', 'batt_v', 'volt', 'battery', 'vbatt'];
const TIME = [
  't',
  'time',
  'timestamp',
  'current_time',
  'stamp',
  'sec',
  'seconds',
  'time_us',
  'timeus',
  'time_boot',
  'tick',
  'ticks',
];

/** The text of a map for this table, to be saved as `NAME.columns.yaml`; it is valid once a time column is in it. */
export function proposeColumns(table: TextTable, name: string): string {
  const columns = columnsOf(table);
  const frames = guessFrames(columns);
  const lines = [
    `# A map of the columns of ${name}, guessed from their names and numbers: correct it, and save it beside the log`,
    `# as ${name}.columns.yaml (or give it with --columns). Lines that end in CHECK are the likeliest to be wrong.`,
    `world: ${frames.world} # CHECK: ENU (z up) or NED (z down); a topic may name another with frame: …`,
    `body: ${frames.body} # CHECK: FLU (y to the left) or FRD (y to the right)`,
    timeLine(columns),
    ...topicLines(columns, false),
    ...motorLines(columns),
    ...batteryLines(columns),
    ...topicLines(columns, true),
    '',
    '# All columns, with a number from each:',
    ...columns.map(
      (column) => `#   ${quoted(column.name)}  ${column.values.find((v) => v !== 0) ?? column.values[0] ?? ''}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function columnsOf({ header, headerLine, lines, separator }: TextTable): Column[] {
  const rows = lines
    .slice(headerLine, headerLine + MOST_ROWS)
    .filter((line) => line.trim() !== '')
    .map((line) => cellsOf(line, separator));
  return header.flatMap((name, k) => {
    if (name === '') return [];
    const values = rows.map((cells) => cellNumber(cells[k] ?? '', separator)).filter(Number.isFinite);
    const says = /[[(]([^\])]*)[\])]\s*$/.exec(name)?.[1] ?? /_(deg|rad|mm|cm|ms|us|ns|mv|g)$/i.exec(name)?.[1] ?? '';
    const plain = name
      .replace(/[[(][^\])]*[\])]\s*$/, '')
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase();
    return [{ name, says: says.toLowerCase(), plain: plain.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, ''), values }];
  });
}

/**
 * The columns of these names, or of names that end in them after one and the same stem: exact ones before others, an
 * early way of naming before a later one.
 */
function findAll(columns: Column[], ways: string[][], asked: boolean): Column[] | null {
  const able = columns.filter(({ plain }) => ASKED.test(plain) === asked && !NEITHER.test(plain));
  for (const way of ways) {
    const found = way.map((want) => able.find(({ plain }) => plain === want));
    if (found.every((column) => column !== undefined)) return found;
  }
  for (const way of ways)
    for (const { plain } of able.filter(({ plain }) => plain.endsWith(`_${way[0]}`))) {
      const stem = plain.slice(0, plain.length - way[0].length);
      const found = way.map((want) => able.find((column) => column.plain === `${stem}${want}`));
      if (found.every((column) => column !== undefined)) return found;
    }
  return null;
}

const axes = (ways: string[]) => ways.map((way) => AXES.map((axis) => way.replace('@', axis)));
const directions = (ways: string[], worlds: string[][]) =>
  worlds.flatMap((world) => ways.map((way) => world.map((direction) => way.replace('@', direction))));

/** The names that say velocity, rates or acceleration: a bare axis at their end is no position. */
const MOVING = [
  ...axes([...NAMES.velocity, ...NAMES.rates, ...NAMES.acceleration]),
  ...directions(DIRECTIONS.velocity, [...NED, ...ENU]),
].flat();

/** The columns of a vector of the world, by its axes or its directions. */
function findInWorld(columns: Column[], topic: 'position' | 'velocity', asked: boolean): Column[] | null {
  const says = ({ plain }: Column) => MOVING.some((name) => plain === name || plain.endsWith(`_${name}`));
  const able = topic === 'position' ? columns.filter((column) => !says(column)) : columns;
  return findAll(able, [...axes(NAMES[topic]), ...directions(DIRECTIONS[topic], [...NED, ...ENU])], asked);
}

function topicLines(columns: Column[], asked: boolean): string[] {
  const suffix = asked ? '_setpoint' : '';
  const lines: string[] = [];
  const add = (topic: string, found: Column[] | null, unit: string) => {
    if (found)
      lines.push(
        `${topic}: { columns: [${found.map(({ name }) => quoted(name)).join(', ')}], unit: ${unit} }${checkNote(found)}`,
      );
  };
  const position = findInWorld(columns, 'position', asked);
  add(asked ? 'setpoint' : 'position', position, lengthUnit(position));
  if (!asked) lines.push(...attitudeLines(columns));
  const velocity = findInWorld(columns, 'velocity', asked);
  add(`velocity${suffix}`, velocity, velocity?.[0].says === 'mm/s' ? 'mm/s' : 'm/s');
  const rates = findAll(columns, [...axes(NAMES.rates), ...SPELT_RATES], asked);
  add(`rates${suffix}`, rates, rates ? `${angleUnit(rates, 40)}/s` : '');
  if (asked) return lines;
  const acceleration = findAll(columns, axes(NAMES.acceleration), false);
  add('acceleration', acceleration, accelerationUnit(acceleration));
  return lines;
}

function attitudeLines(columns: Column[]): string[] {
  for (const [way, order] of QUATERNIONS) {
    const found = findAll(columns, [way], false);
    if (found)
      return [`attitude: { quaternion: [${found.map(({ name }) => quoted(name)).join(', ')}], order: ${order} }`];
  }
  const found = findAll(columns, ANGLES, false);
  if (!found) return [];
  return [
    `attitude: { angles: [${found.map(({ name }) => quoted(name)).join(', ')}], unit: ${angleUnit(found, 7)}, sequence: zyx }${checkNote(found)}`,
  ];
}

function motorLines(columns: Column[]): string[] {
  for (const found of numberedGroups(columns)) {
    const named = found.map(({ name }) => quoted(name)).join(', ');
    if (largest(found) > 0)
      return [`motors: { columns: [${named}], range: [${motorRange(found)}] } # CHECK: [stop, full]`];
  }
  return [];
}

/** Columns of motors whose names differ in a number alone, counted from 0 or 1: three or more of them. */
function numberedGroups(columns: Column[]): Column[][] {
  const groups = new Map<string, Map<number, Column>>();
  for (const column of columns)
    for (const { 0: digits, index } of column.plain.matchAll(/\d+/g)) {
      const pattern = `${column.plain.slice(0, index)}@${column.plain.slice(index + digits.length)}`;
      if (!MOTOR.test(pattern) || ASKED.test(pattern) || NEITHER.test(pattern) || /^n/.test(column.says)) continue;
      const group = groups.get(pattern) ?? new Map<number, Column>();
      groups.set(pattern, group.set(Number(digits), column));
    }
  return [...groups.values()].flatMap((group) => {
    const first = group.has(0) ? 0 : 1;
    const run: Column[] = [];
    for (let n = first; group.has(n); n++) run.push(group.get(n)!);
    return run.length >= 3 ? [run] : [];
  });
}

function batteryLines(columns: Column[]): string[] {
  const found = findAll(
    columns,
    BATTERY.map((name) => [name]),
    false,
  )?.[0];
  if (!found) return [];
  return [
    `battery: { column: ${quoted(found.name)}, unit: ${found.says === 'mv' || largest([found]) > 100 ? 'mV' : 'V'}, onlyChanges: true }`,
  ];
}

function timeLine(columns: Column[]): string {
  const growing = columns.filter(
    ({ values }) =>
      values.length > 1 && values.every((v, i) => i === 0 || v >= values[i - 1]) && values[0] < values.at(-1)!,
  );
  const named = TIME.map(
    (name) => growing.find(({ plain }) => plain === name) ?? growing.find(({ plain }) => plain.endsWith(`_${name}`)),
  ).find(Boolean);
  const column =
    named ??
    growing.find(({ plain }) => plain.includes('time')) ??
    columns.find(({ plain }) => /(^|_)times?(_|$)|stamp/.test(plain));
  if (!column) return 'time: { rate_Hz: 100 } # CHECK: no column of times was found; or { column: NAME, unit: s }';
  return `time: { column: ${quoted(column.name)}, unit: ${timeUnit(column)} }${growing.includes(column) ? '' : ' # CHECK: it goes back; restarts: flights makes each time that does another flight'}`;
}

function timeUnit({ says, values }: Column): string {
  if (['s', 'ms', 'us', 'ns'].includes(says)) return says;
  const steps = values
    .slice(1)
    .map((value, i) => value - values[i])
    .filter((step) => step > 0)
    .sort((a, b) => a - b);
  const step = steps[steps.length >> 1] ?? 0;
  // from 1 kHz to 2 Hz these do not overlap
  return step < 0.6 ? 's' : step < 600 ? 'ms' : step < 600_000 ? 'us' : 'ns';
}

function guessFrames(columns: Column[]): { world: string; body: string } {
  const up = findAll(columns, axes(NAMES.acceleration), false)?.[2];
  const height = findInWorld(columns, 'position', false)?.[2];
  const below = height
    ? Math.min(...height.values) < -0.5 && largest([height]) > 0 && Math.max(...height.values) < 0.5
    : false;
  const vectors = [findInWorld(columns, 'position', false), findInWorld(columns, 'velocity', false)];
  const [down, upwards] = [/(^|_)(p|pos|v|vel)?(d|down)$/, /(^|_)(p|pos|v|vel)?(u|up)$/].map((name) =>
    vectors.some((found) => found && name.test(found[2].plain)),
  );
  const body = below || (up ? mean(up.values) < 0 : down) ? 'FRD' : 'FLU';
  if (down || upwards) return { world: down ? 'NED' : 'ENU', body };
  return { world: below || (body === 'FRD' && !height) ? 'NED' : 'ENU', body };
}

function lengthUnit(found: Column[] | null): string {
  if (found && ['m', 'cm', 'mm'].includes(found[0].says)) return found[0].says;
  return found && largest(found) > 200 ? 'mm' : 'm';
}

/** Nobody turns further than `mostRadians` by radians. */
function angleUnit(found: Column[], mostRadians: number): string {
  if (/^(deg|°)/.test(found[0].says)) return 'deg';
  if (/^rad/.test(found[0].says)) return 'rad';
  return largest(found) > mostRadians ? 'deg' : 'rad';
}

function accelerationUnit(found: Column[] | null): string {
  if (!found) return '';
  if (['g', 'mg'].includes(found[0].says)) return found[0].says;
  const size = Math.abs(mean(found[2].values));
  return size > 300 ? 'mg' : size < 3 ? 'g' : 'm/s2';
}

function motorRange(found: Column[]): string {
  const most = largest(found);
  if (most <= 1) return '0, 1';
  if (most <= 100) return '0, 100';
  if (most > 2500) return '0, 65535';
  return most > 1000 && Math.min(...found.map(({ values }) => Math.min(...values))) >= 800 ? '1000, 2000' : '0, 2000';
}

function checkNote(found: Column[]): string {
  return found[0].says === '' ? ' # CHECK the unit' : '';
}

function largest(found: Column[]): number {
  return found.reduce((most, { values }) => values.reduce((high, value) => Math.max(high, Math.abs(value)), most), 0);
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** A name as YAML wants it. */
function quoted(name: string): string {
  return /^[A-Za-z_][\w./-]*$/.test(name) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(name)
    ? name
    : JSON.stringify(name);
}
