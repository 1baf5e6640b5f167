import { InputError } from '../../../envs/input-error.ts';
import { SeriesBuilder } from '../../episode/index.ts';
import { type Flight, TOPIC_NAMES, type TopicName } from '../flight.ts';
import { localPlane } from './geodetic.ts';
import {
  emptyFlight,
  type Importer,
  type LogFile,
  measureDuration,
  type RawTopic,
  type ReadLog,
  STANDARD_GRAVITY,
  type TimedValues,
} from './importer.ts';
import { MESSAGES } from './mavlink-messages.ts';
import { posesBetween } from './poses.ts';
import {
  enuFluFromNedFrd,
  enuFromNed,
  fluFromFrd,
  quaternionFromAngles,
  toEnuFromFlu,
  toEnuHeading,
} from './rotations.ts';
import { tlogTimes } from './tlog-clock.ts';
import { decodeTlog, isTlog, type TlogFrame } from './tlog-decode.ts';

/** A ground station's log of MAVLink telemetry. NED and FRD, degrees × 10⁷ and milli-g become ENU, FLU and ours here. */
export const tlog: Importer = {
  format: 'tlog',
  reads: 'MAVLink telemetry log',
  detect: isTlog,
  read: async (file) => readTlog(file),
};

const HEARTBEAT = 0;
const PARAM_VALUE = 22;
const GLOBAL_POSITION = 33;
const STATUSTEXT = 253;
const ROTORS = 4;
const PWM_RANGE = [1000, 2000];
/** Ground stations call themselves so. */
const GROUND_STATION = 255;
/** Longest hole between two positions that is bridged by a straight line [s]: they come once to four times a second. */
const LONGEST_BRIDGE = 2.5;

/** What flies, by HEARTBEAT.type: https://mavlink.io/en/messages/minimal.html#MAV_TYPE */
const QUADROTOR = 2;
const OTHERS: Record<number, string> = {
  ...{
    1: 'it is a fixed-wing aircraft',
    3: 'it is a coaxial helicopter',
    4: 'it is a helicopter',
    7: 'it is an airship',
  },
  ...{ 10: 'it is a ground vehicle', 11: 'it is a boat', 12: 'it is a submarine' },
  ...{
    13: 'it has 6 motors',
    14: 'it has 8 motors',
    15: 'it has 3 motors',
    29: 'it has 12 motors',
    35: 'it has 10 motors',
  },
};
const VTOLS = [19, 20, 21, 22, 23, 24, 25];
const AUTOPILOTS: Record<number, string> = { 3: 'ArduPilot', 12: 'PX4' };

interface Own {
  frames: TlogFrame[];
  /** Unix time of each [s]. */
  time: Float64Array;
  parameters: Map<string, number>;
}

function readTlog(file: LogFile): ReadLog {
  const log = decodeTlog(file.bytes, file.path);
  const flight = emptyFlight(file, 'tlog');
  const own = vehicleOf(log.frames);
  if (own.frames.length === 0)
    throw new InputError(`${file.path}: expected frames of a vehicle, found a ground station's only`);
  flight.truncated ||= log.truncated;
  flight.droppedRows = log.dropped;
  Object.assign(flight, whatFlies(own));
  if (log.truncated && !file.truncated) flight.warnings.push(`${file.name}: ends inside a frame; read up to it`);
  if (log.dropped > 0)
    flight.warnings.push(
      `${file.name}: ${log.dropped} times bytes that are no frame, or a wrong checksum; read around`,
    );
  if (countsUpwards(own)) turnClimb(own, flight);
  fillTopics(flight, own);
  measureDuration(flight);
  return { flight, raw: rawTopics(own) };
}

/** The frames of the system that tells its attitude most often. */
function vehicleOf(all: readonly TlogFrame[]): Own {
  const counts = new Map<number, number>();
  for (const { system, message } of all)
    if (system !== GROUND_STATION)
      counts.set(system, (counts.get(system) ?? 0) + (message === 30 || message === 31 ? 1e6 : 1));
  const [vehicle] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [-1];
  const frames = all.filter(({ system }) => system === vehicle);
  const parameters = new Map(
    frames.flatMap(({ message, payload }) =>
      message === PARAM_VALUE ? [[textOf(payload, 8, 16), payload.getFloat32(0, true)] as const] : [],
    ),
  );
  return { frames, time: tlogTimes(frames), parameters };
}

