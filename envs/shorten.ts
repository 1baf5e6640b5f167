/** Scales a vector `[3]` down to `longest`, where it is longer. */
export function shorten(vector: Float64Array, longest: number): void {
  const length = Math.hypot(vector[0], vector[1], vector[2]);
  if (length > longest) for (let k = 0; k < 3; k++) vector[k] *= longest / length;
}
