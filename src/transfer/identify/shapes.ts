/**
 * Orthonormal polynomials over `S` evenly spaced moments, degree by degree, `[degrees, S]`: the discrete Legendre (Gram)
 * polynomials.
 *
 * The error of a model over a window, taken apart by them: degree 0 is what the first sample's noise does, degree 1 a
 * constant force or torque that the model lacks, higher ones what no such constant explains.
 */
export function shapes(S: number, degrees: number): Float64Array[] {
  const out: Float64Array[] = [];
  for (let d = 0; d < degrees; d++) {
    const q = Float64Array.from({ length: S }, (_, s) => ((2 * s) / (S - 1) - 1) ** d);
    for (let again = 0; again < 2; again++)
      for (const other of out) {
        let dot = 0;
        for (let s = 0; s < S; s++) dot += q[s] * other[s];
        for (let s = 0; s < S; s++) q[s] -= dot * other[s];
      }
    const size = Math.hypot(...q);
    out.push(q.map((value) => value / size));
  }
  return out;
}
