import type { TopicName } from '../flight.ts';
import { plainRosType, ROS_TYPE_NAMES, type RosFields, rosType, type Told, toldBy, toldOn } from '../ros-messages.ts';
import { FrameError } from './windhover.ts';

/**
 * rosbridge v2 with JSON, as far as a server needs it that takes messages in: `advertise`, `publish`, `unadvertise`.
 *
 * @see https://github.com/RobotWebTools/rosbridge_suite/blob/ros2/ROSBRIDGE_PROTOCOL.md
 */

/** A frame of a client that has been understood. */
export type RosbridgeFrame =
  | { op: 'advertise'; topic: string; type: string }
  | { op: 'unadvertise'; topic: string }
  | { op: 'publish'; topic: string; msg: JsonObject }
  | { op: 'set_level' };

type JsonObject = Record<string, unknown>;

/** What one message said. */
export interface RosSample {
  /** By the message's own clock [s], or null where it has none. */
  stamp: number | null;
  told: Told;
}

/** A robot has tens of topics; a client must not fill the memory with names. */
const MAX_TOPICS = 1000;
/** Longest name of a topic or type. */
const MAX_NAME = 500;

/**
 * Reads a client's frame.
 *
 * @throws FrameError that names the field
 */
export function readRosbridge(data: string | Uint8Array): RosbridgeFrame {
  if (typeof data !== 'string') throw new FrameError('frame', 'expected JSON text, got bytes: no cbor, no bson');
  const { op, topic, type, msg } = parse(data);
  if (op === 'set_level') return { op };
  if (op !== 'advertise' && op !== 'unadvertise' && op !== 'publish')
    throw new FrameError('op', `expected advertise, publish or unadvertise, got ${show(op)}`, 0);
  if (!isName(topic)) throw new FrameError('topic', `expected a topic's name, got ${show(topic)}`);
  if (op === 'unadvertise') return { op, topic };
  if (op === 'publish') return { op, topic, msg: objectOf(msg, 'msg') };
  if (!isName(type)) throw new FrameError('type', `expected the type of ${topic}, got ${show(type)}`, 0);
  return { op, topic, type };
}

/** What a client is told; `level` as rosbridge has it. */
export const writeRosbridgeStatus = (level: 'error' | 'warning', msg: string): string =>
  JSON.stringify({ op: 'status', level, msg });

/**
 * What one client's ROS topics mean: keeps which types they have, and of two that tell the same the one that told it
 * first.
 */
export class RosbridgeTopics {
  readonly #types = new Map<string, string>();
  readonly #sources = new Map<TopicName, string>();
  /** What was left out because another ROS topic tells it, one sentence each. */
  readonly notes = new Set<string>();

