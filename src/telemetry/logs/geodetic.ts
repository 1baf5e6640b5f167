/** WGS 84: equatorial radius [m] and flattening. */
const A = 6_378_137;
const F = 1 / 298.257223563;
const E2 = F * (2 - F);

/**
 * Metres east and north of the first place it is asked for, on the plane that touches the ellipsoid there: within
 * millimetres of the exact a kilometre off.
 *
 * @returns a function of latitude and longitude [degrees]
 */
export function localPlane(): (latitude: number, longitude: number) => [east: number, north: number] {
  let origin: { latitude: number; longitude: number; perEast: number; perNorth: number } | null = null;
  return (latitude, longitude) => {
    origin ??= { latitude, longitude, ...metresPerDegree(latitude) };
    return [(longitude - origin.longitude) * origin.perEast, (latitude - origin.latitude) * origin.perNorth];
  };
}

/** Radii of curvature along the parallel and the meridian. */
function metresPerDegree(latitude: number): { perEast: number; perNorth: number } {
  const phi = (latitude * Math.PI) / 180;
  const w = 1 - E2 * Math.sin(phi) ** 2;
  const degree = Math.PI / 180;
  return { perEast: (degree * A * Math.cos(phi)) / Math.sqrt(w), perNorth: (degree * A * (1 - E2)) / w ** 1.5 };
}
