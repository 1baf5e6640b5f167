import { SeriesBuilder } from '../../episode/index.ts';
import { type Flight, TOPIC_NAMES, type TopicName } from '../flight.ts';
import { type DataflashLog, type DataflashMessage, decodeDataflash, isDataflash } from './dataflash-decode.ts';
import { type DataflashClock, dataflashClock } from './dataflash-times.ts';
import { localPlane } from './geodetic.ts';
import {
  emptyFlight,
  type Importer,
  type LogFile,
  measureDuration,
  RADIANS_PER_DEGREE,
  type RawTopic,
  type ReadLog,
  type TimedValues,
} from './importer.ts';
import { posesBetween } from './poses.ts';
import { enuFromNed, fluFromFrd, quaternionFromAngles, toEnuFromFlu, toEnuHeading } from './rotations.ts';

/**
 * ArduPilot's DataFlash log (`.bin`). NED and FRD, angles in degrees, become ENU and FLU here.
 *
 * @see https://ardupilot.org/copter/docs/logmessages.html
 */
export const dataflash: Importer = {
  format: 'dataflash',
  reads: 'ArduPilot DataFlash',
  detect: isDataflash,
  read: async (file) => readDataflash(file),
};

const ROTORS = 4;
/** Pulses [µs] of a motor that stands still and of one at full command, where no parameter says otherwise. */
const PWM_RANGE = [1000, 2000];
/** `SERVOn_FUNCTION` of the first motor; the others follow. */
const MOTOR_FUNCTION = 33;
/** `FRAME_CLASS` of a quadrotor. */
const QUADROTOR = 1;
/** Longest holes in the position that are bridged by a straight line [s]: an estimate comes five times a second or faster, GPS once. */
const ESTIMATE_BRIDGE = 0.7;
const GPS_BRIDGE = 2.5;

function readDataflash(file: LogFile): ReadLog {
  const log = decodeDataflash(file.bytes, file.path);
  const clock = dataflashClock(log);
  const flight = emptyFlight(file, 'dataflash');
  flight.truncated ||= log.truncated;
  flight.droppedRows = log.dropped;
  flight.vehicle = log.texts.find((text) => /^Ardu|Copter|Plane|Rover|Blimp/.test(text)) ?? 'ArduPilot';
  flight.otherAirframe = otherAirframe(log);
  const own = [...log.messages.keys()].map((name) => ({ name, time: clock.times(name) }));
  const zero = fillTopics(flight, log, clock);
  if (clock.unixZero !== null) flight.startUnixSeconds = clock.unixZero + zero;
  const remarks = remarksOn(log, clock, flight);
  flight.warnings.push(...remarks.map((text) => `${file.name}: ${text}`));
  measureDuration(flight);
  return { flight, raw: own.map(rawTopic) };
}

function rawTopic({ name, time }: { name: string; time: number[] }): RawTopic {
  return { name, time: Float64Array.from(time).sort() };
}

/** Returns the vehicle's time [s] at the first sample, which becomes time zero. */
function fillTopics(flight: Flight, log: DataflashLog, clock: DataflashClock): number {
  const samples = samplesOf(log, clock);
  const builders = new Map<TopicName, SeriesBuilder>();
  let zero = Number.POSITIVE_INFINITY;
  for (const topic of TOPIC_NAMES) {
    const builder = new SeriesBuilder(topic);
    for (const { time, values } of samples[topic] ?? []) if (builder.push(time, values)) zero = Math.min(zero, time);
    if (builder.length > 0) builders.set(topic, builder);
    flight.droppedRows += builder.dropped;
  }
  for (const [topic, builder] of builders) flight.topics[topic] = builder.finish(zero);
  return zero;
}

/** Messages and fields that make a topic, the best first. */
interface Source {
  messages: string[];
  fields: string[];
  convert: (values: number[], message: DataflashMessage) => ArrayLike<number>;
}

const degrees = (values: number[]) => values.map((value) => value * RADIANS_PER_DEGREE);
const first = (message: string, fields: string[], convert: Source['convert']): Source => ({
  messages: [message],
  fields,
  convert,
});
const ESTIMATES = ['XKF1', 'NKF1', 'EKF1'];

