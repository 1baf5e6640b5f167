import type { TopicName } from '../flight.ts';
import type { TimedValues } from '../logs/importer.ts';
import type { MavlinkFrame } from '../logs/mavlink-frames.ts';
import {
  ATTITUDE,
  airframeOf,
  GROUND_STATION,
  HEARTBEAT,
  LONGEST_BRIDGE,
  type MavlinkSource,
  motorSource,
  PARAM_VALUE,
  parameterOf,
  placeSources,
  SERVO_OUTPUT,
  SOURCES,
} from '../logs/mavlink-topics.ts';
import { posesBetween } from '../logs/poses.ts';
import { BOOT_MS, ownTime, REBOOT } from '../logs/tlog-clock.ts';

/** What one frame told. */
export interface MavlinkSample {
  /** Seconds since the vehicle's boot, or null where the message does not say. */
  stamp: number | null;
  told: Partial<Record<TopicName, ArrayLike<number>>>;
}

/** How long it is seen what comes before it is chosen which message tells a topic [s]. */
const SETTLING = 1;
/** Frames that may wait for that. */
const MOST_WAITING = 5000;
/** Components that are no autopilot: gimbals, cameras. */
const NO_AUTOPILOT = 8;
/** The parameters that motor commands depend on. */
const PARAMETERS = new Set(['MOT_PWM_MIN', 'MOT_PWM_MAX', 'RC3_MIN', 'RC3_MAX']);

/**
 * One vehicle, heard from its first frames on: the first system that tells its attitude and is no ground station.
 *
 * Some topics are told by several messages. After a second it is chosen as for logs, by how often each has come; frames wait so
 * long. A pose has the time of its attitude, and waits for the next position, with which it is interpolated.
 */
