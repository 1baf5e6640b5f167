import type { FlightReport, HubCounts } from './counts.ts';
import type { FlightTrack } from './flight-track.ts';
import type { Subscribers } from './subscribers.ts';

/** Adds up what all flights of a hub came to: those that ended by their reports, those under way as they stand. */
export class Ledger {
  readonly open = new Set<FlightTrack>();
  readonly reports: FlightReport[] = [];
  publishers = 0;
  #begun = 0;
  #ended = { received: 0, recorded: 0, invalid: 0, disk: 0, missing: 0 };

  began(track: FlightTrack): void {
    this.open.add(track);
    this.#begun++;
  }

  ended(track: FlightTrack, report: FlightReport): void {
    this.open.delete(track);
    this.reports.push(report);
    add(this.#ended, track);
  }

  /** Messages that came in a frame that could not be used. */
  bad(messages: number): void {
    this.#ended.received += messages;
    this.#ended.invalid += messages;
  }

  counts(subscribers: Subscribers): HubCounts {
    const sum = { ...this.#ended };
    for (const track of this.open) add(sum, track);
    const { received, recorded, invalid, disk, missing } = sum;
    const slowSubscribers = subscribers.undelivered;
    return {
      publishers: this.publishers,
      subscribers: subscribers.size,
      flights: this.#begun,
      received,
      recorded,
      relayed: subscribers.relayed,
      dropped: invalid + disk + slowSubscribers,
      droppedBy: { invalid, disk, slowSubscribers },
      missing,
    };
  }
}

type Sum = { received: number; recorded: number; invalid: number; disk: number; missing: number };

function add(sum: Sum, track: FlightTrack): void {
  sum.received += track.received;
  sum.recorded += track.recorded;
  sum.invalid += track.invalid;
  sum.disk += track.lost;
  sum.missing += track.missing;
}
