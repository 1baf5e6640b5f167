import type { RosFields } from '../ros-messages.ts';
import { FrameError } from './windhover.ts';

/** The fields of ROS messages in JSON, checked. What they mean is told by `ros-messages.ts`. */

export type JsonObject = Record<string, unknown>;

const POSITION = ['x', 'y', 'z'];
const ROTATION = ['x', 'y', 'z', 'w'];
/** Topics whose four numbers are motor commands: an array of numbers alone could be anything. */
const MOTORS = /motor|actuator|rotor/i;

/** The fields of a message; null for one that is not about a vehicle. */
export function fieldsOf(type: string, topic: string, msg: JsonObject): RosFields | null {
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

export function objectOf(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new FrameError(where, `expected an object, got ${show(value)}`);
}

function textOf(value: unknown, name: string): string | undefined {
  const text = typeof value === 'object' && value !== null ? (value as JsonObject)[name] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** `header.stamp` of ROS 1 (`secs`, `nsecs`) or ROS 2 (`sec`, `nanosec`); one that was never set is none. */
export function stampOf({ header }: JsonObject): number | null {
  const { stamp } = (header ?? {}) as JsonObject;
  if (typeof stamp !== 'object' || stamp === null) return null;
  const { sec, secs = sec, nanosec, nsecs = nanosec } = stamp as JsonObject;
  const seconds = Number(secs) + Number(nsecs) / 1e9;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

// Only a glance: a hostile frame may be a megabyte long, or nested deep.
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
