import type { Vehicle } from '../../envs/vehicle.ts';
import { GRAVITY } from '../../envs/weight.ts';
import type { CommandMap } from '../../policies/contract.ts';
import { meanCommand4, specificForceZ } from './body-force.ts';
import { thrustOfCommand } from '../../policies/command-map.ts';
import type { FlightSamples } from './samples.ts';
import { thrustCommand } from './wrench.ts';

/** A fitted command map and what it rests on. */
export interface Calibration {
  map: CommandMap;
  /** What is believed without flights: the vehicle file's map, or that of rotor thrusts. */
  nominal: CommandMap;
  /** Blocks of 0.2 s of flight that were used. */
  blocks: number;
  /** Spread of the measured thrust around the fitted one, as a fraction. */
  residual: number;
}

/** Averaging over this long [s] takes out most of the accelerometer's vibration and leaves manoeuvres in. */
const BLOCK_SECONDS = 0.2;
/** From command to thrust [s]: NanoBench shows 58 to 70 ms for motors and radio together. */
const LAG_SECONDS = 0.06;
/** How far the exponents may plausibly be from the vehicle file's. */
const PRIOR_SPREAD = 0.3;
/** Equal motors count as much as so many flights. */
const EQUAL_MOTORS = 2;
const RANGES = { exponent: [0.5, 3], batteryExponent: [0, 4] } as const;

interface Block {
  /** ln of measured thrust, as a fraction of full thrust. */
  thrust: number;
  /** ln of the mean command. */
  command: number;
  /** ln of voltage over nominal. */
  voltage: number;
}

/**
 * Fits the map from motor command to rotor thrust to flights, by physics alone: specific force along body z over `g`
 * is thrust over weight, and the policy's unit is the thrust that hovers the nominal vehicle.
 *
 * `ln u = ln level + exponent · ln c + batteryExponent · ln(V/nominal)`. In calm flight thrust hardly varies, and noise
 * on it would pull both exponents towards 0 (on NanoBench: 1.07 and 0.79); the regression of command on thrust errs
 * the other way (1.82 and 1.43). The two bracket the truth: their geometric mean is taken, and the further they are
 * apart the more the vehicle file's value counts. The level is free: a heavier vehicle and weaker motors look the
 * same, and both end in it.
 *
 * @param flights at least one, airborne
 * @param thrusts whether the commands are rotor thrusts: then the level alone is fitted, for a mass or full thrust unlike
 *   the vehicle file's
 */
export function fitCommandMap(flights: FlightSamples[], vehicle: Vehicle, thrusts = false): Calibration {
  const nominalMap = thrusts ? thrustCommand() : { ...vehicle.command };
  const hover = (vehicle.mass_kg * GRAVITY) / (4 * vehicle.rotor.maxThrust_N);
  const nominal = vehicle.battery.nominal_V;
  const blocks = flights.flatMap((flight) => blocksOf(flight, hover, nominal));
  if (blocks.length === 0) return { map: nominalMap, nominal: nominalMap, blocks: 0, residual: Number.NaN };
  const { exponent, batteryExponent } = thrusts ? nominalMap : solve(blocks, vehicle.command);
  const map: CommandMap = { ...nominalMap, level: 1, exponent, batteryExponent };
  if (!thrusts) map.motors = motorsFor(map, flights, nominal);
  map.level = levelFor(map, flights, hover, nominal);
  return { map, nominal: nominalMap, blocks: blocks.length, residual: spread(blocks, map) };
}

function blocksOf(flight: FlightSamples, hover: number, nominal: number): Block[] {
  const rows = Math.max(2, Math.round(BLOCK_SECONDS * flight.rateHz));
  const command = lagged(flight);
  const blocks: Block[] = [];
  for (const { from, end } of flight.stretches)
    for (let t = from; t + rows < end; t += rows) {
      const block = meanOver(flight, command, t, t + rows);
      if (block && block.force > 0.2 * GRAVITY)
        blocks.push({
          thrust: Math.log((hover * block.force) / GRAVITY),
          command: Math.log(block.command),
          voltage: Math.log(block.voltage / nominal),
        });
    }
  return blocks;
}

/** Mean command of the motors as thrust follows it, `[T]`. */
function lagged(flight: FlightSamples): Float64Array {
  const gain = 1 - Math.exp(-1 / (LAG_SECONDS * flight.rateHz));
  const out = new Float64Array(flight.voltage.length);
  for (const { from, end } of flight.stretches) {
    let last = meanCommand4(flight, from);
    for (let t = from; t < end; t++) out[t] = last += gain * (meanCommand4(flight, t) - last);
  }
  return out;
}

/** Means over rows `from` to `end - 1`; null unless all of them are airborne. */
function meanOver(flight: FlightSamples, commands: Float64Array, from: number, end: number) {
  let [force, command, voltage] = [0, 0, 0];
  for (let t = from; t < end; t++) {
    if (!flight.airborne[t]) return null;
    force += specificForceZ(flight, t);
    command += commands[t];
    voltage += flight.voltage[t];
  }
  const n = end - from;
  return Number.isFinite(force) ? { force: force / n, command: command / n, voltage: voltage / n } : null;
}