function textOf({ buffer }: DataView, at: number, length: number): string {
  const text = new Uint8Array(buffer).subarray(at, at + length);
  const end = text.indexOf(0);
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end)).trim();
}

function whatFlies({ frames }: Own): Pick<Flight, 'vehicle' | 'otherAirframe'> {
  const said = frames.flatMap(({ message, payload }) => (message === STATUSTEXT ? [textOf(payload, 1, 50)] : []));
  const beat = frames.find(({ message, payload }) => message === HEARTBEAT && payload.getUint8(4) > 0)?.payload;
  const autopilot = AUTOPILOTS[beat?.getUint8(5) ?? 0] ?? 'MAVLink vehicle';
  const type = beat?.getUint8(4) ?? QUADROTOR;
  const otherAirframe = VTOLS.includes(type) ? 'it is a VTOL' : OTHERS[type];
  return { vehicle: said.find((text) => /^Ardu\w+ V|^APM:\w+ V/.test(text)) ?? autopilot, otherAirframe };
}

function rawTopics({ frames, time }: Own): RawTopic[] {
  const times = new Map<number, number[]>();
  frames.forEach(({ message }, i) => {
    const list = times.get(message);
    if (list) list.push(time[i]);
    else times.set(message, [time[i]]);
  });
  return [...times].map(([id, list]) => ({
    name: MESSAGES[id]?.name ?? `message ${id}`,
    time: Float64Array.from(list).sort(),
  }));
}

/** Makes a topic of a message; null where the message does not tell it. */
interface Source {
  message: number;
  convert: (payload: DataView) => ArrayLike<number> | null;
}

const floatsAt = (payload: DataView, at: number, count = 3) =>
  Array.from({ length: count }, (_, k) => payload.getFloat32(at + 4 * k, true));
const shortsAt = (payload: DataView, at: number) => [0, 2, 4].map((k) => payload.getInt16(at + k, true));
const scaled = (values: number[], factor: number) => values.map((value) => value * factor);

const ATTITUDE: Source[] = [
  { message: 31, convert: (p) => enuFluFromNedFrd(floatsAt(p, 4, 4)) },
  { message: 30, convert: (p) => toEnuFromFlu(quaternionFromAngles(floatsAt(p, 4), 'zyx'), 'NED', 'FRD') },
];
const SOURCES: Partial<Record<TopicName, Source[]>> = {
  velocity: [
    { message: 32, convert: (p) => enuFromNed(floatsAt(p, 16)) },
    { message: GLOBAL_POSITION, convert: (p) => (hasFix(p) ? enuFromNed(scaled(shortsAt(p, 20), 1e-2)) : null) },
  ],
  rates: [
    { message: 31, convert: (p) => fluFromFrd(floatsAt(p, 20)) },
    { message: 30, convert: (p) => fluFromFrd(floatsAt(p, 16)) },
  ],
  acceleration: [
    { message: 105, convert: (p) => fluFromFrd(floatsAt(p, 8)) },
    { message: 26, convert: (p) => fluFromFrd(scaled(shortsAt(p, 4), 1e-3 * STANDARD_GRAVITY)) },
    // raw by its name; ArduPilot and PX4 send milli-g
    { message: 27, convert: (p) => fluFromFrd(scaled(shortsAt(p, 8), 1e-3 * STANDARD_GRAVITY)) },
  ],
  // 65535 where it is not measured
  battery: [
    { message: 1, convert: (p) => (p.getUint16(14, true) % 0xffff === 0 ? null : [p.getUint16(14, true) / 1e3]) },
  ],
  setpoint: [{ message: 85, convert: (p) => (masked(p, 0b111) ? null : enuFromNed(floatsAt(p, 4))) }],
  velocity_setpoint: [{ message: 85, convert: (p) => (masked(p, 0b111_000) ? null : enuFromNed(floatsAt(p, 16))) }],
  yaw_setpoint: [
    { message: 85, convert: (p) => (masked(p, 1 << 10) ? null : [toEnuHeading(p.getFloat32(40, true), 'NED')]) },
  ],
  rates_setpoint: [{ message: 83, convert: (p) => (p.getUint8(36) & 0b111 ? null : fluFromFrd(floatsAt(p, 20))) }],
};

/** Latitude and longitude are zero before the first fix. */
function hasFix(payload: DataView): boolean {
  return payload.getInt32(4, true) !== 0 || payload.getInt32(8, true) !== 0;
}

