import { ACTION_SIZE, actionFor, thrustFraction } from '../../envs/actions.ts';
import type { CommandMap, Contract } from '../../policies/contract.ts';
import type { Mlp } from '../../policies/mlp.ts';
import { commandOfThrust, thrustOfCommand } from '../../policies/command-map.ts';
import type { FlightSamples } from './samples.ts';
import { flyAlong } from './self-fed.ts';

/** Mean squared error in the logged motor command, over all airborne samples of all flights and the four motors. */
export interface RealScore {
  actionMse: number;
}

/** One flight's share of a {@link RealScore}. */
export interface FlightError {
  /** Sum of squared errors over airborne samples and motors. */
  squares: number;
  /** Number of them. */
  n: number;
}

/** Calls `visit` for each airborne row of the flights, in the order of `SelfFed`. */
export function eachAirborne(
  flights: FlightSamples[],
  visit: (flight: FlightSamples, t: number, row: number) => void,
): void {
  let row = 0;
  for (const flight of flights)
    for (const { from, end } of flight.stretches)
      for (let t = from; t < end; t++) if (flight.airborne[t]) visit(flight, t, row++);
}

/** Error of a policy that flies along, self-fed, its thrust turned into commands by `map`. */
export function policyError(contract: Contract, actor: Mlp, map: CommandMap, flights: FlightSamples[]): RealScore {
  return pooled(flightErrors(contract, actor, map, flights));
}

/** {@link policyError} flight by flight, in the order of `flights`. */
export function flightErrors(contract: Contract, actor: Mlp, map: CommandMap, flights: FlightSamples[]): FlightError[] {
  return squaresOf(flights, policyCommands(contract, actor, map, flights));
}

/** {@link flightMeanError} flight by flight. */
export function flightMeanErrors(flights: FlightSamples[]): FlightError[] {
  return squaresOf(flights, flightMeans(flights));
}

/** All flights' samples together. */
export function pooled(errors: FlightError[]): RealScore {
  const sum = (of: (error: FlightError) => number) => errors.reduce((total, error) => total + of(error), 0);
  return { actionMse: sum(({ squares }) => squares) / sum(({ n }) => n) };
}

/** Of the flights' mean squares: one flight unlike all others does not decide it. */
export function geometricMean(errors: FlightError[]): number {
  return Math.exp(errors.reduce((sum, { squares, n }) => sum + Math.log(squares / n), 0) / errors.length);
}

type Commander = (flight: FlightSamples, t: number, motor: number, row: number) => number;

function policyCommands(contract: Contract, actor: Mlp, map: CommandMap, flights: FlightSamples[]): Commander {
  const { actions } = flyAlong(contract, actor, flights);
  const { nominalVoltage_V } = contract.observation.spec;
  return (flight, t, motor, row) => {
    const u = thrustFraction(contract.action, motor, actions[row * ACTION_SIZE + motor]);
    return commandOfThrust(map, motor, u, flight.voltage[t], nominalVoltage_V);
  };
}

/** Error of whoever knows each flight's mean command, motor by motor: what no trim can be better than. */
export function flightMeanError(flights: FlightSamples[]): RealScore {
  return pooled(flightMeanErrors(flights));
}

function flightMeans(flights: FlightSamples[]): Commander {
  const means = new Map(flights.map((flight) => [flight, meanCommand(flight)]));
  return (flight, _, motor) => means.get(flight)![motor];
}

/** Error of repeating the command logged one step before: the copycat that looks best and flies nothing. */
export function repeatLastError(flights: FlightSamples[]): RealScore {
  const last: Commander = ({ commands }, t, motor) =>
    Number.isFinite(commands[motor][t - 1]) ? commands[motor][t - 1] : commands[motor][t];
  return pooled(squaresOf(flights, last));
}

/** The actions that a policy would have had to take for the logged commands, `[n, 4]`. */
export function loggedActions(contract: Contract, map: CommandMap, flights: FlightSamples[]): Float32Array {
  const { nominalVoltage_V } = contract.observation.spec;
  const actions: number[] = [];
  eachAirborne(flights, (flight, t) => {
    for (let motor = 0; motor < ACTION_SIZE; motor++) {
      const u = thrustOfCommand(map, motor, flight.commands[motor][t], flight.voltage[t], nominalVoltage_V);
      actions.push(actionFor(contract.action, motor, u));
    }
  });
  return Float32Array.from(actions);
}

function meanCommand(flight: FlightSamples): number[] {
  const sums = [0, 0, 0, 0];
  let n = 0;
  eachAirborne([flight], (_, t) => {
    for (let motor = 0; motor < ACTION_SIZE; motor++) sums[motor] += flight.commands[motor][t];
    n++;
  });
  return sums.map((sum) => sum / n);
}

function squaresOf(flights: FlightSamples[], command: Commander): FlightError[] {
  const errors = flights.map(() => ({ squares: 0, n: 0 }));
  const errorOf = new Map(flights.map((flight, i) => [flight, errors[i]]));
  eachAirborne(flights, (flight, t, row) => {
    const error = errorOf.get(flight)!;
    for (let motor = 0; motor < ACTION_SIZE; motor++)
      error.squares += (command(flight, t, motor, row) - flight.commands[motor][t]) ** 2;
    error.n += ACTION_SIZE;
  });
  return errors;
}
