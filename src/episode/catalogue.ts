/** What a viewer can open, as `windhover watch` serves it under `/api/items`. Types only. */

import type { LiveFlightState } from './live.ts';

export type Outcome = 'success' | 'crash' | 'timeout';

/** One MCAP file to draw. A pair has two: the policy before and after fine-tuning, on the same start. */
export interface CatalogueRecording {
  role: 'solo' | 'before' | 'after';
  /** File name, for people. */
  name: string;
  /** Address of its bytes, relative to the page. */
  url: string;
  /** Which episode of a file that holds several, from 0. */
  episode?: number;
  outcome?: Outcome;
}

/** One line in the list: an episode, a recorded flight, or a pair of episodes. */
export interface CatalogueItem {
  id: string;
  title: string;
  kind: 'episode' | 'flight' | 'pair';
  recordings: CatalogueRecording[];
  durationSeconds?: number;
  /** Of a flight that came from a hub: whether it goes on. */
  live?: LiveFlightState['state'];
}

/** Success rate over training steps. */
export interface LearningCurve {
  steps: number[];
  /** Of the exploring policy, over its latest episodes. */
  successRate: (number | null)[];
  /** Of the mean action on fresh episodes, null where it was not evaluated. */
  evaluation?: (number | null)[];
}

/** A run with its episodes and flights, or the files given on the command line. */
export interface CatalogueGroup {
  title: string;
  /** A line below the title: task and vehicle. */
  detail?: string;
  curve?: LearningCurve;
  items: CatalogueItem[];
}

export interface Catalogue {
  groups: CatalogueGroup[];
  /** True where there are hubs whose flights `/api/live` tells of. */
  live?: boolean;
}
