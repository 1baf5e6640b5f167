import { GRAVITY, type Vehicle } from '../../envs/vehicle.ts';
import type { CommandMap } from '../../policies/contract.ts';
import { thrustOfCommand } from './command-map.ts';
import type { FlightSamples } from './samples.ts';

/** A fitted command map and what it rests on. */
export interface Calibration {
  map: CommandMap;
  /** Half-second blocks of flight that were used. */
  blocks: number;
  /** Spread of the measured thrust around the fitted one, as a fraction. */
  residual: number;
}

/** Averaging over this long [s] hides the motors' lag (about 70 ms) and most of the accelerometer's vibration. */
const BLOCK_SECONDS = 0.5;
/** How far the exponents may plausibly be from the vehicle file's; what flights do not show stays there. */
const PRIOR_SPREAD = { exponent: 0.3, batteryExponent: 0.3 };
/** Blocks next to each other share their disturbances: so many count as one. */
const CORRELATED_BLOCKS = 4;
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
 * `ln u = ln level + exponent · ln c + batteryExponent · ln(V/nominal)` is solved by least squares with a Gaussian
 * prior at the vehicle file's exponents; the level is free. A heavier vehicle and weaker motors look the same, and
 * both end in the level.
 *
 * @param flights at least one, airborne
 */
export function fitCommandMap(flights: FlightSamples[], vehicle: Vehicle): Calibration {
  const hover = (vehicle.mass_kg * GRAVITY) / (4 * vehicle.rotor.maxThrust_N);
  const nominal = vehicle.battery.nominal_V;
  const blocks = flights.flatMap((flight) => blocksOf(flight, hover, nominal));
  if (blocks.length === 0) return { map: { ...vehicle.command }, blocks: 0, residual: Number.NaN };
  const fitted = solve(blocks, vehicle.command);
  const map: CommandMap = { ...vehicle.command, level: 1, ...fitted };
  map.level = levelFor(map, flights, hover, nominal);
  return { map, blocks: blocks.length, residual: spread(blocks, fitted) };
}

function blocksOf(flight: FlightSamples, hover: number, nominal: number): Block[] {
  const rows = Math.round(BLOCK_SECONDS * flight.rateHz);
  const blocks: Block[] = [];
  for (const { from, end } of flight.stretches)
    for (let t = from; t + rows < end; t += rows) {
      const block = meanOver(flight, t, t + rows);
      if (block && block.force > 0.2 * GRAVITY)
        blocks.push({
          thrust: Math.log((hover * block.force) / GRAVITY),
          command: Math.log(block.command),
          voltage: Math.log(block.voltage / nominal),
        });
    }
  return blocks;
}

/** Means over rows `from` to `end - 1`; null unless all of them are airborne. */
function meanOver(flight: FlightSamples, from: number, end: number) {
  let [force, command, voltage] = [0, 0, 0];
  for (let t = from; t < end; t++) {
    if (!flight.airborne[t]) return null;
    force += forceAlongZ(flight, t);
    for (const motor of flight.commands) command += motor[t] / 4;
    voltage += flight.voltage[t];
  }
  const n = end - from;
  return Number.isFinite(force) ? { force: force / n, command: command / n, voltage: voltage / n } : null;
}

/** Specific force along body z [m/s²]: measured, or else from the change of velocity. */
function forceAlongZ(flight: FlightSamples, t: number): number {
  if (flight.acceleration) return flight.acceleration[2][t];
  const [x, y, z, w] = flight.quaternion.map((column) => column[t]);
  const up = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
  const change = flight.velocity.map((column) => (column[t + 1] - column[t]) * flight.rateHz);
  return up[0] * change[0] + up[1] * change[1] + up[2] * (change[2] + GRAVITY);
}

/** Ridge regression about the prior; the noise is estimated from a first, nearly free fit. */
function solve(blocks: Block[], prior: CommandMap): Pick<CommandMap, 'exponent' | 'batteryExponent'> {
  const first = regress(blocks, prior, 0.02);
  return regress(blocks, prior, Math.max(1e-3, spread(blocks, first)));
}

function regress(blocks: Block[], prior: CommandMap, noise: number) {
  const mean = (of: (block: Block) => number) => blocks.reduce((sum, block) => sum + of(block), 0) / blocks.length;
  const [y0, c0, v0] = [mean((b) => b.thrust), mean((b) => b.command), mean((b) => b.voltage)];
  const weight = 1 / (CORRELATED_BLOCKS * noise * noise);
  // normal equations of the deviations from the prior
  let cc = 1 / PRIOR_SPREAD.exponent ** 2;
  let vv = 1 / PRIOR_SPREAD.batteryExponent ** 2;
  let [cv, cy, vy] = [0, 0, 0];
  for (const block of blocks) {
    const c = block.command - c0;
    const v = block.voltage - v0;
    const y = block.thrust - y0 - prior.exponent * c - prior.batteryExponent * v;
    cc += weight * c * c;
    vv += weight * v * v;
    cv += weight * c * v;
    cy += weight * c * y;
    vy += weight * v * y;
  }
  const determinant = cc * vv - cv * cv;
  const exponent = prior.exponent + (vv * cy - cv * vy) / determinant;
  const batteryExponent = prior.batteryExponent + (cc * vy - cv * cy) / determinant;
  return { exponent: within(exponent, RANGES.exponent), batteryExponent: within(batteryExponent, RANGES.batteryExponent) };
}

function spread(blocks: Block[], { exponent, batteryExponent }: Pick<CommandMap, 'exponent' | 'batteryExponent'>): number {
  const residuals = blocks.map((b) => b.thrust - exponent * b.command - batteryExponent * b.voltage);
  const mean = residuals.reduce((sum, r) => sum + r, 0) / residuals.length;
  return Math.sqrt(residuals.reduce((sum, r) => sum + (r - mean) ** 2, 0) / residuals.length);
}

/** The level at which mean thrust is mean specific force, motor by motor: a mean of powers is no power of means. */
function levelFor(map: CommandMap, flights: FlightSamples[], hover: number, nominal: number): number {
  let [measured, predicted] = [0, 0];
  for (const flight of flights)
    for (const { from, end } of flight.stretches)
      for (let t = from; t + 1 < end; t++) {
        const force = forceAlongZ(flight, t);
        if (!flight.airborne[t] || !Number.isFinite(force)) continue;
        measured += (hover * force) / GRAVITY;
        for (const motor of flight.commands) predicted += thrustOfCommand(map, motor[t], flight.voltage[t], nominal) / 4;
      }
  return measured / predicted;
}

function within(x: number, [low, high]: readonly [number, number]): number {
  return Math.min(high, Math.max(low, x));
}
