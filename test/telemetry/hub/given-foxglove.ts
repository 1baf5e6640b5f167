import foxglove, { type Channel } from '@foxglove/ws-protocol';
import { WebSocket } from 'ws';
import { eventually } from './given-hub.ts';

/** One message as Foxglove's own client got it. */
export interface FoxgloveMessage {
  topic: string;
  /** Log time [ns]. */
  stamp: bigint;
  body: { timestamp: { sec: number; nsec: number }; [key: string]: unknown };
}

export interface FoxgloveOptions {
  subprotocol?: string;
  /** Subscribes to these, or to everything where it is left out. */
  topics?: readonly string[];
  origin?: string;
}

/** Foxglove's own client of the protocol, which keeps all it gets. */
export class FoxgloveViewer {
  readonly socket: WebSocket;
  readonly client: InstanceType<typeof foxglove.FoxgloveClient>;
  readonly messages: FoxgloveMessage[] = [];
  /** Channels that are advertised, by id. */
  readonly channels = new Map<number, Channel>();
  /** Every topic there ever was. */
  readonly topics = new Set<string>();
  readonly statuses: { level: number; message: string; id?: string }[] = [];
  readonly errors: Error[] = [];
  readonly #subscribed = new Map<number, string>();
  serverInfo: { name: string; sessionId?: string } | null = null;

  private constructor(url: string, { subprotocol = 'foxglove.websocket.v1', topics, origin }: FoxgloveOptions) {
    this.socket = new WebSocket(url, [subprotocol], { origin });
    this.client = new foxglove.FoxgloveClient({ ws: this.socket as never });
    this.client.on('error', (error) => this.errors.push(error));
    this.client.on('serverInfo', (info) => {
      this.serverInfo = info;
    });
    this.client.on('status', (status) => this.statuses.push(status));
    this.client.on('advertise', (channels) => {
      for (const channel of channels) {
        this.channels.set(channel.id, channel);
        this.topics.add(channel.topic);
        if (!topics || topics.includes(channel.topic)) this.subscribe(channel);
      }
    });
    this.client.on('unadvertise', (ids) => {
      for (const id of ids) this.channels.delete(id);
    });
    this.client.on('message', ({ subscriptionId, timestamp, data }) => {
      const body = JSON.parse(new TextDecoder().decode(data));
      this.messages.push({ topic: this.#subscribed.get(subscriptionId)!, stamp: timestamp, body });
    });
  }

  /** Connects and waits for the server's greeting; rejects where nobody lets it in. */
  static async open(url: string, options: FoxgloveOptions = {}): Promise<FoxgloveViewer> {
    const viewer = new FoxgloveViewer(url, options);
    await eventually(() => viewer.serverInfo !== null || viewer.errors.length > 0, 'a greeting');
    if (viewer.errors[0]) throw viewer.errors[0];
    return viewer;
  }

  subscribe({ id, topic }: Channel): number {
    const subscription = this.client.subscribe(id);
    this.#subscribed.set(subscription, topic);
    return subscription;
  }

  /** Resolves once the hub has handled what was sent so far: when it has answered a wrong frame. */
  async roundTrip(): Promise<void> {
    const before = this.statuses.length;
    this.client.subscribe(4_000_000_000);
    await eventually(() => this.statuses.length > before, 'an answer');
  }

  of(topic: string): FoxgloveMessage[] {
    return this.messages.filter((message) => message.topic === topic);
  }
}