type Exponents = Pick<CommandMap, 'exponent' | 'batteryExponent'>;

function solve(blocks: Block[], prior: CommandMap): Exponents {
  const { forward, reverse } = bothRegressions(blocks);
  return {
    exponent: between(forward.exponent, reverse.exponent, prior.exponent, RANGES.exponent),
    batteryExponent: between(
      forward.batteryExponent,
      reverse.batteryExponent,
      prior.batteryExponent,
      RANGES.batteryExponent,
    ),
  };
}

/** Least squares of thrust on command and voltage, and of command on thrust and voltage solved for thrust. */
function bothRegressions(blocks: Block[]): { forward: Exponents; reverse: Exponents } {
  const mean = (of: (block: Block) => number) => blocks.reduce((sum, block) => sum + of(block), 0) / blocks.length;
  const [y0, c0, v0] = [mean((b) => b.thrust), mean((b) => b.command), mean((b) => b.voltage)];
  const cov = (p: (b: Block) => number, q: (b: Block) => number) => mean((b) => p(b) * q(b));
  const [y, c, v] = [(b: Block) => b.thrust - y0, (b: Block) => b.command - c0, (b: Block) => b.voltage - v0];
  const [yy, cc, vv, yc, yv, cv] = [cov(y, y), cov(c, c), cov(v, v), cov(y, c), cov(y, v), cov(c, v)];
  const tiny = 1e-12; // constant voltage: its exponent is then told by the prior alone
  const d = cc * vv - cv * cv + tiny * cc;
  const forward = { exponent: (yc * vv - yv * cv) / d, batteryExponent: (yv * cc - yc * cv) / d };
  const e = yy * vv - yv * yv + tiny * yy;
  const onThrust = (yc * vv - cv * yv) / e;
  const onVoltage = (cv * yy - yc * yv) / e;
  return { forward, reverse: { exponent: 1 / onThrust, batteryExponent: -onVoltage / onThrust } };
}

/** The geometric mean of two estimates that bracket the truth, drawn to the prior as far as they disagree. */
function between(low: number, high: number, prior: number, range: readonly [number, number]): number {
  if (!(low > 0 && high > 0 && Number.isFinite(high))) return prior;
  const estimate = Math.sqrt(low * high);
  const variance = ((high - low) / 2) ** 2;
  const trust = PRIOR_SPREAD ** 2 / (PRIOR_SPREAD ** 2 + variance);
  return Math.min(range[1], Math.max(range[0], prior + trust * (estimate - prior)));
}

function spread(blocks: Block[], { exponent, batteryExponent }: Exponents): number {
  const residuals = blocks.map((b) => b.thrust - exponent * b.command - batteryExponent * b.voltage);
  const mean = residuals.reduce((sum, r) => sum + r, 0) / residuals.length;
  return Math.sqrt(residuals.reduce((sum, r) => sum + (r - mean) ** 2, 0) / residuals.length);
}

/**
 * What each motor thrusts beside the others at the same command: in the mean over a flight a vehicle neither rolls nor
 * pitches nor turns faster and faster, so that what motors then are told to be equal are told unequally. Each flight has a trim of
 * its own besides, so that the mean of a few is drawn to equal motors.
 */
function motorsFor(map: CommandMap, flights: FlightSamples[], nominal: number): NonNullable<CommandMap['motors']> {
  const share = flights.length / (flights.length + EQUAL_MOTORS);
  const logs = [0, 0, 0, 0];
  for (const flight of flights) {
    const means = meanThrusts(map, flight, nominal).map(Math.log);
    const overall = means.reduce((sum, mean) => sum + mean, 0) / 4;
    for (let motor = 0; motor < 4; motor++) logs[motor] -= (share * (means[motor] - overall)) / flights.length;
  }
  return logs.map(Math.exp) as NonNullable<CommandMap['motors']>;
}

/** Of each motor, while airborne, were they all alike. */
function meanThrusts(map: CommandMap, flight: FlightSamples, nominal: number): number[] {
  return flight.commands.map((command, motor) => {
    let [sum, n] = [0, 0];
    for (const { from, end } of flight.stretches)
      for (let t = from; t < end; t++) {
        if (!flight.airborne[t]) continue;
        sum += thrustOfCommand(map, motor, command[t], flight.voltage[t], nominal);
        n++;
      }
    return sum / n;
  });
}

/** The level at which mean thrust is mean specific force, motor by motor: a mean of powers is no power of means. */
function levelFor(map: CommandMap, flights: FlightSamples[], hover: number, nominal: number): number {
  let [measured, predicted] = [0, 0];
  for (const flight of flights)
    for (const { from, end } of flight.stretches)
      for (let t = from; t + 1 < end; t++) {
        const force = specificForceZ(flight, t);
        if (!flight.airborne[t] || !Number.isFinite(force)) continue;
        measured += (hover * force) / GRAVITY;
        flight.commands.forEach((command, motor) => {
          predicted += thrustOfCommand(map, motor, command[t], flight.voltage[t], nominal) / 4;
        });
      }
  return measured / predicted;
}
