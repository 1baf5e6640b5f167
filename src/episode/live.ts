import type { Sample } from './samples.ts';

/** What `windhover watch` tells the page of flights under way, as server-sent events under `/api/live`. Types only. */
export type LiveEvent =
  /** All there is, whenever some of it has changed. */
  | { op: 'state'; hubs: LiveHubState[] }
  /** What has come since the last time of the flight that the page asked for. */
  | {
      op: 'samples';
      item: string;
      /** Everything before is void: these are the first. */
      first: boolean;
      /** Of all topics, in the order in which they came. */
      samples: Sample[];
      /** Nothing more waits: the flight is here as far as it goes. */
      complete: boolean;
      /** The server has kept one sample in each so many seconds of the flight's beginning; 0 where it has kept all. */
      thinnedSeconds: number;
    }
  /** The flight that the page asked for is not there (any more). */
  | { op: 'gone'; item: string };

/** A hub, and the flights that came from it. */
export interface LiveHubState {
  /** Its address, without what it may hold of secrets. */
  url: string;
  connected: boolean;
  /** Why it is not connected. */
  problem?: string;
  /** When the next attempt to connect is made, in seconds from now. */
  retrySeconds?: number;
  flights: LiveFlightState[];
}

/** A flight under way, or one that was. */
export interface LiveFlightState {
  /** As the id of a catalogue's item. */
  id: string;
  title: string;
  vehicle?: string;
  /** `lost` where the hub went away before the flight's end. */
  state: 'live' | 'ended' | 'lost';
  durationSeconds: number;
  /** Messages that came; a message is one topic's sample. */
  received: number;
  /** Messages that should have come and did not. */
  gaps: number;
  /** Messages that came and could not be used. */
  dropped: number;
  /** Messages that had been sent before the first one that came. */
  missedBefore: number;
  /** Over the last two seconds. */
  messagesPerSecond: number;
  /** By how much the latest messages were later than the fastest ones of the last ten seconds; null where nobody can say. */
  delaySeconds: number | null;
  /** Seconds of flight in a second: 1 for a vehicle, else a log is played; null as long as too little has come. */
  pace: number | null;
  /** Since the last message came. */
  silentSeconds: number;
  /** What the end mark said: the flight was cut off before its own end. */
  truncated: boolean;
}
