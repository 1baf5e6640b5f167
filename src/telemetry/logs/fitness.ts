import type { Flight, TopicName } from '../flight.ts';
import { DEFAULT_MAX_GAP_SECONDS } from '../pipeline/resample.ts';
import type { Disagreement } from './agreement.ts';
import { gapsAndRate } from './gaps.ts';

/** What a log is good for, before anything is fitted. */
export interface Fitness {
  /** `partly`: some of a vehicle's numbers; `why` says which it does not tell. */
  identify: { fit: 'yes' | 'partly' | 'no'; why: string };
  fineTune: { fit: 'yes' | 'no'; why: string };
  /** In short. */
  verdict: 'identify and fine-tune' | 'identify' | 'fine-tune' | 'neither';
}

/** Rate changes over 50 ms of flights with rate steps of 1.5 rad/s are above this, calm ones far below [rad/s]. */
const EXCITED_CHANGE = { rollPitch: 0.35, yaw: 0.08 };
const CHANGE_SECONDS = 0.05;
const SHORTEST_SECONDS = 2;
/** What behaviour cloning needs of a flight: the state and the motor commands given in it. */
const NEEDED: TopicName[] = ['pose', 'velocity', 'rates', 'motors'];

/**
 * Judges what a flight can be used for.
 *
 * @param airborne seconds in the air with every motor on; null where that cannot be told
 * @param wanders whether its position is dead reckoning
 * @param apart which of its topics contradict each other
 */
export function fitness(
  flight: Flight,
  airborne: number | null,
  wanders: boolean,
  apart: readonly Disagreement[] = [],
): Fitness {
  const identify = forIdentification(flight, airborne, wanders, apart);
  const fineTune = forFineTuning(flight, airborne, wanders, apart);
  const uses = [identify.fit !== 'no' && 'identify', fineTune.fit === 'yes' && 'fine-tune'].filter(Boolean);
  return { identify, fineTune, verdict: (uses.join(' and ') || 'neither') as Fitness['verdict'] };
}

/** Thrust and torques stand in for the motor commands where those were not logged. */
function forFineTuning(
  flight: Flight,
  airborne: number | null,
  wanders: boolean,
  apart: readonly Disagreement[],
): Fitness['fineTune'] {
  const { topics } = flight;
  if (Object.keys(topics).length === 0) return { fit: 'no', why: 'none of its topics is one that Windhover knows' };
  if (flight.otherAirframe) return { fit: 'no', why: onlyQuadrotors(flight.otherAirframe) };
  const byThrust = !topics.motors && Boolean(topics.wrench);
  const needed = NEEDED.map((topic) => (topic === 'motors' && byThrust ? 'wrench' : topic));
  const missing = needed.filter((topic) => !topics[topic]);
  if (missing.length > 0) return { fit: 'no', why: `it has no ${missing.join(', no ')}` };
  if (airborne !== null && airborne < SHORTEST_SECONDS) return { fit: 'no', why: grounded(airborne) };
  const slow = tooSlow(flight, needed);
  if (slow) return { fit: 'no', why: slow };
  if (apart.length > 0) return { fit: 'no', why: contradiction(apart) };
  if (wanders)
    return { fit: 'no', why: 'its position is dead reckoning and wanders off; attitude, rates and motors are there' };
  const there = byThrust ? 'thrust and torques stand in for motor commands' : `${needed.join(', ')} are there`;
  const goals = topics.setpoint ? 'setpoints as goals' : 'no setpoint, so goals come from hindsight';
  return { fit: 'yes', why: `${there}, ${goals}` };
}

function forIdentification(
  flight: Flight,
  airborne: number | null,
  wanders: boolean,
  apart: readonly Disagreement[],
): Fitness['identify'] {
  const { rates, motors, wrench, pose, velocity } = flight.topics;
  if (flight.otherAirframe) return { fit: 'no', why: onlyQuadrotors(flight.otherAirframe) };
  if (!rates || !(motors || wrench)) {
    const missing = (['rates', 'motors'] as const).filter((topic) => !flight.topics[topic]);
    return { fit: 'no', why: `it has no ${missing.join(', no ')}` };
  }
  if (airborne !== null && airborne < SHORTEST_SECONDS) return { fit: 'no', why: grounded(airborne) };
  const slow = tooSlow(flight, ['rates', motors ? 'motors' : 'wrench']);
  if (slow) return { fit: 'no', why: slow };
  const turned = apart.filter(({ between }) => between.includes('rates'));
  if (turned.length > 0) return { fit: 'no', why: contradiction(turned) };
  const lacks: string[] = [];
  if (!motors) lacks.push("no motor's own command curve: it holds the controller's thrust and torques in their place");
  if (!pose || !velocity) lacks.push('no thrust and drag without pose and velocity');
  else if (apart.length > 0) lacks.push(`no thrust and drag: ${contradiction(apart)}`);
  else if (wanders) lacks.push('thrust and drag only roughly: its velocity is dead reckoning');
  const changes = [0, 1, 2].map((axis) => changeOf(rates.time, rates.columns[axis]));
  const show = (value: number) => value.toFixed(2);
  if (Math.max(changes[0], changes[1]) < EXCITED_CHANGE.rollPitch)
    lacks.push(
      `roll and pitch gain weakly at best, and no split of lag and latency: rates change by ${show(Math.max(changes[0], changes[1]))} rad/s over 50 ms; fly rate steps of about 1.5 rad/s`,
    );
  if (changes[2] < EXCITED_CHANGE.yaw)
    lacks.push(`no yaw gain: the yaw rate changes by ${show(changes[2])} rad/s over 50 ms; fly yaw steps`);
  return lacks.length === 0
    ? { fit: 'yes', why: 'state and motor commands are there, and the vehicle is made to turn' }
    : { fit: 'partly', why: lacks.join('; ') };
}

/** What to say of a vehicle that is none. */
export function onlyQuadrotors(otherAirframe: string): string {
  return `${otherAirframe}, and only quadrotors can be flown in simulation and learnt from`;
}

/** Which of these topics comes too seldom for the time between its samples to be bridged; null where none does. */
export function tooSlow({ topics }: Flight, names: readonly TopicName[]): string | null {
  const least = 1 / DEFAULT_MAX_GAP_SECONDS;
  for (const name of names) {
    const { rateHz } = gapsAndRate(topics[name]?.time ?? new Float64Array());
    if (rateHz > 0 && rateHz < 0.99 * least)
      return `it has ${name} ${rateHz.toFixed(1)} times a second only; ${least} at least are needed, and some 100 are good`;
  }
  return null;
}

function contradiction(apart: readonly Disagreement[]): string {
  return `its ${apart.map(({ between }) => between.join(' and ')).join(', and its ')} contradict each other`;
}

function grounded(airborne: number): string {
  return airborne === 0 ? 'the vehicle never flew in it' : `it is in the air for ${airborne.toFixed(1)} s only`;
}

/** Robust standard deviation of what a rate changes by over 50 ms. */
function changeOf(time: Float64Array, column: Float64Array): number {
  const changes: number[] = [];
  let later = 0;
  for (let i = 0; i < time.length; i++) {
    while (later < time.length && time[later] < time[i] + CHANGE_SECONDS - 1e-6) later++;
    if (later < time.length) changes.push(Math.abs(column[later] - column[i]));
  }
  changes.sort((a, b) => a - b);
  // between the median of calm stretches and the few large steps: the root mean square without the largest hundredth
  const kept = changes.slice(0, Math.ceil(0.99 * changes.length));
  return Math.sqrt(kept.reduce((sum, change) => sum + change * change, 0) / Math.max(1, kept.length));
}
