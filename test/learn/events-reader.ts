import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** TensorFlow's event.proto and summary.proto, as far as TensorBoard's scalars need them, for a reader not ours. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
  }
  message Summary { repeated Value value = 1; message Value { string tag = 1; oneof value { float simple_value = 2; } } }
  message SessionLog { enum Status { UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; } Status status = 1; }
`);
const Event = root.lookupType('Event');

interface Decoded {
  wallTime: number;
  step: number;
  fileVersion?: string;
  summary?: { value: { tag: string; simpleValue: number }[] };
  sessionLog?: { status: string };
}

/** Events of a file; a record that was cut ends them, as it ends TensorBoard's reading. */
export function eventsOf(file: Uint8Array): Decoded[] {
  const events: Decoded[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 12 <= file.length; ) {
    const end = at + 12 + Number(view.getBigUint64(at, true));
    if (end + 4 > file.length) break;
    const decoded = Event.decode(file.subarray(at + 12, end));
    events.push(Event.toObject(decoded, { longs: Number, enums: String, defaults: false }) as Decoded);
    at = end + 4;
  }
  return events;
}

/** The points of one tag as TensorBoard shows them: files by name, a start forgets its step and all beyond. */
export function shown(run: string, tag: string): [step: number, value: number][] {
  const names = readdirSync(run)
    .filter((name) => name.includes('tfevents'))
    .sort();
  let points: [number, number][] = [];
  for (const event of names.flatMap((name) => eventsOf(readFileSync(join(run, name))))) {
    if (event.sessionLog?.status === 'START') points = points.filter(([step]) => step < event.step);
    for (const value of event.summary?.value ?? []) if (value.tag === tag) points.push([event.step, value.simpleValue]);
  }
  return points;
}
