import type { CommandMap } from '../../policies/contract.ts';

/**
 * Fraction of full rotor thrust that a vehicle's own motor command gives: `u = level · c^exponent · (V/nominal)^batteryExponent`.
 *
 * @param c command in [0, 1]
 * @param voltage [V]
 * @param nominalVoltage at which the battery's factor is 1 [V]
 */
export function thrustOfCommand(map: CommandMap, c: number, voltage: number, nominalVoltage: number): number {
  return batteryFactor(map, voltage, nominalVoltage) * Math.max(0, c) ** map.exponent;
}

/** The command that gives a fraction `u` of full rotor thrust, kept in [0, 1]: the inverse of {@link thrustOfCommand}. */
export function commandOfThrust(map: CommandMap, u: number, voltage: number, nominalVoltage: number): number {
  const c = (Math.max(0, u) / batteryFactor(map, voltage, nominalVoltage)) ** (1 / map.exponent);
  return c < 1 ? c : 1;
}

function batteryFactor({ level, batteryExponent }: CommandMap, voltage: number, nominalVoltage: number): number {
  return level * (voltage / nominalVoltage) ** batteryExponent;
}
