// What follows from a vehicle's numbers; apart from vehicle.ts, so that threads that only fly need not load what checks files.

/** Gravity [m/s²]. */
export const GRAVITY = 9.81;

/** Fraction of full rotor thrust that holds the nominal vehicle in hover. */
export function hoverThrust(vehicle: { mass_kg: number; rotor: { maxThrust_N: number } }): number {
  return (vehicle.mass_kg * GRAVITY) / (4 * vehicle.rotor.maxThrust_N);
}

/** Mean distance of the rotors from their common centre, as seen from above. */
export function armLength(vehicle: { rotors: readonly { position_m: readonly number[] }[] }): number {
  return vehicle.rotors.reduce((sum, { position_m: [x, y] }) => sum + Math.hypot(x, y), 0) / vehicle.rotors.length;
}
