import { TOPICS, type TopicName } from './flight.ts';
import { EXTRA_SCHEMAS, POSE_SCHEMA, TIME } from './schemas.ts';

/**
 * What Windhover writes on each MCAP channel: one JSON object a message, topic `/` + name.
 *
 * `/pose` is shaped as Foxglove's PoseInFrame, so that Foxglove and Lichtblick draw it; every other topic of
 * `TOPICS` is a flat object with the columns' own names. No Node API here: the viewer reads the same messages.
 */

export type JsonObject = Record<string, unknown>;

/** One channel's schema: its name and the JSON schema of a message. */
export interface ChannelSchema {
  name: string;
  schema: JsonObject;
}

/** A point in time in a message: whole seconds and nanoseconds. */
export interface Timestamp {
  sec: number;
  nsec: number;
}

/** The frame of every pose: ENU. */
export const WORLD_FRAME = 'world';

/** Schemas of all channels by topic, each with its leading `/`. */
export const SCHEMAS: Readonly<Record<string, ChannelSchema>> = { ...topicSchemas(), ...EXTRA_SCHEMAS };

/** `'yaw_setpoint'` → `'/yaw_setpoint'`. */
export function channelTopic(topic: TopicName): string {
  return `/${topic}`;
}

/** The flight topic of an MCAP channel, or null for a channel that is none of ours. */
export function topicOfChannel(channel: string): TopicName | null {
  const name = channel.slice(1);
  return channel.startsWith('/') && Object.hasOwn(TOPICS, name) ? (name as TopicName) : null;
}

/**
 * The JSON body of one sample.
 *
 * @param time seconds as a number, or nanoseconds as a bigint where a number's 53 bits would lose some
 * @param columns the values of `TOPICS[topic]` in order; what is not finite is written as null
 * @throws RangeError when the number of columns is not that of the topic
 */
export function encodeMessage(topic: TopicName, time: number | bigint, columns: ArrayLike<number>): JsonObject {
  const names = TOPICS[topic];
  if (columns.length !== names.length)
    throw new RangeError(`${topic}: expected ${names.length} columns (${names.join(', ')}), got ${columns.length}`);
  const timestamp = toTimestamp(toNanoseconds(time));
  if (topic === 'pose') return encodePose(timestamp, columns);
  return { timestamp, ...Object.fromEntries(names.map((name, i) => [name, columns[i]])) };
}

/** The columns of `TOPICS[topic]` out of a JSON body; NaN for each that is missing or not a number. */
export function decodeMessage(topic: TopicName, body: unknown): number[] {
  const message = objectOf(body);
  if (topic !== 'pose') return TOPICS[topic].map((name) => numberOf(message[name]));
  const pose = objectOf(message.pose);
  const position = objectOf(pose.position);
  const orientation = objectOf(pose.orientation);
  return [position.x, position.y, position.z, orientation.x, orientation.y, orientation.z, orientation.w].map(numberOf);
}

/** Body of a `/tf` message: where the vehicle is in the world, `pose` as the columns of the pose topic. */
export function encodeTransform(time: number | bigint, pose: ArrayLike<number>, child = 'vehicle'): JsonObject {
  const { timestamp, pose: placed } = encodePose(toTimestamp(toNanoseconds(time)), pose);
  const { position: translation, orientation: rotation } = placed;
  return { transforms: [{ timestamp, parent_frame_id: WORLD_FRAME, child_frame_id: child, translation, rotation }] };
}

/** Seconds or nanoseconds → nanoseconds. */
export function toNanoseconds(time: number | bigint): bigint {
  return typeof time === 'bigint' ? time : secondsToNanoseconds(time);
}

/** Seconds → nanoseconds, whole and fractional part apart, so that a large time keeps its last digits. */
export function secondsToNanoseconds(seconds: number): bigint {
  const whole = Math.floor(seconds);
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.round((seconds - whole) * 1e9));
}

/** Nanoseconds → the pair that Foxglove's schemas call a time. */
export function toTimestamp(nanoseconds: bigint): Timestamp {
  return { sec: Number(nanoseconds / 1_000_000_000n), nsec: Number(nanoseconds % 1_000_000_000n) };
}

function encodePose(timestamp: Timestamp, columns: ArrayLike<number>) {
  const [x, y, z, qx, qy, qz, qw] = Array.from(columns);
  const pose = { position: { x, y, z }, orientation: { x: qx, y: qy, z: qz, w: qw } };
  return { timestamp, frame_id: WORLD_FRAME, pose };
}

function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function topicSchemas(): Record<string, ChannelSchema> {
  const topics = Object.keys(TOPICS) as TopicName[];
  return Object.fromEntries(topics.map((topic) => [channelTopic(topic), topicSchema(topic)]));
}

function topicSchema(topic: TopicName): ChannelSchema {
  if (topic === 'pose') return { name: 'foxglove.PoseInFrame', schema: POSE_SCHEMA };
  const name = `windhover.${topic.replace(/(^|_)([a-z])/g, (_match, _underscore, letter) => letter.toUpperCase())}`;
  const columns = Object.fromEntries(TOPICS[topic].map((column) => [column, { type: 'number' }]));
  return { name, schema: { type: 'object', title: name, properties: { timestamp: TIME, ...columns } } };
}
