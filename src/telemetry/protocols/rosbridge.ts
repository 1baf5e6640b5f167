import type { TopicName } from '../flight.ts';
import { plainRosType, ROS_TYPE_NAMES, rosType, type Told, toldBy, toldOn } from '../ros-messages.ts';
import { fieldsOf, type JsonObject, objectOf, show, stampOf } from './rosbridge-fields.ts';
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