/**
 * Whether the vertical speed of GLOBAL_POSITION_INT goes with the height, as ArduPilot's did for years: the specification has
 * it downwards.
 */
function countsUpwards({ frames, time }: Own): boolean {
  let [sum, before] = [0, -1];
  for (const [i, { message, payload }] of frames.entries()) {
    if (message !== GLOBAL_POSITION) continue;
    const climbed = before < 0 ? 0 : payload.getInt32(16, true) - frames[before].payload.getInt32(16, true);
    if (before >= 0 && time[i] - time[before] < LONGEST_BRIDGE) sum += climbed * payload.getInt16(24, true);
    before = i;
  }
  return sum > 0;
}

function turnClimb({ frames }: Own, flight: Flight): void {
  for (const { message, payload } of frames)
    if (message === GLOBAL_POSITION) payload.setInt16(24, -payload.getInt16(24, true), true);
  flight.warnings.push(
    `${flight.name}: GLOBAL_POSITION_INT.vz goes with the height, against the specification; turned round`,
  );
}

/** Whether POSITION_TARGET says of any of these that it asks for none. */
function masked(payload: DataView, bits: number): boolean {
  return (payload.getUint16(48, true) & bits) !== 0;
}

function fillTopics(flight: Flight, own: Own): void {
  const samples: Partial<Record<TopicName, Iterable<TimedValues>>> = {
    pose: posesOf(own),
    motors: motorsOf(own, flight),
  };
  const builders = new Map<TopicName, SeriesBuilder>();
  let zero = Number.POSITIVE_INFINITY;
  for (const topic of TOPIC_NAMES) {
    const builder = new SeriesBuilder(topic);
    for (const { time, values } of samples[topic] ?? most(own, SOURCES[topic] ?? []))
      if (builder.push(time, values)) zero = Math.min(zero, time);
    if (builder.length > 0) builders.set(topic, builder);
  }
  // what shares its time with the one before was sent twice, and is no loss
  for (const [topic, builder] of builders) flight.topics[topic] = builder.finish(zero);
  if (Number.isFinite(zero)) flight.startUnixSeconds = zero;
}

function take({ frames, time }: Own, { message, convert }: Source): TimedValues[] {
  return frames.flatMap((frame, i) => {
    const values = frame.message === message ? convert(frame.payload) : null;
    return values ? [{ time: time[i], values }] : [];
  });
}

/** The samples of the source that has most of them; of two with about as many, of the first. */
function most(own: Own, sources: Source[]): TimedValues[] {
  let best: TimedValues[] = [];
  for (const source of sources) {
    const samples = take(own, source);
    if (samples.length > 1.25 * best.length) best = samples;
  }
  return best;
}

function posesOf(own: Own): TimedValues[] {
  const plane = localPlane();
  const places: Source[] = [
    { message: 32, convert: (p) => enuFromNed(floatsAt(p, 4)) },
    // mm above home
    {
      message: GLOBAL_POSITION,
      convert: (p) => (hasFix(p) ? [...plane(degreesAt(p, 4), degreesAt(p, 8)), p.getInt32(16, true) / 1e3] : null),
    },
  ];
  return [...posesBetween(most(own, ATTITUDE), most(own, places), LONGEST_BRIDGE)];
}

function degreesAt(payload: DataView, at: number): number {
  return payload.getInt32(at, true) / 1e7;
}

/** The first four outputs of the first board [µs], which are a quadrotor's motors unless it was set up otherwise. */
function motorsOf(own: Own, { otherAirframe }: Flight): TimedValues[] {
  if (otherAirframe) return [];
  const parameter = (...names: string[]) =>
    names.map((name) => own.parameters.get(name)).find((value) => value && value > 0);
  const low = parameter('MOT_PWM_MIN', 'RC3_MIN') ?? PWM_RANGE[0];
  const high = parameter('MOT_PWM_MAX', 'RC3_MAX') ?? PWM_RANGE[1];
  return take(own, {
    message: 36,
    convert: (p) => {
      if (p.getUint8(20) !== 0) return null;
      const pulses = Array.from({ length: ROTORS }, (_, k) => p.getUint16(4 + 2 * k, true));
      return pulses.map((pulse) => Math.min(1, Math.max(0, (pulse - low) / (high - low))));
    },
  });
}
