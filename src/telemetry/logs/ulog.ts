import type { ParsedMessage } from '@foxglove/ulog';
import { InputError } from '../../../envs/input-error.ts';
import { SeriesBuilder } from '../../episode/index.ts';
import { type Flight, TOPIC_NAMES, type TopicName } from '../flight.ts';
import {
  DEAD_RECKONING,
  emptyFlight,
  type Importer,
  type LogFile,
  measureDuration,
  type RawTopic,
  type ReadLog,
  type TimedValues,
} from './importer.ts';
import { enuFromNed, fluFromFrd } from './rotations.ts';
import { decodeUlog, isUlog, type UlogContents, type UlogTopic } from './ulog-decode.ts';
import { motorSource } from './ulog-motors.ts';
import { poseSamples } from './ulog-pose.ts';

/** PX4's log. NED and FRD become ENU and FLU here. */
export const ulog: Importer = {
  format: 'ulog',
  reads: 'PX4 ULog',
  detect: isUlog,
  read: async (file) => readUlog(file),
};

/** Topics last published before the log began turn up in it with their old time; a second's leeway for those at the edge. */
const BEFORE_START_S = 1;

function readUlog(file: LogFile): ReadLog {
  const log = decodeUlog(file.bytes, file.path);
  const flight = emptyFlight(file, 'ulog');
  flight.truncated ||= log.truncated;
  flight.droppedRows = log.dropped;
  flight.vehicle = `PX4 ${String(log.information.get('ver_hw') ?? '')}`.trim();
  flight.warnings.push(...[...log.warnings, ...remarks(log)].map((text) => `${file.name}: ${text}`));
  if (!log.topics.some((topic) => topic.time.length > 0))
    throw new InputError(`${file.path}: expected logged data behind the ULog header, found none`);
  fillTopics(flight, log);
  measureDuration(flight);
  return { flight, raw: log.topics.filter((topic) => topic.time.length > 0).map(rawTopic) };
}

function fillTopics(flight: Flight, log: UlogContents): void {
  const builders = new Map<TopicName, SeriesBuilder>();
  let zero = Number.POSITIVE_INFINITY;
  for (const name of TOPIC_NAMES) {
    const builder = new SeriesBuilder(name);
    for (const { time, values } of samplesOf(name, log, flight)) {
      if (time < log.startSeconds - BEFORE_START_S) continue;
      if (builder.push(time, values)) zero = Math.min(zero, time);
    }
    if (builder.length > 0) builders.set(name, builder);
    if (!QUIET.has(name)) flight.droppedRows += builder.dropped;
  }
  for (const [name, builder] of builders) flight.topics[name] = builder.finish(zero);
  const unix = unixOffset(log);
  if (unix !== null && Number.isFinite(zero)) flight.startUnixSeconds = unix + zero;
}

/** Setpoints are not a number on purpose: an axis that nobody asks anything of. */
const QUIET = new Set<TopicName>(['setpoint', 'yaw_setpoint', 'velocity_setpoint', 'rates_setpoint']);

function samplesOf(name: TopicName, log: UlogContents, flight: Flight): Iterable<TimedValues> {
  if (name === 'pose') return poseSamples(find(log, 'vehicle_attitude'), find(log, 'vehicle_local_position'));
  if (name === 'motors') {
    const source = motorSource(log);
    if (source?.guessed) flight.warnings.push(`${flight.name}: motors are ${source.from}`);
    return source?.samples ?? [];
  }
  for (const { topic, convert, sampled } of SOURCES[name] ?? []) {
    const found = find(log, topic);
    if (found && convert(found.message(0)) !== null) return convertAll(found, convert, sampled === true);
  }
  return [];
}

interface UlogSource {
  topic: string;
  /** The topic's columns out of a message, or null where this firmware's message has no such fields. */
  convert: (message: ParsedMessage) => ArrayLike<number> | null;
  /** Use the time of measurement, where it is logged, instead of that of publication. */
  sampled?: boolean;
}

const vector = (m: ParsedMessage, ...names: string[]): number[] | null => {
  const values = names.map((name) => m[name]);
  return values.every((value) => typeof value === 'number') ? (values as number[]) : null;
};
const array = (m: ParsedMessage, name: string): number[] | null =>
  Array.isArray(m[name]) ? (m[name] as number[]) : null;
const optional = <A, B>(value: A | null, then: (value: A) => B): B | null => (value === null ? null : then(value));
/** Heading from north clockwise → from east counter-clockwise, within ±π. */
const headingFromNed = ([yaw]: number[]) => [Math.atan2(Math.cos(yaw), Math.sin(yaw))];

