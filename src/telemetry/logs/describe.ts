import { resolve } from 'node:path';
import type { Flight, LogFormat, TopicName } from '../flight.ts';
import { disagreements } from './agreement.ts';
import { airborneSeconds } from './airborne.ts';
import { type Fitness, fitness } from './fitness.ts';
import { gapsAndRate } from './gaps.ts';
import { DEAD_RECKONING, type RawTopic, type ReadLog } from './importer.ts';

/** One topic of a log: for ULog and MCAP under the log's own name, else under ours. */
export interface TopicSummary {
  name: string;
  /** Samples or messages. */
  count: number;
  /** From the median interval. */
  rateHz: number;
  /** Intervals over three times the median. */
  gaps: number;
}

/** What a log holds, as `windhover inspect` reports it. */
export interface LogSummary {
  /** Absolute path. */
  file: string;
  format: LogFormat;
  vehicle: string | null;
  durationSeconds: number;
  truncated: boolean;
  topics: TopicSummary[];
  /** The topics Windhover reads out of it. */
  usable: TopicName[];
  droppedRows: number;
  /** Seconds in the air with every motor on; null without pose and motors. */
  airborneSeconds: number | null;
  /** One sentence on what it can teach a policy. */
  fineTuning: string;
  /** What it is fit for: to identify its vehicle, to fine-tune, both or neither, and why. */
  fitness: Fitness;
  warnings: string[];
}

/** Sums up a log that was read from `path`. */
export function describeLog(path: string, { flight, raw }: ReadLog): LogSummary {
  const airborne = airborneSeconds(flight);
  const apart = disagreements(flight);
  const fit = fitness(flight, airborne, wanders(flight), apart);
  return {
    file: resolve(path),
    format: flight.format as LogFormat,
    vehicle: flight.vehicle ?? null,
    durationSeconds: flight.durationSeconds,
    truncated: flight.truncated,
    topics: (raw ?? ownTopics(flight)).map(summarise),
    usable: Object.keys(flight.topics) as TopicName[],
    droppedRows: flight.droppedRows,
    airborneSeconds: airborne,
    fineTuning: sentence(fit.fineTune),
    fitness: fit,
    warnings: [...flight.warnings, ...apart.map(({ why }) => `${flight.name}: ${why}`)],
  };
}

function ownTopics(flight: Flight): RawTopic[] {
  return Object.entries(flight.topics).map(([name, { time }]) => ({ name, time }));
}

function summarise({ name, time }: RawTopic): TopicSummary {
  return { name, count: time.length, ...gapsAndRate(time) };
}

function sentence({ fit, why }: Fitness['fineTune']): string {
  return `${fit === 'yes' ? 'good' : 'not'} for fine-tuning: ${why}`;
}

function wanders({ warnings }: Flight): boolean {
  return warnings.some((warning) => warning.includes(DEAD_RECKONING));
}