  /** @throws FrameError for a type of which nothing is known */
  advertise(topic: string, type: string): void {
    if (!this.#types.has(topic) && this.#types.size >= MAX_TOPICS)
      throw new FrameError('topic', `expected at most ${MAX_TOPICS} topics`, 0);
    this.#types.set(topic, type);
    if (!rosType(type))
      throw new FrameError(
        'type',
        `expected one of ${ROS_TYPE_NAMES.join(', ')}, got ${show(type)}: ${topic} is left out`,
        0,
      );
  }

  unadvertise(topic: string): void {
    this.#types.delete(topic);
  }

  /** Our topics that the ROS topics advertised so far can tell. */
  get expected(): TopicName[] {
    const all = [...this.#types].flatMap(([topic, type]) => toldOn(topic, type));
    return [...new Set(all)];
  }

  /** Another flight may choose its sources anew. */
  forgetSources(): void {
    this.#sources.clear();
    this.notes.clear();
  }

  /**
   * @returns null for a message that tells nothing we have a topic for
   * @throws FrameError for a topic that was not advertised, and for fields that are not of its type
   */
  read(topic: string, msg: JsonObject): RosSample | null {
    const type = this.#types.get(topic);
    if (type === undefined) throw new FrameError('topic', `expected an advertise before the first message on ${topic}`);
    const fields = fieldsOf(plainRosType(type), topic, msg);
    const told = fields && toldBy(topic, type, fields);
    const ours = told && this.#ofSource(topic, told);
    return ours && Object.keys(ours).length > 0 ? { stamp: stampOf(msg), told: ours } : null;
  }

  #ofSource(rosTopic: string, told: Told): Told {
    const ours: Told = {};
    for (const [topic, values] of Object.entries(told) as [TopicName, number[] | undefined][]) {
      if (!values) continue;
      const source = this.#sources.get(topic) ?? rosTopic;
      this.#sources.set(topic, source);
      if (source === rosTopic) ours[topic] = values;
      else if (this.notes.size < 100) this.notes.add(`${topic} is that of ${source}, not of ${rosTopic}`);
    }
    return ours;
  }
}

const POSITION = ['x', 'y', 'z'];
const ROTATION = ['x', 'y', 'z', 'w'];
/** Topics whose four numbers are motor commands: an array of numbers alone could be anything. */
const MOTORS = /motor|actuator|rotor/i;

/** The fields of a message; null for one that is not about a vehicle. */
function fieldsOf(type: string, topic: string, msg: JsonObject): RosFields | null {
  const frame = textOf(msg.header, 'frame_id');
  switch (type) {
    case 'geometry_msgs/PoseStamped':
      return { frame, pose: poseOf(msg.pose, 'msg.pose') };
    case 'geometry_msgs/PoseWithCovarianceStamped':
      return { frame, pose: poseOf(objectOf(msg.pose, 'msg.pose').pose, 'msg.pose.pose') };
    case 'geometry_msgs/TransformStamped': {
      const { translation, rotation } = objectOf(msg.transform, 'msg.transform');
      return { frame, pose: poseOf({ position: translation, orientation: rotation }, 'msg.transform') };
    }
    case 'nav_msgs/Odometry': {
      const pose = poseOf(objectOf(msg.pose, 'msg.pose').pose, 'msg.pose.pose');
      return { frame, pose, ...twistOf(objectOf(msg.twist, 'msg.twist').twist, 'msg.twist.twist') };
    }
    case 'geometry_msgs/TwistStamped':
      return { frame, ...twistOf(msg.twist, 'msg.twist') };
    case 'sensor_msgs/Imu':
      return { frame, angular: measured(msg, 'angular_velocity'), acceleration: measured(msg, 'linear_acceleration') };
    case 'sensor_msgs/BatteryState':
      return { voltage: msg.voltage === null ? undefined : numbersOf(msg, ['voltage'], 'msg')[0] };
    case 'mavros_msgs/RCOut':
      return { pulses: listOf(msg.channels, 'msg.channels') };
    case 'std_msgs/Float32MultiArray':
      return MOTORS.test(topic) ? { commands: commandsOf(msg.data) } : null;
    default:
      return null;
  }
}

function poseOf(value: unknown, where: string): number[] {
  const { position, orientation } = objectOf(value, where);
  const rotation = numbersOf(orientation, ROTATION, `${where}.orientation`);
  const norm = Math.hypot(...rotation);
  if (Math.abs(norm - 1) > 0.01)
    throw new FrameError(`${where}.orientation`, `expected a unit quaternion, got one of length ${norm}`);
  return [...numbersOf(position, POSITION, `${where}.position`), ...rotation.map((value) => value / norm)];
}

function twistOf(value: unknown, where: string) {
  const { linear, angular } = objectOf(value, where);
  return {
    linear: numbersOf(linear, POSITION, `${where}.linear`),
    angular: numbersOf(angular, POSITION, `${where}.angular`),
  };
}

/** A vector of an Imu message; its covariance begins with −1 where it is not measured. */
function measured(msg: JsonObject, name: string): number[] | undefined {
  const covariance = msg[`${name}_covariance`];
  if (Array.isArray(covariance) && covariance[0] === -1) return undefined;
  return numbersOf(msg[name], POSITION, `msg.${name}`);
}

function commandsOf(value: unknown): number[] {
  const commands = listOf(value, 'msg.data');
  if (commands.length !== 4 || commands.some((command) => command < 0 || command > 1))
    throw new FrameError('msg.data', `expected four motor commands from 0 to 1, got ${show(value)}`);
  return commands;
}

function numbersOf(value: unknown, names: readonly string[], where: string): number[] {
  const from = objectOf(value, where);
  return names.map((name) => numberOf(from[name], `${where}.${name}`));
}

function listOf(value: unknown, where: string): number[] {
  if (!Array.isArray(value)) throw new FrameError(where, `expected a list, got ${show(value)}`);
  return value.map((item, i) => numberOf(item, `${where}[${i}]`));
}

function numberOf(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new FrameError(where, `expected a number, got ${show(value)}`);
}

function objectOf(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new FrameError(where, `expected an object, got ${show(value)}`);
}

function textOf(value: unknown, name: string): string | undefined {
  const text = typeof value === 'object' && value !== null ? (value as JsonObject)[name] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** `header.stamp` of ROS 1 (`secs`, `nsecs`) or ROS 2 (`sec`, `nanosec`); one that was never set is none. */
function stampOf({ header }: JsonObject): number | null {
  const { stamp } = (header ?? {}) as JsonObject;
  if (typeof stamp !== 'object' || stamp === null) return null;
  const { sec, secs = sec, nanosec, nsecs = nanosec } = stamp as JsonObject;
  const seconds = Number(secs) + Number(nsecs) / 1e9;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function parse(text: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new FrameError('frame', `expected JSON, got ${show(text)}`);
  }
  return objectOf(json, 'frame');
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;

// Only a glance: a hostile frame may be a megabyte long, or nested deep.
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
