// Hyperbolic tangent, four numbers at once.
//
// x · P(x²) / Q(x²), both of degree 4 and fitted to tanh over [0, 9] for the least largest relative error, which is
// 2e-8; in float32 arithmetic 3.3e-7 remains. Odd by form, at most 1, constant beyond 9 (1 - 1.2e-7), NaN stays NaN:
// pmin and pmax give back their first operand when the comparison is false.

import { madd } from './fused';

// @ts-ignore: decorator
@inline
function polynomial(u: v128, c0: f32, c1: f32, c2: f32, c3: f32, c4: f32): v128 {
  let sum = madd(f32x4.splat(c3), f32x4.splat(c4), u);
  sum = madd(f32x4.splat(c2), sum, u);
  sum = madd(f32x4.splat(c1), sum, u);
  return madd(f32x4.splat(c0), sum, u);
}

// @ts-ignore: decorator
@inline
function clamp(x: v128, limit: f32): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(limit)), f32x4.splat(-limit));
}

// @ts-ignore: decorator
@inline
function tanh4(value: v128): v128 {
  const x = clamp(value, 9);
  const u = f32x4.mul(x, x);
  const p = polynomial(u, 0.9999999794791916, 0.1338102419269833, 0.003495586427410244, 2.0609055680966137e-5, 1.3354627459624796e-8);
  const q = polynomial(u, 1, 0.4671433979132558, 0.02587697567022282, 3.28563209209221e-4, 7.776543754613336e-7);
  return clamp(f32x4.div(f32x4.mul(x, p), q), 1);
}

/** y = tanh(y) from address `y` up to `end`. */
export function tanhInPlace(y: usize, end: usize): void {
  // Four vectors a turn share one set of constants in registers, which a single vector would set up for itself.
  for (; y + 64 <= end; y += 64) {
    v128.store(y, tanh4(v128.load(y)));
    v128.store(y, tanh4(v128.load(y, 16)), 16);
    v128.store(y, tanh4(v128.load(y, 32)), 32);
    v128.store(y, tanh4(v128.load(y, 48)), 48);
  }
  for (; y + 16 <= end; y += 16) v128.store(y, tanh4(v128.load(y)));
  for (; y < end; y += 4) v128.store_lane<f32>(y, tanh4(v128.load32_splat(y)), 0);
}

/** y = y · (1 − h²) from address `y` up to `end`: back through the tanh whose output was h. */
export function tanhSlopeInPlace(y: usize, end: usize, h: usize): void {
  const one = f32x4.splat(1);
  for (; y + 16 <= end; y += 16) {
    const v = v128.load(h);
    v128.store(y, f32x4.mul(v128.load(y), f32x4.sub(one, f32x4.mul(v, v))));
    h += 16;
  }
  for (; y < end; y += 4) {
    const v = load<f32>(h);
    store<f32>(y, load<f32>(y) * (1 - v * v));
    h += 4;
  }
}
