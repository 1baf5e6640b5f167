import { rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import type { WebSocket } from 'ws';
import { makeFolder } from '../../make-folder.ts';
import { type ControlFrame, FrameError, type StatusFrame, writeFrame } from '../protocols/windhover.ts';
import { Connection, type Conversation } from './connection.ts';
import type { HubCounts, HubEvent, HubReport } from './counts.ts';
import { doorOf, flightInAddress } from './doors.ts';
import { FlightSource } from './flight-source.ts';
import { FoxgloveRelay } from './foxglove-relay.ts';
import { Ledger } from './ledger.ts';
import { listen, type OpenDoor } from './listen.ts';
import { MavlinkClient } from './mavlink-client.ts';
import { type LinkContext, PublisherLink } from './publisher-link.ts';
import { Recording, type RecordingTarget } from './recording.ts';
import { RosbridgeClient } from './rosbridge-client.ts';
import { type SubscriberLimits, Subscribers } from './subscribers.ts';
import { type Role, WindhoverClient } from './windhover-client.ts';

export interface HubOptions {
  /** Address to listen on; anything but the loopback needs a token. Default 127.0.0.1. */
  host?: string;
  /** Default 8765; 0 takes any free port. */
  port?: number;
  /** Folder for the recordings, made where it is missing; without one nothing is recorded. */
  recordFolder?: string;
  /** What every client must say in its hello, or have in its address. */
  token?: string;
  /** When publishers are held back and when a subscriber is cut off. Default 1 MiB, 10 s. */
  limits?: Partial<SubscriberLimits>;
  /** Time [s] a client has for its hello. Default 10. */
  helloSeconds?: number;
  /** Time [s] after which a silent client is taken for dead. Default 15. */
  heartbeatSeconds?: number;
  /** A flight in a protocol without an end mark ends when nothing has come for so long [s]. Default 5. */
  silenceSeconds?: number;
  onEvent?: (event: HubEvent) => void;
  /** Makes the file of a recording; for tests of disks that fail. */
  createRecording?: (folder: string, name: string) => Promise<RecordingTarget>;
}

/** How long [ms] a client may take to say goodbye. */
const GOODBYE_MS = 2000;

/** The telemetry hub: takes flights in over WebSockets, records each to MCAP and relays all of them live. */
export class TelemetryHub {
  /** Where it listens, `ws://127.0.0.1:8765`. */
  readonly url: string;
  readonly #door: OpenDoor;
  readonly #options: HubOptions;
  readonly #ledger = new Ledger();
  readonly #foxglove: FoxgloveRelay;
  readonly #subscribers: Subscribers;
  readonly #connections = new Set<Connection>();
  readonly #heartbeat: NodeJS.Timeout;
  #clients = 0;
  #closing: Promise<HubReport> | null = null;

  private constructor(door: OpenDoor, options: HubOptions) {
    this.#door = door;
    this.url = door.url;
    this.#options = options;
    const limits = { maxBufferedBytes: 1024 * 1024, slowSeconds: 10, ...options.limits };
    const onCut = (seconds: number) => this.#problem(`a subscriber was cut off: it took too little for ${seconds} s`);
    this.#foxglove = new FoxgloveRelay({ maxBufferedBytes: limits.maxBufferedBytes });
    this.#subscribers = new Subscribers(limits, onCut, [this.#foxglove]);
    door.server.on('connection', (socket, request) => this.#accept(socket, request));
    door.server.on('error', (error) => this.#problem(error.message));
    this.#heartbeat = setInterval(
      () => {
        for (const connection of this.#connections) connection.heartbeat();
      },
      (options.heartbeatSeconds ?? 15) * 1000,
    );
  }

  /**
   * Starts a hub that listens.
   *
   * @throws InputError for a port in use or out of range, a host that needs a token, a folder that cannot be made
   */
  static async start(options: HubOptions = {}): Promise<TelemetryHub> {
    const { host = '127.0.0.1', port = 8765, token } = options;
    const recordFolder = options.recordFolder === undefined ? undefined : resolve(options.recordFolder);
    const made = recordFolder === undefined ? null : makeFolder(recordFolder, '--record');
    const door = await listen({ host, port, token }).catch((error: unknown) => {
      if (made) rmSync(made, { recursive: true, force: true }); // a hub that never listened leaves no folder
      throw error;
    });
    return new TelemetryHub(door, { ...options, recordFolder });
  }

  get counts(): HubCounts {
    return this.#ledger.counts(this.#subscribers);
  }

  /** Ends the hub: what has come in is handled, open recordings are closed and marked as truncated. */
  close(): Promise<HubReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<HubReport> {
    clearInterval(this.#heartbeat);
    this.#door.shut();
    // Publishers first: subscribers still get the end of every flight.
    const all = [...this.#connections];
    const publishers = all.filter((connection) => !connection.listens);
    await Promise.all(publishers.map((connection) => connection.close(GOODBYE_MS)));
    await Promise.all(all.map((connection) => connection.close(GOODBYE_MS)));
    const flightReports = this.#ledger.reports;
    const recordings = flightReports.flatMap(({ recording }) => recording ?? []);
    return { ...this.counts, recordings, flightReports };
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    const connection = new Connection(socket, this.#conversation(socket, request), (problem, messages) => {
      this.#ledger.bad(messages);
      this.#problem(problem);
    });
    this.#connections.add(connection);
    void connection.done.then(() => this.#connections.delete(connection));
  }

  #conversation(socket: WebSocket, request: IncomingMessage): Conversation {
    const id = String(++this.#clients);
    const { name } = doorOf(request)!;
    if (name === 'foxglove') return this.#foxglove.join(socket);
    if (name === 'rosbridge' || name === 'mavlink') return this.#vehicle(id, name, socket, request);
    const { token, helloSeconds = 10 } = this.#options;
    return new WindhoverClient(socket, {
      token,
      helloSeconds,
      publisher: (send) => this.#publisher(id, send),
      subscriber: (socket) => this.#subscriber(socket),
    });
  }

  /** A publisher whose protocol knows no flights. */
  #vehicle(id: string, protocol: 'rosbridge' | 'mavlink', socket: WebSocket, request: IncomingMessage): Conversation {
    const onFrame = (frame: ControlFrame) => {
      if (frame.op === 'error') client.complain(new Error(frame.message));
    };
    const link = new PublisherLink(id, onFrame, this.#linkContext());
    const { silenceSeconds = 5 } = this.#options;
    const source = new FlightSource(link, { protocol, silenceSeconds, ...flightInAddress(request) });
    const onGone = () => this.#publishers(-1);
    const client: Conversation =
      protocol === 'rosbridge' ? new RosbridgeClient(socket, source, onGone) : new MavlinkClient(source, onGone);
    this.#publishers(1);
    return client;
  }

  #publishers(more: number): void {
    this.#ledger.publishers += more;
    this.#status();
  }

  #publisher(id: string, send: (frame: ControlFrame) => void): Role {
    const link = new PublisherLink(id, send, this.#linkContext());
    this.#publishers(1);
    return {
      listens: false,
      handle: (frame) => link.handle(frame),
      leave: async (why) => {
        await link.leave(why);
        this.#publishers(-1);
      },
    };
  }

  #linkContext(): LinkContext {
    const { recordFolder, createRecording } = this.#options;
    return {
      subscribers: this.#subscribers,
      openRecording: recordFolder ? (flight) => Recording.open(recordFolder, flight, createRecording) : null,
      began: (track) => {
        this.#ledger.began(track);
        this.#options.onEvent?.({ kind: 'begin', name: track.begin.name, vehicle: track.begin.vehicle });
        this.#status();
      },
      ended: (track, report) => {
        this.#ledger.ended(track, report);
        this.#options.onEvent?.({ kind: 'end', report });
        this.#status();
      },
      problem: (message) => this.#problem(message),
    };
  }

  #subscriber(socket: WebSocket): Role {
    this.#subscribers.add(socket);
    for (const { begin, hubId, relayedTo } of this.#ledger.open)
      socket.send(writeFrame({ ...begin, flight: hubId, fromSeq: relayedTo }));
    socket.send(writeFrame(this.#statusFrame()));
    return {
      listens: true,
      handle: async ({ op }) => {
        throw new FrameError('op', `expected nothing from a subscriber, got ${op}`);
      },
      leave: async () => {},
    };
  }

  #status(): void {
    this.#subscribers.send(this.#statusFrame());
  }

  #statusFrame(): StatusFrame {
    return { op: 'status', publishers: this.#ledger.publishers, flights: this.#ledger.open.size };
  }

  #problem(message: string): void {
    this.#options.onEvent?.({ kind: 'problem', message });
  }
}
