import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type HubOptions, TelemetryHub } from '../../../src/telemetry/hub/index.ts';
import { type Frame, readFrame, SUBPROTOCOL } from '../../../src/telemetry/protocols/windhover.ts';

/** Runs `use` with a hub on a free port that records to a folder of its own, and takes both away. */
export async function withHub(
  use: (hub: TelemetryHub, folder: string) => Promise<void>,
  options: HubOptions = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-hub-'));
  const hub = await TelemetryHub.start({ port: 0, recordFolder: folder, ...options });
  try {
    await use(hub, folder);
  } finally {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A client that sends what it likes and keeps every answer. */
export class RawClient {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  #wake: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.frames.push(readFrame(data.toString()));
      for (const wake of this.#wake.splice(0)) wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  static async open(url: string, options: { origin?: string } = {}): Promise<RawClient> {
    const client = new RawClient(new WebSocket(url, SUBPROTOCOL, options));
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.once('error', reject);
    });
    return client;
  }

  /** Connects and says hello. */
  static async join(url: string, role: 'publisher' | 'subscriber'): Promise<RawClient> {
    const client = await RawClient.open(url);
    client.send({ op: 'hello', version: 1, role });
    await client.until((frame) => frame.op === 'hello');
    return client;
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The first frame, past or future, that fits. */
  async until(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the connection closed before that frame');
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async closed(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    await new Promise((resolve) => this.socket.once('close', resolve));
  }
}

export const beginFrame = (flight: string, name = flight) => ({ op: 'begin', flight, name, topics: ['battery'] });

export function dataFrame(flight: string, seq: number, count: number) {
  const message = (i: number) => ({ topic: 'battery', t: (seq + i) / 100, values: [4 - (seq + i) / 1e4] });
  return { op: 'data', flight, seq, messages: Array.from({ length: count }, (_, i) => message(i)) };
}

export function endFrame(flight: string, sent: number) {
  return { op: 'end', flight, sent, truncated: false, droppedRows: 0, warnings: [] };
}

/** Waits for a condition that nothing announces. */
export async function eventually(ready: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${what}: not within 5 s`);
}
