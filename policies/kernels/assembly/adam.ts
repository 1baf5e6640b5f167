// The optimiser's passes over flat float32 arrays.

/** Σ x², summed in float64. */
export function sumSquares(x: usize, count: i32): f64 {
  const end = x + (<usize>count << 2);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; x < end; x += 4) {
    const v = <f64>load<f32>(x);
    sum += v * v;
  }
  return sum;
}

/** x = factor · x, in place. */
export function scale(x: usize, count: i32, factor: f32): void {
  const end = x + (<usize>count << 2);
  const by = f32x4.splat(factor);
  for (; x + 16 <= end; x += 16) v128.store(x, f32x4.mul(v128.load(x), by));
  for (; x < end; x += 4) store<f32>(x, load<f32>(x) * factor);
}

/**
 * One step of Adam on `count` parameters, in place.
 *
 * m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= stepSize · m / (√v · rootCorrection + ε), where g is the gradient
 * times `gradScale`, stepSize = α / (1 − β₁ᵗ) and rootCorrection = 1 / √(1 − β₂ᵗ).
 */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  gradScale: f32,
  stepSize: f32,
  rootCorrection: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
): void {
  let i: usize = 0;
  const end = <usize>count << 2;
  for (; i + 16 <= end; i += 16) {
    const grad = f32x4.mul(v128.load(g + i), f32x4.splat(gradScale));
    const mean = f32x4.add(f32x4.mul(v128.load(m + i), f32x4.splat(beta1)), f32x4.mul(grad, f32x4.splat(oneMinusBeta1)));
    const square = f32x4.add(
      f32x4.mul(v128.load(v + i), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(grad, grad), f32x4.splat(oneMinusBeta2)),
    );
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(square), f32x4.splat(rootCorrection)), f32x4.splat(epsilon));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    v128.store(p + i, f32x4.sub(v128.load(p + i), f32x4.div(f32x4.mul(f32x4.splat(stepSize), mean), root)));
  }
  for (; i < end; i += 4) {
    const grad = load<f32>(g + i) * gradScale;
    const mean = load<f32>(m + i) * beta1 + grad * oneMinusBeta1;
    const square = load<f32>(v + i) * beta2 + grad * grad * oneMinusBeta2;
    const root = sqrt<f32>(square) * rootCorrection + epsilon;
    store<f32>(m + i, mean);
    store<f32>(v + i, square);
    store<f32>(p + i, load<f32>(p + i) - (stepSize * mean) / root);
  }
}
