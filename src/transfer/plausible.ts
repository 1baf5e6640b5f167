import type { Vehicle } from '../../envs/vehicle.ts';
import { specificForceZ } from './body-force.ts';
import type { FlightSamples } from './samples.ts';

/** How closely a flight's motion follows its motor commands: correlations, NaN where there is nothing to tell by. */
export interface Following {
  /** Specific force along body z with the mean command. */
  thrust: number;
  /** Angular acceleration about x, y and z with the torque that the commands should make. */
  torque: [number, number, number];
  /** The order of the log's motors in which roll and pitch would follow best, as indices into the log's. */
  bestOrder: number[];
  /** The lesser of roll's and pitch's correlation in that order. */
  best: number;
}

/** Slower changes are trim and battery, and a controller that corrects for them hides what caused them [s]. */
const TREND_S = 0.5;
/** Faster ones are vibration [s]. */
const SMOOTH_S = 0.05;
const FEWEST_SECONDS = 3;

/** Below this the motion goes against the commands. */
const AGAINST = -0.3;
/** Below this it does not follow them at all: 0.37 is the least of any axis of 23 NanoBench flights, shuffled ones have 0.1. */
const UNRELATED = 0.12;
/** By how much another order of motors has to do better than the log's, and how well. */
const OTHER_ORDER = { better: 0.15, least: 0.4 };

/**
 * What contradicts physics in a flight, as the end of a sentence; null where nothing does.
 *
 * Commands make thrust and torque, whatever the vehicle weighs and however its motors differ, so signs are certain where
 * sizes are not. Only changes between 0.05 and 0.5 s are looked at, after the motors' lag.
 */
export function contradiction(following: Following): string | null {
  const { thrust, torque, best, bestOrder } = following;
  if (thrust < AGAINST) return `thrust falls as commands rise (correlation ${thrust.toFixed(2)})`;
  const level = Math.min(torque[0], torque[1]);
  if (best > OTHER_ORDER.least && best - level > OTHER_ORDER.better) {
    const order = bestOrder.map((motor) => `M${motor + 1}`).join(' ');
    return (
      `roll and pitch do not follow the motors in the log's order (correlation ${level.toFixed(2)}), ` +
      `but would in the order ${order} (${best.toFixed(2)})`
    );
  }
  const against = torque.findIndex((r) => r < AGAINST);
  if (against >= 0)
    return `it turns about ${'xyz'[against]} against its commands (correlation ${torque[against].toFixed(2)})`;
  const judged = [thrust, torque[0], torque[1]];
  if (judged.every((r) => r < UNRELATED))
    return `its motion does not follow its commands (correlations ${judged.map((r) => r.toFixed(2)).join(', ')})`;
  return null;
}

/** Measures how a flight's motion follows its commands, by the vehicle's geometry and lag. */
export function measureFollowing(flight: FlightSamples, vehicle: Vehicle): Following {
  const moments = momentsOf(flight, vehicle);
  const identity = [0, 1, 2, 3];
  const axes = torqueSigns(vehicle);
  const correlate = (axis: number, order: number[]) =>
    moments.correlation(
      axes[axis].map((sign, rotor) => [order[rotor], sign]),
      axis + 1,
    );
  let [best, bestOrder] = [Number.NEGATIVE_INFINITY, identity];
  for (const order of orders()) {
    const level = Math.min(correlate(0, order), correlate(1, order));
    if (level > best) [best, bestOrder] = [level, order];
  }
  return {
    thrust: moments.correlation(
      identity.map((motor) => [motor, 1]),
      0,
    ),
    torque: [correlate(0, identity), correlate(1, identity), correlate(2, identity)],
    bestOrder,
    best,
  };
}

/** Sign and arm with which each rotor turns the body about x, y and z. */
function torqueSigns({ rotors }: Vehicle): number[][] {
  return [
    rotors.map(({ position_m }) => position_m[1]),
    rotors.map(({ position_m }) => -position_m[0]),
    rotors.map(({ spin }) => (spin === 'ccw' ? -1 : 1)),
  ];
}

