/** What the mixer needs to know of a vehicle. */
interface Rotors {
  rotors: { position_m: readonly number[]; spin: 'ccw' | 'cw' }[];
  rotor: { torquePerThrust_m: number };
}

/**
 * Rotor thrusts for a wrench: the inverse of `[thrust, torque x, y, z] = A · [T1, T2, T3, T4]` of the nominal vehicle.
 *
 * Row 0 of `A` is 1, rows 1 and 2 are the arms (y and −x), row 3 is −torquePerThrust for a rotor that spins
 * counter-clockwise seen from above (its drag turns the body the other way), + for a clockwise one.
 *
 * @returns `[4, 4]`, row-major: rotor × wrench component
 */
export function mixer(vehicle: Rotors): Float64Array {
  const rows = [[], [], [], []] as number[][];
  for (const { position_m, spin } of vehicle.rotors) {
    rows[0].push(1);
    rows[1].push(position_m[1]);
    rows[2].push(-position_m[0]);
    rows[3].push(vehicle.rotor.torquePerThrust_m * (spin === 'ccw' ? -1 : 1));
  }
  return Float64Array.from(inverse(rows).flat());
}

/** True where four rotors can produce any small wrench: their allocation has an inverse. */
export function canMix(vehicle: Rotors): boolean {
  return mixer(vehicle).every((share) => Math.abs(share) < 1e6);
}

/** Gauss–Jordan with row pivoting; entries are not finite where there is no inverse. */
function inverse(matrix: number[][]): number[][] {
  const n = matrix.length;
  const work = matrix.map((row, r) => [...row, ...row.map((_, c) => (r === c ? 1 : 0))]);
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(work[r][c]) > Math.abs(work[best][c])) best = r;
    [work[c], work[best]] = [work[best], work[c]];
    const pivot = work[c][c];
    work[c] = work[c].map((value) => value / pivot);
    for (let r = 0; r < n; r++) {
      const factor = work[r][c];
      if (r !== c && factor !== 0) work[r] = work[r].map((value, k) => value - factor * work[c][k]);
    }
  }
  return work.map((row) => row.slice(n));
}
