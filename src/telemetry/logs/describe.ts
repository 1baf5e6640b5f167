import { resolve } from 'node:path';
import type { Flight, LogFormat, TopicName } from '../flight.ts';
import { airborneSeconds } from './airborne.ts';
import { type Fitness, fitness, onlyQuadrotors, tooSlow } from './fitness.ts';
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

/** What behaviour cloning needs of a flight: the state and the motor commands given in it. */
const NEEDED: TopicName[] = ['pose', 'velocity', 'rates', 'motors'];

/** Sums up a log that was read from `path`. */
export function describeLog(path: string, { flight, raw }: ReadLog): LogSummary {
  const airborne = airborneSeconds(flight);
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
    fineTuning: judge(flight, airborne),
    fitness: fitness(flight, airborne, wanders(flight)),
    warnings: flight.warnings,
  };
}

function ownTopics(flight: Flight): RawTopic[] {
  return Object.entries(flight.topics).map(([name, { time }]) => ({ name, time }));
}

function summarise({ name, time }: RawTopic): TopicSummary {
  return { name, count: time.length, ...gapsAndRate(time) };
}

function judge(flight: Flight, airborne: number | null): string {
  const byThrust = !flight.topics.motors && Boolean(flight.topics.wrench);
  const missing = NEEDED.filter((topic) => !flight.topics[topic] && !(topic === 'motors' && byThrust));
  if (missing.length === NEEDED.length && Object.keys(flight.topics).length === 0)
    return 'not for fine-tuning: none of its topics is one that Windhover knows';
  if (flight.otherAirframe) return `not for fine-tuning: ${onlyQuadrotors(flight.otherAirframe)}`;
  if (missing.length > 0) return `not for fine-tuning: it has no ${missing.join(', no ')}`;
  if (airborne === 0) return 'not for fine-tuning: the vehicle never flew in it';
  const slow = tooSlow(flight, NEEDED);
  if (slow) return `not for fine-tuning: ${slow}`;
  if (wanders(flight)) return 'not for fine-tuning to positions: they wander off; attitude, rates and motors are there';
  const goals = flight.topics.setpoint ? 'setpoints as goals' : 'no setpoint, so goals come from hindsight';
  if (byThrust) return `good for fine-tuning: thrust and torques stand in for motor commands, ${goals}`;
  return `good for fine-tuning: ${NEEDED.join(', ')} are there, ${goals}`;
}

function wanders({ warnings }: Flight): boolean {
  return warnings.some((warning) => warning.includes(DEAD_RECKONING));
}
