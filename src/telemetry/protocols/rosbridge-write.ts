import type { TopicName } from '../flight.ts';
import type { Message } from './windhover.ts';

/** Our topics as ROS 2 messages in rosbridge's JSON, frames by REP 103; what has no type of its own in ROS is not told. */

interface RosTopic {
  topic: string;
  type: string;
  /** @param header of the message, in the world or in the body */
  body(values: number[], world: Header, body: Header): Record<string, unknown>;
}

interface Header {
  stamp: { sec: number; nanosec: number };
  frame_id: string;
}

const xyz = ([x, y, z]: number[]) => ({ x, y, z });
const NONE = xyz([0, 0, 0]);
/** Of a field that is not measured. */
const UNKNOWN = [-1, 0, 0, 0, 0, 0, 0, 0, 0];
const KNOWN = Array<number>(9).fill(0);
const NO_ATTITUDE = { orientation: { ...NONE, w: 1 }, orientation_covariance: UNKNOWN };

const TOPICS_OUT: Partial<Record<TopicName, RosTopic>> = {
  pose: {
    topic: '/pose',
    type: 'geometry_msgs/msg/PoseStamped',
    body: (v, header) => ({ header, pose: { position: xyz(v), orientation: { ...xyz(v.slice(3)), w: v[6] } } }),
  },
  velocity: {
    topic: '/velocity',
    type: 'geometry_msgs/msg/TwistStamped',
    body: (v, header) => ({ header, twist: { linear: xyz(v), angular: NONE } }),
  },
  rates: {
    topic: '/imu/rates',
    type: 'sensor_msgs/msg/Imu',
    body: (v, _, header) => ({
      ...{ header, ...NO_ATTITUDE, angular_velocity: xyz(v), angular_velocity_covariance: KNOWN },
      ...{ linear_acceleration: NONE, linear_acceleration_covariance: UNKNOWN },
    }),
  },
  acceleration: {
    topic: '/imu/acceleration',
    type: 'sensor_msgs/msg/Imu',
    body: (v, _, header) => ({
      ...{ header, ...NO_ATTITUDE, angular_velocity: NONE, angular_velocity_covariance: UNKNOWN },
      ...{ linear_acceleration: xyz(v), linear_acceleration_covariance: KNOWN },
    }),
  },
  battery: {
    topic: '/battery',
    type: 'sensor_msgs/msg/BatteryState',
    body: ([voltage], _, header) => ({ header, voltage }),
  },
  // mavros_msgs/RCOut would have a stamp, but only whole microseconds, and is not on every machine
  motors: { topic: '/motors', type: 'std_msgs/msg/Float32MultiArray', body: (data) => ({ data }) },
};

/** Our topics that ROS has types for. */
export const ROS_TOPICS = Object.keys(TOPICS_OUT) as TopicName[];

/** Says that messages of a topic will come; for `ROS_TOPICS`. */
export function writeAdvertisement(name: TopicName): string {
  const { topic, type } = TOPICS_OUT[name]!;
  return JSON.stringify({ op: 'advertise', topic, type });
}

/** @param startUnixSeconds of `t = 0`. @returns null for a topic that ROS has no type for */
export function writePublish({ topic: name, t, values }: Message, startUnixSeconds: number): string | null {
  const out = TOPICS_OUT[name];
  if (!out) return null;
  const nanoseconds = Math.round((startUnixSeconds % 1) * 1e9) + Math.round(t * 1e9);
  const sec = Math.floor(startUnixSeconds) + Math.floor(nanoseconds / 1e9);
  const stamp = { sec, nanosec: nanoseconds % 1e9 };
  const msg = out.body(values, { stamp, frame_id: 'map' }, { stamp, frame_id: 'base_link' });
  return JSON.stringify({ op: 'publish', topic: out.topic, msg });
}
