import type { TimedValues } from './importer.ts';
import type { UlogContents, UlogTopic } from './ulog-decode.ts';

export interface MotorSource {
  /** Topic and scale, for people. */
  from: string;
  /** Instance and scale were told by the numbers. */
  guessed: boolean;
  samples: TimedValues[];
}

const ROTORS = 4;
/** Output [µs] of a motor that stands still and of one at full command, where no parameter says otherwise. */
const PWM_RANGE = [1000, 2000];
/** No servo pulse is longer or, but for 0, shorter than these [µs]. */
const HIGHEST_PWM = 2200;
const LOWEST_PWM = 800;
/** Full command of a UAVCAN and of a DShot speed controller. */
const UAVCAN_FULL = 8191;
const DSHOT_FULL = 1999;

/**
 * Motor commands in [0, 1]: `actuator_motors` where the firmware has it, else the instance of `actuator_outputs` that
 * moves. A board has several of them and the first is often all zeros.
 */
export function motorSource(log: UlogContents): MotorSource | null {
  const motors = log.topics.find((topic) => topic.name === 'actuator_motors' && topic.time.length > 0);
  if (motors) return { from: 'actuator_motors', guessed: false, samples: readAll(motors, 'control', fromControl) };
  const outputs = log.topics.filter((topic) => topic.name === 'actuator_outputs' && topic.time.length > 0);
  const moving = outputs.map((topic) => ({ topic, spread: spreadOf(topic) })).sort((a, b) => b.spread - a.spread)[0];
  if (!moving || moving.spread === 0) return null;
  const { text, apply } = scaleOf(moving.topic, log);
  const from = `actuator_outputs#${moving.topic.multiId} (${text})`;
  return { from, guessed: true, samples: readAll(moving.topic, 'output', apply) };
}

function readAll(topic: UlogTopic, field: string, toUnit: (value: number) => number): TimedValues[] {
  return topic.time.map((time, i) => ({ time, values: valuesOf(topic, i, field).slice(0, ROTORS).map(toUnit) }));
}

/** Not a number means that the motor is stopped. */
function fromControl(control: number): number {
  return Number.isNaN(control) ? 0 : clip(control);
}

interface Scale {
  text: string;
  apply: (value: number) => number;
}

/** What the outputs are in, told by their size: the log does not say. */
function scaleOf(topic: UlogTopic, log: UlogContents): Scale {
  const values = topic.time.flatMap((_, i) => valuesOf(topic, i, 'output').slice(0, ROTORS));
  const highest = values.reduce((most, value) => Math.max(most, value), 0);
  const lowest = values.reduce((least, value) => (value > 0 ? Math.min(least, value) : least), highest);
  if (highest <= 1) return { text: '0 to 1', apply: clip };
  if (highest > HIGHEST_PWM)
    return { text: `0 to ${UAVCAN_FULL}, UAVCAN`, apply: (value) => clip(value / UAVCAN_FULL) };
  if (lowest < LOWEST_PWM) return { text: `0 to ${DSHOT_FULL}, DShot`, apply: (value) => clip(value / DSHOT_FULL) };
  const low = log.parameters.get('PWM_MAIN_MIN') ?? log.parameters.get('PWM_MIN') ?? PWM_RANGE[0];
  const high = log.parameters.get('PWM_MAIN_MAX') ?? log.parameters.get('PWM_MAX') ?? PWM_RANGE[1];
  return { text: `${low} to ${high} µs`, apply: (value) => clip((value - low) / (high - low)) };
}

/** Sum of the four outputs' ranges, in the topic's units. */
function spreadOf(topic: UlogTopic): number {
  const rows = topic.time.map((_, i) => valuesOf(topic, i, 'output'));
  const used = Math.min(ROTORS, ...rows.map((row) => row.length));
  let spread = 0;
  for (let k = 0; k < used; k++) {
    const column = rows.map((row) => row[k]).filter(Number.isFinite);
    spread += column.reduce((a, b) => Math.max(a, b), -Infinity) - column.reduce((a, b) => Math.min(a, b), Infinity);
  }
  return spread;
}

function valuesOf(topic: UlogTopic, i: number, field: string): number[] {
  const value = topic.message(i)[field];
  return Array.isArray(value) ? (value as number[]) : [];
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
