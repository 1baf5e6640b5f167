import type { CommandMap } from './contract.ts';

/**
 * Fraction of full rotor thrust that a vehicle's own motor command gives: `u = motors[k] · level · c^exponent · (V/nominal)^batteryExponent`.
 *
 * @param motor its number `k`, in the order of the vehicle file's rotors
 * @param c command in [0, 1]
 * @param voltage [V]
 * @param nominalVoltage at which the battery's factor is 1 [V]
 */
export function thrustOfCommand(
  map: CommandMap,
  motor: number,
  c: number,
  voltage: number,
  nominalVoltage: number,
): number {
  return factor(map, motor, voltage, nominalVoltage) * Math.max(0, c) ** map.exponent;
}

/** The command that gives a fraction `u` of full rotor thrust, kept in [0, 1]: the inverse of {@link thrustOfCommand}. */
export function commandOfThrust(
  map: CommandMap,
  motor: number,
  u: number,
  voltage: number,
  nominalVoltage: number,
): number {
  const c = (Math.max(0, u) / factor(map, motor, voltage, nominalVoltage)) ** (1 / map.exponent);
  return c < 1 ? c : 1;
}

/** How a fitted map tells the motors apart, for people: to follow its formula; nothing where it does not. */
export function motorsText({ motors }: CommandMap): string {
  return motors ? `, times ${motors.map((ratio) => ratio.toFixed(3)).join(' ')} motor by motor` : '';
}

function factor(
  { level, batteryExponent, motors }: CommandMap,
  motor: number,
  voltage: number,
  nominalVoltage: number,
): number {
  return (motors?.[motor] ?? 1) * level * (voltage / nominalVoltage) ** batteryExponent;
}
