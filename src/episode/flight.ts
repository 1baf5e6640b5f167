/**
 * A flight in memory: the one shape that every importer makes and everything behind it reads.
 *
 * World frame ENU, body frame FLU, SI units, radians, quaternions scalar-last; importers convert at the border.
 */

/** Every topic a flight can hold, with its columns in order. Units: see the comment of each. */
export const TOPICS = {
  /** Position [m] in the world, rotation `worldFromBody`. */
  pose: ['x', 'y', 'z', 'qx', 'qy', 'qz', 'qw'],
  /** Velocity in the world [m/s]. */
  velocity: ['x', 'y', 'z'],
  /** Body rates [rad/s], FLU. */
  rates: ['x', 'y', 'z'],
  /** Specific force [m/s²], FLU: +9.81 on z at rest. */
  acceleration: ['x', 'y', 'z'],
  /** Motor commands as the vehicle logs them, each in [0, 1] (PWM/65535 for a Crazyflie), in the log's motor order. */
  motors: ['m1', 'm2', 'm3', 'm4'],
  /** Battery voltage [V]. */
  battery: ['voltage'],
  /** Position [m] asked for, in the world. */
  setpoint: ['x', 'y', 'z'],
  /** Heading asked for [rad], from east, counter-clockwise. */
  yaw_setpoint: ['yaw'],
  /** Velocity asked for, in the world [m/s]. */
  velocity_setpoint: ['x', 'y', 'z'],
  /** Body rates asked for [rad/s], FLU. */
  rates_setpoint: ['x', 'y', 'z'],
  /** Collective thrust [N] along body z and torques [N·m], FLU, as the controller asked for them. */
  wrench: ['thrust', 'x', 'y', 'z'],
} as const satisfies Record<string, readonly string[]>;

export type TopicName = keyof typeof TOPICS;

/** One topic's samples. */
export interface Series {
  /** Seconds since the flight's start, ascending, `[T]`. */
  time: Float64Array;
  /** One array `[T]` for each column of the topic, in the order of `TOPICS`. */
  columns: Float64Array[];
}

/** One recorded flight. */
export interface Flight {
  /** Short name, from the file or the stream. */
  name: string;
  /** Where it came from, for messages: a file's path or a stream's address. */
  source: string;
  format: LogFormat | 'stream';
  /** Vehicle that flew it, where the log says so. */
  vehicle?: string;
  /** Why it is no quadrotor's flight, as `it has 8 motors`: it can be shown, and no policy can learn from it. */
  otherAirframe?: string;
  /** Unix time [s] of time zero, where the log has one. */
  startUnixSeconds?: number;
  durationSeconds: number;
  topics: Partial<Record<TopicName, Series>>;
  /** The log ended before its own end mark, or in the middle of a record. */
  truncated: boolean;
  /** Rows or messages that could not be used (not a number, wrong length, out of order). */
  droppedRows: number;
  /** What a reader of a report should know, one sentence each. */
  warnings: string[];
}

export type LogFormat = 'nanobench-csv' | 'csv' | 'cfusdlog' | 'ulog' | 'dataflash' | 'tlog' | 'blackbox' | 'mcap';

/** The names of all topics, in the order of `TOPICS`. */
export const TOPIC_NAMES = Object.keys(TOPICS) as TopicName[];
