import { type IWritable, McapWriter } from '@mcap/core';
import type { Obstacle } from '../../envs/world.ts';
import { FlightWriter } from '../../src/episode/writer.ts';
import { sceneBody } from '../../src/evaluate/scene.ts';

/** Collects what a writer writes. */
export class MemoryFile implements IWritable {
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  async write(data: Uint8Array): Promise<void> {
    this.#parts.push(Uint8Array.from(data));
    this.#size += data.byteLength;
  }

  position(): bigint {
    return BigInt(this.#size);
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

type Vector = [number, number, number];

export interface Made {
  seconds: number;
  /** Position at a time; the vehicle stays level. */
  position(t: number): Vector;
  goal?: Vector;
  /** Heading at a time [rad]. */
  yaw?(t: number): number;
  voltage?(t: number): number;
  outcome?: 'success' | 'crash' | 'timeout';
  obstacle?: Vector;
  /** Obstacles that an evaluation's scene shows from a time on. */
  appearing?: { time: number; obstacles: Obstacle[] };
  vehicle?: string;
}

const RATE_HZ = 100;

/** A recording whose every position is known, as MCAP bytes. */
export async function givenRecording(made: Made): Promise<Uint8Array> {
  const file = new MemoryFile();
  const writer = new FlightWriter(file, { library: 'windhover test', chunkBytes: 16 * 1024 });
  void writer.start({
    kind: made.outcome ? 'episode' : 'recording',
    name: 'made',
    vehicle: made.vehicle ?? 'crazyflie',
    task: 'hover',
  });
  if (made.obstacle) void writer.raw('/scene', 'foxglove.SceneUpdate', 0, scene(made.obstacle));
  if (made.outcome) void event(writer, 0, 'start');
  for (let step = 0; step <= made.seconds * RATE_HZ; step++) {
    writeStep(writer, made, step / RATE_HZ);
    if (made.appearing?.time !== step / RATE_HZ) continue;
    const { time, obstacles } = made.appearing;
    void writer.raw('/scene', 'foxglove.SceneUpdate', time, sceneBody(time, made.goal ?? [0, 0, 1], obstacles, 0.25));
  }
  if (made.outcome) void event(writer, made.seconds, made.outcome);
  await writer.end();
  return file.bytes;
}

function writeStep(writer: FlightWriter, { position, goal, yaw = () => 0, voltage }: Made, t: number): void {
  const half = yaw(t) / 2;
  void writer.write('pose', t, [...position(t), 0, 0, Math.sin(half), Math.cos(half)]);
  void writer.write('motors', t, [0.6, 0.61, 0.59, 0.6 + 0.05 * Math.sin(3 * t)]);
  if (goal) void writer.write('setpoint', t, goal);
  if (voltage) void writer.write('battery', t, [voltage(t)]);
}

function event(writer: FlightWriter, t: number, what: string): Promise<void> {
  const timestamp = { sec: Math.floor(t), nsec: Math.round((t % 1) * 1e9) };
  return writer.raw('/episode', 'windhover.Episode', t, { timestamp, episode: 0, event: what, positionError_m: 0 });
}

function scene([x, y, z]: Vector) {
  const pose = { position: { x, y, z }, orientation: { x: 0, y: 0, z: 0, w: 1 } };
  const cube = { pose, size: { x: 0.5, y: 0.5, z: 0.5 }, color: { r: 0.9, g: 0.2, b: 0.9, a: 1 } };
  return { deletions: [], entities: [{ id: 'obstacle-0', cubes: [cube], spheres: [], cylinders: [] }] };
}

/** An MCAP file of somebody else: one JSON channel that the viewer does not know. */
export async function givenForeignMcap(): Promise<Uint8Array> {
  const file = new MemoryFile();
  const writer = new McapWriter({ writable: file });
  await writer.start({ profile: 'ros2', library: 'test' });
  const schemaId = await writer.registerSchema({
    name: 'sensor_msgs/Joy',
    encoding: 'ros2msg',
    data: new Uint8Array(),
  });
  const channelId = await writer.registerChannel({
    schemaId,
    topic: '/joy',
    messageEncoding: 'cdr',
    metadata: new Map(),
  });
  await writer.addMessage({ channelId, sequence: 0, logTime: 1n, publishTime: 1n, data: new Uint8Array(8) });
  await writer.end();
  return file.bytes;
}