const ATTITUDE: Source[] = [
  first('ATT', ['Roll', 'Pitch', 'Yaw'], (angles) =>
    toEnuFromFlu(quaternionFromAngles(degrees(angles), 'zyx'), 'NED', 'FRD'),
  ),
];
/** In `INAV`, of before 2014, north and east are in cm. */
const ESTIMATED: Source[] = [
  { messages: ESTIMATES, fields: ['PN', 'PE', 'PD'], convert: enuFromNed },
  first('INAV', ['ILat', 'ILng', 'IAlt'], ([north, east, up]) => [east / 100, north / 100, up]),
];
const SOURCES: Partial<Record<TopicName, Source[]>> = {
  velocity: [
    { messages: ESTIMATES, fields: ['VN', 'VE', 'VD'], convert: enuFromNed },
    first('GPS', ['Spd', 'GCrs', 'VZ'], ([speed, course, down]) => [...onCourse(speed, course), -down]),
  ],
  rates: [
    first('IMU', ['GyrX', 'GyrY', 'GyrZ'], fluFromFrd),
    first('RATE', ['R', 'P', 'Y'], (rates) => fluFromFrd(degrees(rates))),
  ],
  acceleration: [first('IMU', ['AccX', 'AccY', 'AccZ'], fluFromFrd)],
  battery: [
    first('BAT', ['Volt'], (values) => values),
    // whole numbers are hundredths
    first('CURR', ['Volt'], ([volt], { fields, letters }) => [
      letters[fields.indexOf('Volt')] === 'f' ? volt : volt / 100,
    ]),
  ],
  yaw_setpoint: [
    first('ATT', ['DesYaw'], ([yaw]) => [toEnuHeading(yaw * RADIANS_PER_DEGREE, 'NED')]),
    first('ATT', ['NavYaw'], ([yaw]) => [toEnuHeading(yaw * RADIANS_PER_DEGREE, 'NED')]),
  ],
  rates_setpoint: [first('RATE', ['RDes', 'PDes', 'YDes'], (rates) => fluFromFrd(degrees(rates)))],
};

function samplesOf(log: DataflashLog, clock: DataflashClock): Partial<Record<TopicName, Iterable<TimedValues>>> {
  const all: Partial<Record<TopicName, Iterable<TimedValues>>> = {};
  for (const [topic, sources] of Object.entries(SOURCES) as [TopicName, Source[]][])
    all[topic] = take(log, clock, sources);
  all.pose = posesOf(log, clock);
  if (take(log, clock, SOURCES.velocity!).length === 0) all.velocity = gpsVelocity(log, clock);
  all.motors = motorSamples(log, clock);
  return all;
}

/** Positions of the estimator, or of GPS where that was logged for much longer. */
function posesOf(log: DataflashLog, clock: DataflashClock): TimedValues[] {
  const attitudes = take(log, clock, ATTITUDE);
  const estimated = [...posesBetween(attitudes, take(log, clock, ESTIMATED), ESTIMATE_BRIDGE)];
  const fixed = [...posesBetween(attitudes, fixesOf(log, clock), GPS_BRIDGE)];
  return estimated.length > 0.8 * fixed.length ? estimated : fixed;
}

function take(log: DataflashLog, clock: DataflashClock, sources: Source[]): TimedValues[] {
  for (const { messages, fields, convert } of sources)
    for (const name of messages) {
      const rows = rowsOf(log, clock, name, fields);
      if (rows.length > 0)
        return rows.map(({ time, values }) => ({ time, values: convert(values, log.messages.get(name)!) }));
    }
  return [];
}

/** Records of a message's first instance: sensors and estimators come in several, told apart by a number. */
function rowsOf(
  log: DataflashLog,
  clock: DataflashClock,
  name: string,
  fields: string[],
): { time: number; values: number[] }[] {
  const message = log.messages.get(name);
  const columns = fields.map((field) => message?.columns.get(field));
  if (!message || !columns.every((column) => column !== undefined)) return [];
  const instance = message.columns.get('I') ?? message.columns.get('C') ?? message.columns.get('Inst');
  const lowest = instance?.reduce((least, value) => Math.min(least, value), Infinity);
  return clock.times(name).flatMap((time, row) => {
    if (instance && instance[row] !== lowest) return [];
    return Number.isFinite(time) ? [{ time, values: columns.map((column) => column[row]) }] : [];
  });
}

/** Course from north clockwise [degrees]. */
function onCourse(speed: number, course: number): [east: number, north: number] {
  const angle = course * RADIANS_PER_DEGREE;
  return [speed * Math.sin(angle), speed * Math.cos(angle)];
}

const FIXED = 3;