function orders(): number[][] {
  const permute = (rest: number[]): number[][] =>
    rest.length === 0 ? [[]] : rest.flatMap((x) => permute(rest.filter((y) => y !== x)).map((tail) => [x, ...tail]));
  return permute([0, 1, 2, 3]);
}

/** Second moments of four filtered commands and of the four motions that they should make. */
class Moments {
  private readonly motors = new Float64Array(16);
  private readonly across = new Float64Array(16);
  private readonly motions = new Float64Array(4);
  rows = 0;

  add(commands: Float64Array[], motions: Float64Array[], t: number): void {
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        this.motors[4 * i + j] += commands[i][t] * commands[j][t];
        this.across[4 * i + j] += commands[i][t] * motions[j][t];
      }
      this.motions[i] += motions[i][t] ** 2;
    }
    this.rows++;
  }

  /** Of `Σ factor · command` with motion `m`; NaN where either hardly moves. */
  correlation(mix: [motor: number, factor: number][], m: number): number {
    let [variance, covariance] = [0, 0];
    for (const [i, a] of mix) {
      covariance += a * this.across[4 * i + m];
      for (const [j, b] of mix) variance += a * b * this.motors[4 * i + j];
    }
    const scale = mix.reduce((sum, [, a]) => sum + a * a, 0);
    const moves = variance > 1e-7 * scale * this.rows && this.motions[m] > 1e-9 * this.rows;
    return moves ? covariance / Math.sqrt(variance * this.motions[m]) : Number.NaN;
  }
}

function momentsOf(flight: FlightSamples, vehicle: Vehicle): Moments {
  const { rateHz, stretches, airborne } = flight;
  const moments = new Moments();
  const trend = Math.round(TREND_S * rateHz);
  for (const { from, end } of stretches) {
    if (end - from < FEWEST_SECONDS * rateHz) continue;
    const filter = (column: Float64Array) => bandPass(column, trend, Math.round(SMOOTH_S * rateHz));
    const commands = flight.commands.map((motor) => filter(afterLag(motor.subarray(from, end), rateHz, vehicle)));
    const force = Float64Array.from({ length: end - from }, (_, k) =>
      specificForceZ(flight, Math.min(from + k, end - 2)),
    );
    const turning = flight.rates.map((rate) => changeOf(rate.subarray(from, end), rateHz));
    const motions = [force, ...turning].map(filter);
    for (let t = trend; t < end - from - trend; t++) if (airborne[from + t]) moments.add(commands, motions, t);
  }
  return moments;
}

/** A command as the motor follows it. */
function afterLag(motor: Float64Array, rateHz: number, { rotor, latency_s }: Vehicle): Float64Array {
  const gain = 1 - Math.exp(-1 / (Math.max(rotor.lag_s, 1e-3) * rateHz));
  const delay = Math.round(latency_s * rateHz);
  const out = new Float64Array(motor.length);
  let last = motor[0];
  for (let t = 0; t < motor.length; t++) out[t] = last += gain * (motor[Math.max(0, t - delay)] - last);
  return out;
}

function changeOf(column: Float64Array, rateHz: number): Float64Array {
  const T = column.length;
  return column.map((_, t) => ((column[Math.min(T - 1, t + 1)] - column[Math.max(0, t - 1)]) * rateHz) / 2);
}

/** A short centred average minus a long one. */
function bandPass(column: Float64Array, long: number, short: number): Float64Array {
  const [fast, slow] = [movingMean(column, short), movingMean(column, long)];
  return fast.map((x, t) => x - slow[t]);
}

function movingMean(column: Float64Array, width: number): Float64Array {
  const T = column.length;
  const sums = new Float64Array(T + 1);
  for (let t = 0; t < T; t++) sums[t + 1] = sums[t] + column[t];
  const half = width >> 1;
  return column.map((_, t) => {
    const [a, b] = [Math.max(0, t - half), Math.min(T, t + half + 1)];
    return (sums[b] - sums[a]) / (b - a);
  });
}
