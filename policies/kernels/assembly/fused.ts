// a · b + c, four numbers at once: in one instruction, rounded once, in the builds with relaxed SIMD where the processor
// has it, else as a product and a sum.

// @ts-ignore: decorator
@inline
export function madd(c: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/** The same with one number, at address `a`, for all lanes. */
// @ts-ignore: decorator
@inline
export function maddSplat(c: v128, a: usize, b: v128): v128 {
  return madd(c, v128.load32_splat(a), b);
}
