import type { TopicName } from './flight.ts';
import { type Quaternion, rotate } from './logs/rotations.ts';

/**
 * What ROS messages of the types that are the same everywhere mean in our topics, however they were written down.
 *
 * Frames are ENU and FLU already, by REP 103.
 *
 * @see https://www.ros.org/reps/rep-0103.html
 */

/** The fields of a message that matter, each where its type has it. */
export interface RosFields {
  /** `header.frame_id`. */
  frame?: string;
  /** Position, then rotation `[x, y, z, w]`. */
  pose?: number[];
  linear?: number[];
  angular?: number[];
  acceleration?: number[];
  voltage?: number;
  /** Pulses [µs] of all outputs. */
  pulses?: number[];
  /** Motor commands, each in [0, 1]. */
  commands?: number[];
}

/** What a message tells, each in the columns of `TOPICS`. */
export type Told = Partial<Record<TopicName, number[]>>;

interface RosType {
  tells: readonly TopicName[];
  told(fields: RosFields): Told;
}

/** Frames of the vehicle itself: a velocity in one of them is not of the world. */
const BODY_FRAME = /(^|\/)(base_link|base_footprint|body|base)(_|$)/;
/** Topics of what is asked for, not measured. */
const ASKED = /setpoint|target|goal|reference|desired|command|cmd|(^|[/_])(sp|ref)([/_]|$)/i;
const ROTORS = 4;

const POSE: RosType = { tells: ['pose'], told: ({ pose }) => ({ pose }) };
const TYPES: Readonly<Record<string, RosType>> = {
  'geometry_msgs/PoseStamped': POSE,
  'geometry_msgs/PoseWithCovarianceStamped': POSE,
  'geometry_msgs/TransformStamped': POSE,
  // its twist is in the frame of the body
  'nav_msgs/Odometry': {
    tells: ['pose', 'velocity', 'rates'],
    told: ({ pose, linear, angular }) => ({
      pose,
      velocity: pose && linear && rotate(pose.slice(3) as Quaternion, linear),
      rates: angular,
    }),
  },
  'geometry_msgs/TwistStamped': {
    tells: ['velocity'],
    told: ({ frame = '', linear }) => (BODY_FRAME.test(frame) ? {} : { velocity: linear }),
  },
  'sensor_msgs/Imu': {
    tells: ['rates', 'acceleration'],
    told: ({ angular, acceleration }) => ({ rates: angular, acceleration }),
  },
  'sensor_msgs/BatteryState': { tells: ['battery'], told: ({ voltage }) => (voltage ? { battery: [voltage] } : {}) },
  'mavros_msgs/RCOut': {
    tells: ['motors'],
    told: ({ pulses = [] }) =>
      pulses.length < ROTORS
        ? {}
        : { motors: pulses.slice(0, ROTORS).map((pulse) => Math.min(1, Math.max(0, (pulse - 1000) / 1000))) },
  },
  'std_msgs/Float32MultiArray': { tells: ['motors'], told: ({ commands }) => ({ motors: commands }) },
};

/** The types that are understood, for messages about the others. */
export const ROS_TYPE_NAMES = Object.keys(TYPES);

/** `geometry_msgs/msg/Pose` as `geometry_msgs/Pose`: ROS 2 and ROS 1 mean the same. */
export const plainRosType = (type: string): string => type.replace('/msg/', '/');

/** What messages of a type may tell; undefined for a type of which nothing is known. */
export function rosType(type: string): RosType | undefined {
  const plain = plainRosType(type);
  return Object.hasOwn(TYPES, plain) ? TYPES[plain] : undefined;
}

/** What may come of a ROS topic: that of its type, or setpoints where its name says that it is asked for. */
export function toldOn(rosTopic: string, type: string): readonly TopicName[] {
  const { tells = [] } = rosType(type) ?? {};
  if (!ASKED.test(rosTopic) || tells.includes('motors')) return tells;
  return tells.includes('pose') ? ['setpoint', 'yaw_setpoint'] : [];
}

/** What a message on a ROS topic tells; undefined for a type of which nothing is known. */
export function toldBy(rosTopic: string, type: string, fields: RosFields): Told | undefined {
  const told = rosType(type)?.told(fields);
  if (!told || !ASKED.test(rosTopic) || told.motors) return told;
  return told.pose ? setpointsOf(told.pose) : {};
}

function setpointsOf(pose: number[]): Told {
  const [x, y, z, w] = pose.slice(3);
  return {
    setpoint: pose.slice(0, 3),
    yaw_setpoint: [Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))],
  };
}