export class MavlinkVehicle {
  #system: number | null = null;
  readonly #beats: Map<number, DataView>;
  /** By system and name. */
  readonly #parameters: Map<number, Map<string, number>>;
  /** One scale for a whole flight, whatever becomes known later. */
  #motorSource: MavlinkSource | null = null;
  /** Newest time since boot [s]. */
  #latest = Number.NaN;
  #first = Number.NaN;
  #waiting: MavlinkFrame[] | null = [];
  readonly #candidates: [TopicName | 'attitude' | 'place', MavlinkSource[]][] = [
    ['attitude', ATTITUDE],
    ['place', placeSources()],
    ...(Object.entries(SOURCES) as [TopicName, MavlinkSource[]][]),
  ];
  readonly #chosen = new Map<string, MavlinkSource>();
  #attitudes: TimedValues[] = [];
  #place: TimedValues | null = null;

  /** @param before the same vehicle in the flight before, whose parameters and kind are still known */
  constructor(before?: MavlinkVehicle) {
    this.#beats = before ? before.#beats : new Map();
    this.#parameters = before ? before.#parameters : new Map();
  }

  /** The autopilot's name, once it is known. */
  get autopilot(): string | undefined {
    const beat = this.#system === null ? undefined : this.#beats.get(this.#system);
    return beat && airframeOf(beat).autopilot;
  }

  /** Whether a frame is of another boot than those before it: what comes from there on is another flight. */
  rebooted(frame: MavlinkFrame): boolean {
    return frame.system === this.#system && BOOT_MS.has(frame.message) && bootTime(frame) < this.#latest - REBOOT;
  }

  /** @returns what is told now, by this frame or by those that waited */
  take(frame: MavlinkFrame): MavlinkSample[] {
    if (!this.#isOurs(frame)) return [];
    if (BOOT_MS.has(frame.message)) this.#latest = Math.max(bootTime(frame), this.#latest || 0);
    if (!this.#waiting) return this.#read(frame);
    if (Number.isNaN(this.#first)) this.#first = this.#latest;
    this.#waiting.push(frame);
    return this.#latest - this.#first < SETTLING && this.#waiting.length < MOST_WAITING ? [] : this.settle();
  }

  /** Chooses by what has come so far. @returns what waited */
  settle(): MavlinkSample[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const [name, sources] of this.#candidates) {
      const best = mostOf(sources, waiting);
      if (best) this.#chosen.set(name, best);
    }
    return waiting.flatMap((frame) => this.#read(frame));
  }

  #isOurs({ system, message, payload }: MavlinkFrame): boolean {
    if (system === GROUND_STATION) return false;
    if (message === PARAM_VALUE) this.#learn(system, ...parameterOf(payload));
    if (message === HEARTBEAT && payload.getUint8(5) !== NO_AUTOPILOT) this.#beats.set(system, payload);
    if (this.#system === null && ATTITUDE.some((source) => source.message === message)) this.#system = system;
    return system === this.#system;
  }

  #learn(system: number, name: string, value: number): void {
    if (!PARAMETERS.has(name)) return;
    const known = this.#parameters.get(system) ?? new Map<string, number>();
    this.#parameters.set(system, known.set(name, value));
  }

  #read(frame: MavlinkFrame): MavlinkSample[] {
    const stamp = ownTime(frame, this.#latest);
    const told: MavlinkSample['told'] = {};
    const samples: MavlinkSample[] = [{ stamp, told }];
    for (const [name, sources] of this.#candidates) {
      const values = this.#valuesOf(name, sources, frame);
      if (!values) continue;
      if (name === 'attitude') this.#turned({ time: stamp!, values });
      else if (name === 'place') samples.push(...this.#placed({ time: stamp!, values }));
      else told[name] = values;
    }
    const motors = this.#motors(frame);
    if (motors) told.motors = motors;
    return samples.filter((sample) => Object.keys(sample.told).length > 0);
  }

  /** A topic that no message told while it was chosen has the first that does. */
  #valuesOf(name: string, sources: MavlinkSource[], { message, payload }: MavlinkFrame): ArrayLike<number> | null {
    const chosen = this.#chosen.get(name);
    const source = chosen ?? sources.find((candidate) => candidate.message === message);
    if (source?.message !== message) return null;
    const values = source.convert(payload);
    if (values && !Array.from(values).every(Number.isFinite)) return null; // NaN stands for what is not known
    if (values && !chosen) this.#chosen.set(name, source);
    return values;
  }

  #turned(attitude: TimedValues): void {
    this.#attitudes.push(attitude);
    while (this.#attitudes[0].time < attitude.time - LONGEST_BRIDGE) this.#attitudes.shift();
  }

  /** Poses up to a new position. */
  #placed(place: TimedValues): MavlinkSample[] {
    const places = this.#place ? [this.#place, place] : [place];
    const ready = this.#attitudes.filter(({ time }) => time <= place.time);
    this.#attitudes = this.#attitudes.filter(({ time }) => time > place.time);
    this.#place = place;
    const poses = posesBetween(ready, places, LONGEST_BRIDGE);
    return Array.from(poses, ({ time, values }) => ({ stamp: time, told: { pose: values } }));
  }

  /** Only once the vehicle has said that it is a quadrotor: of another, the first four outputs are something else. */
  #motors({ message, payload }: MavlinkFrame): ArrayLike<number> | null {
    const beat = this.#beats.get(this.#system!);
    if (message !== SERVO_OUTPUT || !beat || airframeOf(beat).otherAirframe) return null;
    this.#motorSource ??= motorSource(this.#parameters.get(this.#system!) ?? new Map());
    return this.#motorSource.convert(payload);
  }
}

const bootTime = ({ payload }: MavlinkFrame): number => payload.getUint32(0, true) / 1e3;

/** The source that tells most often; of two with about as many, the first. */
function mostOf(sources: MavlinkSource[], frames: readonly MavlinkFrame[]): MavlinkSource | null {
  let [best, most]: [MavlinkSource | null, number] = [null, 0];
  for (const source of sources) {
    const count = frames.filter((f) => f.message === source.message && source.convert(f.payload) !== null).length;
    if (count > 1.25 * most) [best, most] = [source, count];
  }
  return best;
}