/** Where GPS has been, from its first fix; heights over home, or from the first fix. */
function fixesOf(log: DataflashLog, clock: DataflashClock): TimedValues[] {
  const plane = localPlane();
  const name = ['POS', 'GPS'].find((each) => log.messages.has(each)) ?? 'GPS';
  const height = ['RelHomeAlt', 'RelAlt', 'Alt'].find((field) => log.messages.get(name)?.columns.has(field)) ?? 'Alt';
  const status = log.messages.get(name)?.columns.has('Status') ? ['Status'] : [];
  let ground: number | null = height === 'Alt' ? null : 0;
  return rowsOf(log, clock, name, ['Lat', 'Lng', height, ...status]).flatMap(
    ({ time, values: [lat, lng, up, fix] }) => {
      if ((fix !== undefined && fix < FIXED) || (lat === 0 && lng === 0)) return [];
      ground ??= up;
      return [{ time, values: [...plane(lat, lng), up - ground] }];
    },
  );
}

/** Before GPS logged its climb, the estimate of it stood in `CTUN` [cm/s]. */
function gpsVelocity(log: DataflashLog, clock: DataflashClock): TimedValues[] {
  const climbs = rowsOf(log, clock, 'CTUN', ['CRate']);
  let at = 0;
  return rowsOf(log, clock, 'GPS', ['Spd', 'GCrs', 'Status']).flatMap(({ time, values: [speed, course, fix] }) => {
    while (at + 1 < climbs.length && climbs[at + 1].time <= time) at++;
    if (fix < FIXED || !climbs[at] || Math.abs(climbs[at].time - time) > 1) return [];
    return [{ time, values: [...onCourse(speed, course), climbs[at].values[0] / 100] }];
  });
}

/** Four outputs in the order of the motors' numbers; none of a vehicle with more. */
function motorSamples(log: DataflashLog, clock: DataflashClock): TimedValues[] {
  const functions = Array.from({ length: ROTORS }, (_, k) => channelOf(log, MOTOR_FUNCTION + k) ?? k + 1);
  const ways: [string, string[]][] = [
    ['RCOU', functions.map((channel) => `C${channel}`)],
    ['RCOU', functions.map((channel) => `Ch${channel}`)],
    ['RCOU', functions.map((channel) => `Chan${channel}`)],
    ['MOT', [1, 2, 3, 4].map((n) => `Mot${n}`)],
  ];
  if (otherAirframe(log)) return [];
  const { parameters } = log;
  const low = positive(parameters.get('MOT_PWM_MIN')) ?? positive(parameters.get('RC3_MIN')) ?? PWM_RANGE[0];
  const high = positive(parameters.get('MOT_PWM_MAX')) ?? positive(parameters.get('RC3_MAX')) ?? PWM_RANGE[1];
  for (const [name, fields] of ways) {
    const rows = rowsOf(log, clock, name, fields);
    const command = (pulse: number) => Math.min(1, Math.max(0, (pulse - low) / (high - low)));
    if (rows.length > 0) return rows.map(({ time, values }) => ({ time, values: values.map(command) }));
  }
  return [];
}

function channelOf({ parameters }: DataflashLog, wanted: number): number | null {
  for (let n = 1; n <= 14; n++) if (parameters.get(`SERVO${n}_FUNCTION`) === wanted) return n;
  return null;
}

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 ? value : null;
}

const FRAMES: Record<number, string> = {
  2: '6 motors',
  3: '8 motors',
  4: '8 motors',
  5: '6 motors',
  6: 'one rotor',
  7: '3 motors',
};

function otherAirframe({ texts, parameters }: DataflashLog): string | undefined {
  const firmware = texts.find((text) => /^Ardu(Plane|Rover|Sub)|^Rover|^Blimp|AntennaTracker/.test(text));
  if (firmware) return `it runs ${firmware.split(' ')[0]}`;
  const frame = parameters.get('FRAME_CLASS');
  if (frame === undefined || frame === 0 || frame === QUADROTOR) return undefined;
  return FRAMES[frame] ? `it has ${FRAMES[frame]}` : `its FRAME_CLASS is ${frame}`;
}

function remarksOn(log: DataflashLog, clock: DataflashClock, { topics, otherAirframe: other }: Flight): string[] {
  const remarks: string[] = [];
  if (log.truncated) remarks.push('ends inside a record; read up to it');
  if (log.dropped > 0)
    remarks.push(
      `${log.dropped} ${log.dropped === 1 ? 'stretch' : 'stretches'} of bytes that are no records; read around`,
    );
  if (clock.byOrder) remarks.push('only GPS has times: other records are placed by their order between two fixes');
  if (!topics.motors && !other) remarks.push('no motor outputs (RCOU): set LOG_BITMASK to log them');
  if (topics.velocity && !ESTIMATES.some((name) => log.messages.has(name)))
    remarks.push('the velocity is that of GPS, at its rate');
  return remarks;
}
