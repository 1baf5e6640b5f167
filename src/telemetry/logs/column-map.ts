import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../../../envs/input-error.ts';
import { parseYaml } from '../../../envs/yaml.ts';
import { RADIANS_PER_DEGREE, STANDARD_GRAVITY } from './importer.ts';

/**
 * What a table's columns mean: which make which topic, in which units and frames. People write it in YAML.
 *
 * The keys are the topics of `flight.ts`, but for the pose, which is a position and an attitude.
 */

/** Units by what is measured, each as how many of ours it is. */
export const UNITS = {
  time: { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 },
  length: { m: 1, cm: 1e-2, mm: 1e-3 },
  speed: { 'm/s': 1, 'cm/s': 1e-2, 'mm/s': 1e-3, 'km/h': 1 / 3.6 },
  angle: { rad: 1, mrad: 1e-3, deg: RADIANS_PER_DEGREE },
  rate: { 'rad/s': 1, 'mrad/s': 1e-3, 'deg/s': RADIANS_PER_DEGREE },
  acceleration: { 'm/s2': 1, 'cm/s2': 1e-2, g: STANDARD_GRAVITY, mg: 1e-3 * STANDARD_GRAVITY },
  voltage: { V: 1, mV: 1e-3 },
} as const;

type Quantity = keyof typeof UNITS;

const unit = <Q extends Quantity>(quantity: Q) => z.enum(Object.keys(UNITS[quantity]) as [string, ...string[]]);
/** YAML takes a column called 3 for a number. */
const column = z.union([z.string(), z.number()], 'expected a column’s name').transform(String);
/** Columns of one topic, each named once. */
const apart = (columns: string[]) => new Set(columns).size === columns.length;
const three = z.tuple([column, column, column]).refine(apart, 'expected each column once');
const four = z.tuple([column, column, column, column]).refine(apart, 'expected each column once');
const sign = z.union([z.literal(1), z.literal(-1)], 'expected 1 or -1');
/** Turns single axes round, where a log does not keep to its frame. */
const signs = z.tuple([sign, sign, sign]).default([1, 1, 1]);
const world = z.enum(['ENU', 'NED']);
const body = z.enum(['FLU', 'FRD']);

const inWorld = (quantity: Quantity) =>
  z.strictObject({ columns: three, unit: unit(quantity), frame: world.optional(), signs });
const inBody = (quantity: Quantity) =>
  z.strictObject({ columns: three, unit: unit(quantity), frame: body.optional(), signs });

const time = z
  .strictObject({
    column: column.optional(),
    unit: unit('time').optional(),
    /** For a table without times: rows a second. */
    rate_Hz: z.number().positive().optional(),
    /** What a time that goes back means: damage, or that another flight begins. */
    restarts: z.enum(['flights']).optional(),
  })
  .superRefine(({ column, unit, rate_Hz }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (column === undefined && rate_Hz === undefined) wrong('column', 'expected a column, or rate_Hz without one');
    if (column !== undefined && rate_Hz !== undefined) wrong('rate_Hz', 'expected none beside a column of times');
    if (column !== undefined && unit === undefined) wrong('unit', 'expected s or ms or us or ns');
  });

const attitude = z
  .strictObject({
    quaternion: four.optional(),
    /** Whether the columns of the quaternion begin or end with its scalar. */
    order: z.enum(['wxyz', 'xyzw']).optional(),
    /** About x, y and z: roll, pitch and yaw. */
    angles: three.optional(),
    unit: unit('angle').optional(),
    /** Axes of the body that it turns about, one after the other. */
    sequence: z.enum(['zyx', 'zxy', 'yzx', 'yxz', 'xyz', 'xzy']).default('zyx'),
    signs,
    /** The rotation takes vectors of the body to the world, or the other way round. */
    takes: z.enum(['body to world', 'world to body']).default('body to world'),
    world: world.optional(),
    body: body.optional(),
  })
  .superRefine(({ quaternion, order, angles, unit }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (!quaternion && !angles) wrong('quaternion', 'expected four columns, or angles in three');
    if (quaternion && angles) wrong('angles', 'expected none beside a quaternion');
    if (quaternion && !order) wrong('order', 'expected wxyz or xyzw');
    if (angles && !unit) wrong('unit', 'expected rad or mrad or deg');
  });

const motors = z.strictObject({
  columns: z.array(column).min(1).max(16).refine(apart, 'expected each column once'),
  /** Output of a motor that stands still, and of one at full command. */
  range: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, 'expected [stop, full], the lower first'),
});

const columnMapSchema = z
  .strictObject({
    vehicle: z.string().min(1).optional(),
    /** Frames of all topics, but for those that name another. */
    world: world.default('ENU'),
    body: body.default('FLU'),
    time,
    position: inWorld('length').optional(),
    attitude: attitude.optional(),
    velocity: z
      .strictObject({
        columns: three,
        unit: unit('speed'),
        frame: z.enum([...world.options, ...body.options]).optional(),
        signs,
      })
      .optional(),
    rates: inBody('rate').optional(),
    acceleration: inBody('acceleration').optional(),
    motors: motors.optional(),
    /** `onlyChanges`: the table repeats a slower measurement, so that only a change is one. */
    battery: z.strictObject({ column, unit: unit('voltage'), onlyChanges: z.boolean().default(false) }).optional(),
    setpoint: inWorld('length').optional(),
    yaw_setpoint: z.strictObject({ column, unit: unit('angle'), frame: world.optional() }).optional(),
    velocity_setpoint: inWorld('speed').optional(),
    rates_setpoint: inBody('rate').optional(),
    /** Thrust [N], positive against gravity in hover, and torques [N·m]. */
    wrench: z.strictObject({ columns: four, frame: body.optional() }).optional(),
  })
  .superRefine(({ velocity, attitude }, context) => {
    if (!attitude && body.options.some((frame) => frame === velocity?.frame))
      context.addIssue({
        code: 'custom',
        path: ['velocity', 'frame'],
        message: 'expected ENU or NED, since there is no attitude to turn it by',
      });
  });

export type ColumnMap = z.output<typeof columnMapSchema>;

/** How many of ours one of a unit is; 1 where none is named. */
export function unitFactor(quantity: Quantity, name: string | undefined): number {
  return (UNITS[quantity] as Record<string, number>)[name ?? ''] ?? 1;
}

/**
 * Checks a map as people write it.
 *
 * @throws InputError naming file, field, what was expected and what was found
 */
export function parseColumnMap(text: string, file: string): ColumnMap {
  return parseYaml(columnMapSchema, text, file);
}

/** @throws InputError when there is no such file, or it is no map */
export async function readColumnMap(path: string): Promise<ColumnMap> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(
      `${path}: expected a map of columns, ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  return parseColumnMap(text, path);
}

/** The map that lies beside a log: `flight.columns.yaml` for `flight.csv` or `flight.csv.gz`; null where there is none. */
export async function columnMapBeside(path: string): Promise<ColumnMap | null> {
  for (const file of mapsBeside(path)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    // an empty one is the shell's, made for the proposal that is being written into it
    if (text.trim() !== '') return parseColumnMap(text, file);
  }
  return null;
}

/** Names of the map of one log, the likeliest first. */
export function mapsBeside(path: string): string[] {
  const plain = path.replace(/\.gz$/i, '');
  return [...new Set([plain.replace(/\.[^./\\]+$/, ''), plain, path])].map((name) => `${name}.columns.yaml`);
}
