import { type McapChannel, type McapContents, SeriesBuilder } from '../../episode/index.ts';
import { type Flight, TOPIC_NAMES, type TopicName } from '../flight.ts';
import { CdrReader } from './cdr.ts';
import { plainRosType, type RosFields, type Told, toldBy, toldOn } from '../ros-messages.ts';
import { measureDuration } from './importer.ts';

/** ROS 2 messages of a bag in MCAP: where their fields lie. What they mean is told by `ros-messages.ts`. */

interface Header {
  seconds: number;
  frame: string;
}

const COVARIANCE = 36;
const pose = (cdr: CdrReader): RosFields => ({ pose: cdr.float64s(7) });

/** What comes behind the header, by type. */
const LAYOUTS: Readonly<Record<string, (cdr: CdrReader) => RosFields>> = {
  'geometry_msgs/PoseStamped': pose,
  'geometry_msgs/PoseWithCovarianceStamped': pose,
  'geometry_msgs/TransformStamped': (cdr) => {
    cdr.text(); // child frame
    return pose(cdr);
  },
  'nav_msgs/Odometry': (cdr) => {
    cdr.text(); // child frame
    const placed = pose(cdr);
    cdr.float64s(COVARIANCE);
    return { ...placed, linear: cdr.float64s(3), angular: cdr.float64s(3) };
  },
  'geometry_msgs/TwistStamped': (cdr) => ({ linear: cdr.float64s(3) }),
  'sensor_msgs/Imu': (cdr) => {
    cdr.float64s(4 + 9); // an attitude without place
    const angular = cdr.float64s(3);
    cdr.float64s(9);
    return { angular, acceleration: cdr.float64s(3) };
  },
  'sensor_msgs/BatteryState': (cdr) => ({ voltage: cdr.float32() }),
  'mavros_msgs/RCOut': (cdr) => ({ pulses: Array.from({ length: cdr.uint32() }, () => cdr.uint16()) }),
};

/** A message's own time further than this from that of its recording is of another clock [s]. */
const SAME_CLOCK = 60;

/** Fills a flight from the ROS 2 messages of a bag that it knows. */
export function readRos2(contents: McapContents, flight: Flight): void {
  const channels = contents.channels.filter(
    ({ encoding, schema, times }) => encoding === 'cdr' && times.length > 0 && layoutOf(schema),
  );
  if (channels.length === 0) return;
  const builders = new Map<TopicName, SeriesBuilder>();
  let zero = Number.POSITIVE_INFINITY;
  for (const name of TOPIC_NAMES) {
    const channel = channelOf(name, channels, flight);
    if (!channel) continue;
    const builder = new SeriesBuilder(name);
    for (const { time, told } of messagesOf(channel)) {
      const values = told?.[name];
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

function layoutOf(schema: string): ((cdr: CdrReader) => RosFields) | undefined {
  const type = plainRosType(schema);
  return Object.hasOwn(LAYOUTS, type) ? LAYOUTS[type] : undefined;
}

/** The channel that tells a topic most often; a note says which, where there was a choice. */
function channelOf(name: TopicName, channels: McapChannel[], flight: Flight): McapChannel | undefined {
  const able = channels.filter(({ topic, schema }) => toldOn(topic, schema).includes(name));
  const [best, ...others] = able.toSorted((a, b) => b.times.length - a.times.length);
  if (others.length > 0) {
    const rest = others.map(({ topic }) => topic).join(', ');
    flight.warnings.push(`${flight.name}: ${name} is that of ${best.topic}, not of ${rest}`);
  }
  return best;
}

/** Null for what cannot be read. */
function* messagesOf({ topic, schema, times, data }: McapChannel): Generator<{ time: number; told: Told | null }> {
  const read = layoutOf(schema)!;
  for (const [i, bytes] of data.entries()) {
    const recorded = Number(times[i]) / 1e9;
    try {
      const cdr = new CdrReader(bytes);
      const header: Header = { seconds: cdr.int32() + cdr.uint32() / 1e9, frame: cdr.text() };
      const time = Math.abs(header.seconds - recorded) < SAME_CLOCK ? header.seconds : recorded;
      yield { time, told: toldBy(topic, schema, { frame: header.frame, ...read(cdr) }) ?? null };
    } catch {
      yield { time: recorded, told: null };
    }
  }
}
