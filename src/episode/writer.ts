import { type IWritable, McapWriter } from '@mcap/core';
import type { TopicName } from './flight.ts';
import { channelTopic, encodeMessage, type JsonObject, SCHEMAS, secondsToNanoseconds } from './format.ts';

/** What a file says about itself, in its metadata record `windhover`. Values are text. */
export interface FlightMetadata {
  kind: 'episode' | 'recording';
  name: string;
  vehicle?: string;
  task?: string;
  source?: string;
  format?: string;
  [key: string]: string | undefined;
}

export interface FlightWriterOptions {
  /** Who writes, as in `windhover 0.1.0`. */
  library?: string;
  /** Unix time [s] of time zero; without it times count from 0. */
  startUnixSeconds?: number;
  /** Bytes gathered before a chunk is written: what a kill can cost. Default 256 KiB. */
  chunkBytes?: number;
}

/**
 * Writes one flight, or the episodes of one run, as MCAP: chunked, indexed, not compressed.
 *
 * Calls queue up behind each other, so a caller may await only the last one; a failed write fails every later call.
 * No Node API: bytes go to any `IWritable`.
 */
export class FlightWriter {
  readonly #mcap: McapWriter;
  readonly #library: string;
  readonly #zero: bigint;
  readonly #channels = new Map<string, { id: number; sequence: number }>();
  #queue: Promise<void> = Promise.resolve();
  #written = 0;

  constructor(writable: IWritable, options: FlightWriterOptions = {}) {
    this.#mcap = new McapWriter({ writable, chunkSize: options.chunkBytes ?? 256 * 1024 });
    this.#library = options.library ?? 'windhover';
    this.#zero = secondsToNanoseconds(options.startUnixSeconds ?? 0);
  }

  /** Messages written so far. */
  get written(): number {
    return this.#written;
  }

  /** Writes the header and the `windhover` metadata; comes first. */
  start(metadata: FlightMetadata): Promise<void> {
    const entries = Object.entries(metadata).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return this.#enqueue(async () => {
      await this.#mcap.start({ profile: '', library: this.#library });
      await this.#mcap.addMetadata({ name: 'windhover', metadata: new Map(entries) });
    });
  }

  /** One sample of a flight topic; `time` in seconds since time zero, at least 0. */
  write(topic: TopicName, time: number, values: ArrayLike<number>): Promise<void> {
    const stamp = this.#zero + secondsToNanoseconds(time);
    return this.#message(channelTopic(topic), null, stamp, encodeMessage(topic, stamp, values));
  }

  /**
   * One message of any topic with a body of its own; `time` in seconds since time zero.
   *
   * @param topic with its leading `/`; those of `SCHEMAS` bring their schema
   * @param schema name of the schema, for a topic that `SCHEMAS` lacks
   */
  raw(topic: string, schema: string, time: number, body: JsonObject): Promise<void> {
    return this.#message(topic, schema, this.#zero + secondsToNanoseconds(time), body);
  }

  /** Writes what is left, the index and the footer. The caller closes the file. */
  end(): Promise<void> {
    return this.#enqueue(() => this.#mcap.end());
  }

  #message(topic: string, schema: string | null, stamp: bigint, body: JsonObject): Promise<void> {
    const data = new TextEncoder().encode(JSON.stringify(body));
    return this.#enqueue(async () => {
      const channel = this.#channels.get(topic) ?? (await this.#register(topic, schema));
      const sequence = channel.sequence++;
      await this.#mcap.addMessage({ channelId: channel.id, sequence, logTime: stamp, publishTime: stamp, data });
      this.#written++;
    });
  }

  async #register(topic: string, schemaName: string | null) {
    const known = SCHEMAS[topic] ?? { name: schemaName ?? topic, schema: { type: 'object' } };
    const data = new TextEncoder().encode(JSON.stringify(known.schema));
    const schemaId = await this.#mcap.registerSchema({ name: schemaName ?? known.name, encoding: 'jsonschema', data });
    const id = await this.#mcap.registerChannel({ schemaId, topic, messageEncoding: 'json', metadata: new Map() });
    const channel = { id, sequence: 0 };
    this.#channels.set(topic, channel);
    return channel;
  }

  #enqueue(job: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(job);
    this.#queue.catch(() => {}); // whoever awaits sees it; nobody's unhandled rejection
    return this.#queue;
  }
}