const SOURCES: Partial<Record<TopicName, UlogSource[]>> = {
  velocity: [
    {
      topic: 'vehicle_local_position',
      convert: (m) => optional(vector(m, 'vx', 'vy', 'vz'), enuFromNed),
      sampled: true,
    },
  ],
  rates: [
    { topic: 'vehicle_angular_velocity', convert: (m) => optional(array(m, 'xyz'), fluFromFrd), sampled: true },
    {
      topic: 'vehicle_attitude',
      convert: (m) => optional(vector(m, 'rollspeed', 'pitchspeed', 'yawspeed'), fluFromFrd),
    },
    { topic: 'sensor_combined', convert: (m) => optional(array(m, 'gyro_rad'), fluFromFrd) },
  ],
  acceleration: [
    { topic: 'sensor_combined', convert: (m) => optional(array(m, 'accelerometer_m_s2'), fluFromFrd) },
    { topic: 'vehicle_acceleration', convert: (m) => optional(array(m, 'xyz'), fluFromFrd), sampled: true },
  ],
  battery: [{ topic: 'battery_status', convert: (m) => vector(m, 'voltage_filtered_v') ?? vector(m, 'voltage_v') }],
  setpoint: [
    { topic: 'vehicle_local_position_setpoint', convert: (m) => optional(vector(m, 'x', 'y', 'z'), enuFromNed) },
  ],
  yaw_setpoint: [
    { topic: 'vehicle_local_position_setpoint', convert: (m) => optional(vector(m, 'yaw'), headingFromNed) },
  ],
  velocity_setpoint: [
    { topic: 'vehicle_local_position_setpoint', convert: (m) => optional(vector(m, 'vx', 'vy', 'vz'), enuFromNed) },
  ],
  rates_setpoint: [
    { topic: 'vehicle_rates_setpoint', convert: (m) => optional(vector(m, 'roll', 'pitch', 'yaw'), fluFromFrd) },
  ],
};

function* convertAll(topic: UlogTopic, convert: UlogSource['convert'], sampled: boolean): Generator<TimedValues> {
  for (let i = 0; i < topic.time.length; i++) {
    const message = topic.message(i);
    const measured =
      sampled && typeof message.timestamp_sample === 'bigint' ? Number(message.timestamp_sample) / 1e6 : 0;
    yield { time: measured > 0 ? measured : topic.time[i], values: convert(message) ?? [] };
  }
}

/** The first instance of a topic that has messages. */
function find(log: UlogContents, name: string): UlogTopic | undefined {
  return log.topics.find((topic) => topic.name === name && topic.time.length > 0);
}

function remarks(log: UlogContents): string[] {
  const position = find(log, 'vehicle_local_position');
  const status = find(log, 'vehicle_status');
  return [...positionRemarks(position), ...(status ? statusRemarks(status) : [])];
}

function positionRemarks(topic: UlogTopic | undefined): string[] {
  if (!topic) return [];
  const messages = topic.time.map((_, i) => topic.message(i));
  const reckoned = messages.filter((m) => m.xy_valid === false || m.dead_reckoning === true).length;
  const percent = Math.round((100 * reckoned) / messages.length);
  if (percent === 0) return [];
  return [`position and velocity are ${DEAD_RECKONING} in ${percent} % of the log (xy_valid 0): they wander off`];
}

function statusRemarks(topic: UlogTopic): string[] {
  const messages = topic.time.map((_, i) => topic.message(i));
  const remarksFound: string[] = [];
  if (!messages.some((m) => m.arming_state === ARMED)) remarksFound.push('the vehicle was never armed');
  if (messages.some((m) => m.is_vtol === true)) remarksFound.push('the vehicle is a VTOL, not a quadrotor');
  return remarksFound;
}

/** vehicle_status.ARMING_STATE_ARMED. */
const ARMED = 2;

/** Unix time of the vehicle's clock zero, from GPS [s]; null without a fix. */
function unixOffset(log: UlogContents): number | null {
  const gps = find(log, 'vehicle_gps_position') ?? find(log, 'sensor_gps');
  for (let i = 0; gps && i < gps.time.length; i++) {
    const utc = gps.message(i).time_utc_usec;
    if (typeof utc === 'bigint' && utc > 0n) return Number(utc) / 1e6 - gps.time[i];
  }
  return null;
}

function rawTopic({ name, multiId, time }: UlogTopic): RawTopic {
  return { name: multiId === 0 ? name : `${name}#${multiId}`, time: Float64Array.from(time).sort() };
}
