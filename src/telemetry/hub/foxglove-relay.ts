import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { channelTopic, encodeMessage, SCHEMAS, secondsToNanoseconds } from '../../episode/format.ts';
import { libraryName } from '../../package-root.ts';
import type { TopicName } from '../flight.ts';
import {
  type FoxgloveChannel,
  writeAdvertise,
  writeRemoveStatus,
  writeServerInfo,
  writeStatus,
  writeUnadvertise,
} from '../protocols/foxglove.ts';
import type { BeginFrame, Message } from '../protocols/windhover.ts';
import type { Conversation } from './connection.ts';
import { FoxgloveClient } from './foxglove-client.ts';
import type { Relay, RelayedFrame } from './subscribers.ts';

/** One flight under way, as Foxglove clients see it. */
interface ShownFlight {
  name: string;
  /** 1 for the flight whose topics have their plain names. */
  place: number;
  /** Unix time of `t = 0` [ns]. */
  zero: bigint;
  channels: Map<TopicName, FoxgloveChannel>;
}

export interface FoxgloveOptions {
  /** Bytes that may wait for one client; what comes beyond is left out for it. */
  maxBufferedBytes: number;
  /** Unix time [s], for flights that do not say when they began. */
  now?: () => number;
}

/**
 * Shows the hub's flights to Foxglove and Lichtblick: the channels, schemas and messages are those of a recording.
 *
 * A flight's channels are there from its beginning to its end. The first has `/pose`, `/motors`, …; one that begins
 * while another is under way has `/flight_2/pose`, so that a layout made for one vehicle fits every flight that comes alone.
 */
export class FoxgloveRelay implements Relay {
  relayed = 0;
  undelivered = 0;
  readonly #options: FoxgloveOptions;
  readonly #sessionId = randomUUID();
  readonly #clients = new Set<FoxgloveClient>();
  readonly #flights = new Map<string, ShownFlight>();
  #channels = 0;

  constructor(options: FoxgloveOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Greets a client and shows it what is under way. */
  join(socket: WebSocket): Conversation {
    const { maxBufferedBytes } = this.#options;
    const client = new FoxgloveClient(socket, {
      maxBufferedBytes,
      knows: (channel) =>
        [...this.#flights.values()].some((f) => [...f.channels.values()].some((c) => c.id === channel)),
      relayed: () => this.relayed++,
      undelivered: () => this.undelivered++,
    });
    this.#clients.add(client);
    socket.once('close', () => this.#clients.delete(client));
    client.control(writeServerInfo(libraryName(), this.#sessionId));
    for (const flight of this.#flights.values()) {
      client.control(writeAdvertise([...flight.channels.values()]));
      if (flight.place > 1) client.control(whichIs(flight));
    }
    return client;
  }

  take(frame: RelayedFrame): void {
    if (frame.op === 'begin') this.#begin(frame);
    else if (frame.op === 'data') this.#data(frame.flight, frame.messages);
    else if (frame.op === 'end') this.#end(frame.flight);
  }

  #begin({ flight: id, name, topics, startUnixSeconds }: BeginFrame): void {
    const zero = secondsToNanoseconds(startUnixSeconds ?? (this.#options.now ?? unixSeconds)());
    const flight: ShownFlight = { name, place: this.#freePlace(), zero, channels: new Map() };
    this.#flights.set(id, flight);
    for (const topic of new Set(topics)) flight.channels.set(topic, this.#channel(flight, topic));
    if (flight.channels.size > 0) this.#control(writeAdvertise([...flight.channels.values()]));
    if (flight.place > 1) this.#control(whichIs(flight));
  }

  #freePlace(): number {
    const taken = new Set([...this.#flights.values()].map(({ place }) => place));
    let place = 1;
    while (taken.has(place)) place++;
    return place;
  }

  #channel({ place }: ShownFlight, topic: TopicName): FoxgloveChannel {
    const plain = channelTopic(topic);
    const { name, schema } = SCHEMAS[plain]!;
    return {
      id: ++this.#channels,
      topic: place === 1 ? plain : `/flight_${place}${plain}`,
      encoding: 'json',
      schemaName: name,
      schema: JSON.stringify(schema),
      schemaEncoding: 'jsonschema',
    };
  }

  #data(id: string, messages: readonly Message[]): void {
    const flight = this.#flights.get(id);
    if (!flight) return;
    for (const { topic, t, values } of messages) {
      const channel = flight.channels.get(topic) ?? this.#later(flight, topic);
      const stamp = flight.zero + secondsToNanoseconds(t);
      let body: Uint8Array | null = null; // made once, and only where somebody wants it
      const encode = () => (body ??= Buffer.from(JSON.stringify(encodeMessage(topic, stamp, values))));
      for (const client of this.#clients) client.offer(channel.id, stamp, encode);
    }
  }

  /** A topic that the flight's beginning did not name. */
  #later(flight: ShownFlight, topic: TopicName): FoxgloveChannel {
    const channel = this.#channel(flight, topic);
    flight.channels.set(topic, channel);
    this.#control(writeAdvertise([channel]));
    return channel;
  }

  #end(id: string): void {
    const flight = this.#flights.get(id);
    if (!flight) return;
    this.#flights.delete(id);
    const ids = [...flight.channels.values()].map((channel) => channel.id);
    for (const client of this.#clients) client.forget(ids);
    if (ids.length > 0) this.#control(writeUnadvertise(ids));
    if (flight.place > 1) this.#control(writeRemoveStatus([statusId(flight)]));
  }

  #control(text: string): void {
    for (const client of this.#clients) client.control(text);
  }
}

const statusId = ({ place }: ShownFlight) => `flight_${place}`;
const whichIs = (flight: ShownFlight) =>
  writeStatus('info', `/flight_${flight.place}/… is ${flight.name}`, statusId(flight));

const unixSeconds = () => Date.now() / 1000;
