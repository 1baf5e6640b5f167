import { type McapChannel, type McapContents, SeriesBuilder } from '../../episode/index.ts';
import { type Flight, TOPIC_NAMES, type TopicName } from '../flight.ts';
import { CdrReader } from './cdr.ts';
import { measureDuration } from './importer.ts';
import { type Quaternion, rotate } from './rotations.ts';

/**
 * ROS 2 messages of a bag in MCAP, by the types that are the same everywhere. Frames are ENU and FLU already, by REP 103.
 *
 * @see https://www.ros.org/reps/rep-0103.html
 */

/** What a message tells, each in our columns. */
type Told = Partial<Record<TopicName, number[]>>;

interface Header {
  seconds: number;
  frame: string;
}

interface MessageType {
  tells: TopicName[];
  read: (cdr: CdrReader, header: Header) => Told;
}

const COVARIANCE = 36;
/** Frames of the vehicle itself: a velocity in one of them is not of the world. */
const BODY_FRAME = /(^|\/)(base_link|base_footprint|body|base)(_|$)/;

const TYPES: Record<string, MessageType> = {
  'geometry_msgs/PoseStamped': { tells: ['pose'], read: (cdr) => ({ pose: cdr.float64s(7) }) },
  'geometry_msgs/PoseWithCovarianceStamped': { tells: ['pose'], read: (cdr) => ({ pose: cdr.float64s(7) }) },
  'geometry_msgs/TransformStamped': {
    tells: ['pose'],
    read: (cdr) => {
      cdr.text(); // child frame
      return { pose: cdr.float64s(7) };
    },
  },
  'nav_msgs/Odometry': { tells: ['pose', 'velocity', 'rates'], read: odometry },
  'geometry_msgs/TwistStamped': {
    tells: ['velocity'],
    read: (cdr, { frame }) => (BODY_FRAME.test(frame) ? {} : { velocity: cdr.float64s(3) }),
  },
  'sensor_msgs/Imu': {
    tells: ['rates', 'acceleration'],
    read: (cdr) => {
      cdr.float64s(4 + 9); // an attitude without place
      const rates = cdr.float64s(3);
      cdr.float64s(9);
      return { rates, acceleration: cdr.float64s(3) };
    },
  },
  'sensor_msgs/BatteryState': { tells: ['battery'], read: (cdr) => ({ battery: [cdr.float32()] }) },
  'mavros_msgs/RCOut': { tells: ['motors'], read: outputs },
};

/** Its twist is in the frame of the body. */
function odometry(cdr: CdrReader): Told {
  cdr.text(); // child frame
  const pose = cdr.float64s(7);
  cdr.float64s(COVARIANCE);
  const velocity = rotate(pose.slice(3) as Quaternion, cdr.float64s(3));
  return { pose, velocity, rates: cdr.float64s(3) };
}

const ROTORS = 4;

/** Pulses [µs] of the first four outputs. */
function outputs(cdr: CdrReader): Told {
  const count = cdr.uint32();
  if (count < ROTORS) return {};
  return { motors: Array.from({ length: ROTORS }, () => Math.min(1, Math.max(0, (cdr.uint16() - 1000) / 1000))) };
}

/** Topics of what is asked for, not measured. */
const ASKED = /setpoint|target|goal|reference|desired|command|cmd|(^|[/_])(sp|ref)([/_]|$)/i;
/** A message's own time further than this from that of its recording is of another clock [s]. */
const SAME_CLOCK = 60;

/** Fills a flight from the ROS 2 messages of a bag that it knows. */
export function readRos2(contents: McapContents, flight: Flight): void {
  const channels = contents.channels.filter(
    ({ encoding, schema, times }) => encoding === 'cdr' && times.length > 0 && typeOf(schema),
  );
  if (channels.length === 0) return;
  const builders = new Map<TopicName, SeriesBuilder>();
  let zero = Number.POSITIVE_INFINITY;
  for (const name of TOPIC_NAMES) {
    const channel = channelOf(name, channels, flight);
    if (!channel) continue;
    const builder = new SeriesBuilder(name);
    for (const { time, told } of messagesOf(channel)) {
      const values = told && valuesOf(name, told);
      if (values && builder.push(time, values)) zero = Math.min(zero, time);
      else if (!told) flight.droppedRows++;
    }
    flight.droppedRows += builder.dropped;
    if (builder.length > 0) builders.set(name, builder);
  }
  for (const [name, builder] of builders) flight.topics[name] = builder.finish(zero);
  if (zero > 1e9 && Number.isFinite(zero)) flight.startUnixSeconds = zero;
  measureDuration(flight);
}

/** `geometry_msgs/msg/Pose` and `geometry_msgs/Pose` are one. */
function typeOf(schema: string): MessageType | undefined {
  return TYPES[schema.replace('/msg/', '/')];
}

/** The channel that tells a topic most often; a note says which, where there was a choice. */
function channelOf(name: TopicName, channels: McapChannel[], flight: Flight): McapChannel | undefined {
  const asked = name === 'setpoint' || name === 'yaw_setpoint';
  const told = asked ? 'pose' : name;
  const able = channels.filter(
    ({ topic, schema }) => ASKED.test(topic) === asked && typeOf(schema)!.tells.includes(told),
  );
  const [best, ...others] = able.toSorted((a, b) => b.times.length - a.times.length);
  if (others.length > 0) {
    const rest = others.map(({ topic }) => topic).join(', ');
    flight.warnings.push(`${flight.name}: ${name} is that of ${best.topic}, not of ${rest}`);
  }
  return best;
}

function valuesOf(name: TopicName, told: Told): number[] | undefined {
  if (name === 'setpoint') return told.pose?.slice(0, 3);
  if (name !== 'yaw_setpoint') return told[name];
  if (!told.pose) return undefined;
  const [, , , x, y, z, w] = told.pose;
  return [Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))];
}

/** Null for what cannot be read. */
function* messagesOf({ schema, times, data }: McapChannel): Generator<{ time: number; told: Told | null }> {
  const { read } = typeOf(schema)!;
  for (const [i, bytes] of data.entries()) {
    const recorded = Number(times[i]) / 1e9;
    try {
      const cdr = new CdrReader(bytes);
      const header = { seconds: cdr.int32() + cdr.uint32() / 1e9, frame: cdr.text() };
      const time = Math.abs(header.seconds - recorded) < SAME_CLOCK ? header.seconds : recorded;
      yield { time, told: read(cdr, header) };
    } catch {
      yield { time: recorded, told: null };
    }
  }
}
