/** What a hub has done so far, in messages; a message is one topic's sample. */
export interface HubCounts {
  publishers: number;
  subscribers: number;
  /** Flights that began. */
  flights: number;
  /** Messages that came in, the unusable among them; a frame that cannot be read counts as one. */
  received: number;
  /** Messages that are in a recording. */
  recorded: number;
  /** Messages that went out, counted for each subscriber. */
  relayed: number;
  /** The sum of `droppedBy`; `received = recorded + droppedBy.invalid + droppedBy.disk` where the hub records. */
  dropped: number;
  droppedBy: {
    /** Unreadable, against the protocol, or sent twice. */
    invalid: number;
    /** Not written, since the disk failed. */
    disk: number;
    /** Still waiting for a subscriber when it was cut off for being too slow. */
    slowSubscribers: number;
  };
  /** Messages that a publisher says it sent, or numbered past, and that never came. */
  missing: number;
}

/** One flight as it ended. */
export interface FlightReport {
  name: string;
  vehicle?: string;
  sent: number;
  received: number;
  recorded: number;
  dropped: number;
  missing: number;
  truncated: boolean;
  /** Absolute path of the recording, or null where nothing was recorded. */
  recording: string | null;
}

export interface HubReport extends HubCounts {
  /** Absolute paths of all recordings, in the order in which the flights ended. */
  recordings: string[];
  flightReports: FlightReport[];
}

/** What happens in a hub, for whoever prints it. */
export type HubEvent =
  | { kind: 'begin'; name: string; vehicle?: string }
  | { kind: 'end'; report: FlightReport }
  | { kind: 'problem'; message: string };
