/** Where a rotor sits in the body frame (FLU, metres) and how it turns. */
export interface RotorShape {
  x: number;
  y: number;
  z: number;
  /** +1 counter-clockwise seen from above, -1 clockwise. */
  spin: 1 | -1;
  /** Propeller radius [m]. */
  radius: number;
}

export interface AirframeShape {
  name: string;
  rotors: RotorShape[];
}

/** An X quad of the Crazyflie's size (motors 46 mm from the centre), for recordings that name no known vehicle. */
export const GENERIC_QUAD: AirframeShape = {
  name: 'generic quadrotor',
  rotors: quadX(0.046 * Math.SQRT1_2, 0.0225),
};

function quadX(offset: number, radius: number): RotorShape[] {
  const corners: [number, number, 1 | -1][] = [
    [1, -1, 1],
    [-1, -1, -1],
    [-1, 1, 1],
    [1, 1, -1],
  ];
  return corners.map(([x, y, spin]) => ({ x: x * offset, y: y * offset, z: 0, spin, radius }));
}

/** The shape that a vehicle file describes; the generic quad where it lists no rotors. */
export function airframeShape(vehicle: unknown, name: string): AirframeShape {
  const file = (vehicle ?? {}) as Record<string, unknown>;
  const listed = Array.isArray(file.rotors) ? (file.rotors as Record<string, unknown>[]) : [];
  const places = listed.map((rotor) => (rotor.position_m ?? rotor.position) as number[] | undefined);
  if (listed.length === 0 || !places.every((place) => Array.isArray(place) && place.length === 3)) return GENERIC_QUAD;
  const positions = places as number[][];
  const radius = propellerRadius(positions);
  const rotors = listed.map((rotor, index) => {
    const [x, y, z] = positions[index];
    return { x, y, z, spin: spinOf(rotor, index), radius: Number(rotor.radius_m ?? file.propeller_radius_m ?? radius) };
  });
  return { name: String(file.title ?? file.name ?? name), rotors };
}

/** Propellers that just do not touch: 46 % of the smallest distance between two rotors. */
function propellerRadius(positions: number[][]): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < positions.length; i++)
    for (let j = 0; j < i; j++)
      smallest = Math.min(smallest, Math.hypot(...positions[i].map((value, axis) => value - positions[j][axis])));
  return Number.isFinite(smallest) ? 0.36 * smallest : 0.05;
}

function spinOf(rotor: Record<string, unknown>, index: number): 1 | -1 {
  const said = rotor.spin ?? rotor.direction;
  if (said === 'cw' || said === 'CW' || said === -1) return -1;
  if (said === 'ccw' || said === 'CCW' || said === 1) return 1;
  return index % 2 === 0 ? 1 : -1;
}

/** Distance [m] from the centre to the outermost rotor. */
export function reach(shape: AirframeShape): number {
  return Math.max(...shape.rotors.map((rotor) => Math.hypot(rotor.x, rotor.y)), 1e-3);
}
