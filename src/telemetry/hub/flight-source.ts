import type { TopicName } from '../flight.ts';
import type { Frame, Message } from '../protocols/windhover.ts';

/** Where the frames of the flights go: a `PublisherLink`. */
interface FrameTaker {
  handle(frame: Frame): Promise<void>;
}

export interface FlightSourceOptions {
  /** What is before the time in the name of a flight that has none. */
  protocol: string;
  name?: string;
  vehicle?: string;
  /** A flight ends when nothing has come for so long [s]. */
  silenceSeconds: number;
  /** Unix time [s]. */
  now?: () => number;
}

/** What happened at one moment, each topic in the order of `TOPICS`. */
export type TopicValues = Partial<Record<TopicName, ArrayLike<number>>>;

interface OpenFlight {
  id: string;
  sent: number;
  /** Samples from before the first. */
  early: number;
  /** When the first sample came [s]. */
  arrived: number;
  /** The vehicle's clock at the flight's zero, once it is known [s]. */
  zero: number | null;
  /** Time of the last sample with a stamp [s]. */
  last: number;
  /** How far the flight's time is ahead of the arrivals: 0, or more where a log is played faster than it was flown [s]. */
  ahead: number;
}

/** A stamp further than this from the last one is of another clock [s]. */
const SAME_CLOCK = 60;

/**
 * Makes flights of a protocol that has none: one begins with the first sample and ends after a silence or when the client
 * goes.
 *
 * Samples are stamped by the vehicle's clock, from the first stamp on. One without a stamp, or whose stamp is of another
 * clock, is placed by its arrival among those that came with the least delay.
 */
export class FlightSource {
  readonly #link: FrameTaker;
  readonly #options: FlightSourceOptions;
  readonly #now: () => number;
  /** What flies, where it is known. */
  vehicle: string | undefined;
  #flight: OpenFlight | null = null;
  #count = 0;
  #silence: NodeJS.Timeout | undefined;
  /** What goes on at the moment; a silence may end the flight only between two samples. */
  #busy: Promise<void> = Promise.resolve();

  constructor(link: FrameTaker, options: FlightSourceOptions) {
    this.#link = link;
    this.#options = options;
    this.vehicle = options.vehicle;
    this.#now = options.now ?? unixSeconds;
  }

  get flying(): boolean {
    return this.#flight !== null;
  }

  /**
   * @param stamp by the vehicle's clock [s], from any zero; null where it says none
   * @param expected topics that the flight is likely to have, should it begin here
   */
  add(stamp: number | null, told: TopicValues, expected: readonly TopicName[] = []): Promise<void> {
    const arrived = this.#now();
    return this.#next(async () => {
      this.#flight ??= await this.#begin(stamp, arrived, [
        ...new Set([...expected, ...(Object.keys(told) as TopicName[])]),
      ]);
      clearTimeout(this.#silence);
      const t = this.#time(stamp, arrived);
      const messages = Object.entries(told).map(
        ([topic, values]) => ({ topic, t, values: Array.from(values) }) as Message,
      );
      // A slow topic's first sample may be older than the one that the flight began with.
      if (t < 0) this.#flight.early += messages.length;
      else await this.#data(messages);
      this.#listen(); // not before: a slow subscriber may hold us back for longer than the silence
    });
  }

  /** Ends the flight under way. @param why becomes a warning of it; a flight that was cut off is truncated */
  end(why: string, truncated: boolean, notes: Iterable<string> = []): Promise<void> {
    return this.#next(async () => {
      clearTimeout(this.#silence);
      const flight = this.#flight;
      this.#flight = null;
      if (!flight) return;
      const { id, sent, early } = flight;
      const warnings = [why, ...notes];
      if (early > 0) warnings.push(`${early} samples were older than the first and left out`);
      await this.#link.handle({ op: 'end', flight: id, sent, truncated, droppedRows: early, warnings });
    });
  }

  /** Is called when a silence ends the flight, before it does. */
  onSilence: () => Iterable<string> = () => [];

  async #begin(stamp: number | null, arrived: number, topics: TopicName[]): Promise<OpenFlight> {
    const { protocol, name = `${protocol}-${fileTime(arrived)}` } = this.#options;
    const id = String(++this.#count);
    const startUnixSeconds = stamp !== null && Math.abs(stamp - arrived) < SAME_CLOCK ? stamp : arrived;
    await this.#link.handle({
      op: 'begin',
      flight: id,
      name,
      vehicle: this.vehicle,
      format: protocol,
      startUnixSeconds,
      topics,
    });
    return { id, sent: 0, early: 0, arrived, zero: stamp, last: 0, ahead: 0 };
  }

  #time(stamp: number | null, arrived: number): number {
    const flight = this.#flight!;
    const since = arrived - flight.arrived;
    if (stamp === null) return since + flight.ahead;
    if (flight.zero === null) {
      flight.zero = stamp - since - flight.ahead;
      flight.last = since + flight.ahead;
    }
    const t = stamp - flight.zero;
    if (Math.abs(t - flight.last) > SAME_CLOCK) return since + flight.ahead;
    flight.last = t;
    flight.ahead = Math.max(flight.ahead, t - since);
    return t;
  }

  async #data(messages: Message[]): Promise<void> {
    const { id, sent } = this.#flight!;
    this.#flight!.sent += messages.length;
    await this.#link.handle({ op: 'data', flight: id, seq: sent, messages, problems: [] });
  }

  #listen(): void {
    const { silenceSeconds } = this.#options;
    const end = () => void this.end(`nothing came for ${silenceSeconds} s`, false, this.onSilence()).catch(() => {});
    this.#silence = setTimeout(end, silenceSeconds * 1000);
  }

  #next(job: () => Promise<void>): Promise<void> {
    const done = this.#busy.then(job);
    this.#busy = done.catch(() => {});
    return done;
  }
}

// Never goes back, as Date.now may.
const unixSeconds = () => (performance.timeOrigin + performance.now()) / 1000;

/** `2026-11-28T22-00-14`, which is a file's name everywhere. */
function fileTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 19).replaceAll(':', '-');
}
