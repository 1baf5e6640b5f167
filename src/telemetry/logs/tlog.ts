import { InputError } from '../../../envs/input-error.ts';
import { SeriesBuilder } from '../../episode/index.ts';
import { type Flight, TOPIC_NAMES, type TopicName } from '../flight.ts';
import {
  emptyFlight,
  type Importer,
  type LogFile,
  measureDuration,
  type RawTopic,
  type ReadLog,
  type TimedValues,
} from './importer.ts';
import { MESSAGES } from './mavlink-messages.ts';
import {
  airframeOf,
  ATTITUDE,
  GLOBAL_POSITION,
  GROUND_STATION,
  HEARTBEAT,
  LONGEST_BRIDGE,
  type MavlinkSource,
  motorSource,
  PARAM_VALUE,
  parameterOf,
  placeSources,
  SOURCES,
  textOf,
} from './mavlink-topics.ts';
import { posesBetween } from './poses.ts';
import { tlogTimes } from './tlog-clock.ts';
import { decodeTlog, isTlog, type TlogFrame } from './tlog-decode.ts';

/** A ground station's log of MAVLink telemetry; what the messages mean is told by `mavlink-topics.ts`. */
export const tlog: Importer = {
  format: 'tlog',
  reads: 'MAVLink telemetry log',
  detect: isTlog,
  read: async (file) => readTlog(file),
};

const STATUSTEXT = 253;

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
    frames.flatMap(({ message, payload }) => (message === PARAM_VALUE ? [parameterOf(payload)] : [])),
  );
  return { frames, time: tlogTimes(frames), parameters };
}

function whatFlies({ frames }: Own): Pick<Flight, 'vehicle' | 'otherAirframe'> {
  const said = frames.flatMap(({ message, payload }) => (message === STATUSTEXT ? [textOf(payload, 1, 50)] : []));
  const beat = frames.find(({ message, payload }) => message === HEARTBEAT && payload.getUint8(4) > 0)?.payload;
  const { autopilot, otherAirframe } = airframeOf(beat);
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

function take({ frames, time }: Own, { message, convert }: MavlinkSource): TimedValues[] {
  return frames.flatMap((frame, i) => {
    const values = frame.message === message ? convert(frame.payload) : null;
    return values ? [{ time: time[i], values }] : [];
  });
}

/** The samples of the source that has most of them; of two with about as many, of the first. */
function most(own: Own, sources: MavlinkSource[]): TimedValues[] {
  let best: TimedValues[] = [];
  for (const source of sources) {
    const samples = take(own, source);
    if (samples.length > 1.25 * best.length) best = samples;
  }
  return best;
}

function posesOf(own: Own): TimedValues[] {
  return [...posesBetween(most(own, ATTITUDE), most(own, placeSources()), LONGEST_BRIDGE)];
}

function motorsOf(own: Own, { otherAirframe }: Flight): TimedValues[] {
  return otherAirframe ? [] : take(own, motorSource(own.parameters));
}
