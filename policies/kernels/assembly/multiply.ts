// Matrix product of a batch with a weight matrix, with what follows it fused in.
//
// Four rows by eight columns are accumulated in registers. Every element is summed in the same order (its start, then
// k = 0, 1, …) whichever block it falls into, in vector or scalar arithmetic alike, so a row's bytes do not depend
// on its place in the batch or on the batch's size.

import { madd, maddSplat } from './fused';
import { tanhInPlace, tanhSlopeInPlace } from './tanh';

/** y = tanh(y). */
const TANH: i32 = 1;
/** y = y · (1 − h²): back through the tanh whose output was h. */
const TANH_SLOPE: i32 = 2;

// @ts-ignore: decorator
@inline
function start4(b: usize, j: usize): v128 {
  return b ? v128.load(b + j) : f32x4.splat(0);
}

// @ts-ignore: decorator
@inline
function start1(b: usize, j: usize): v128 {
  return b ? v128.load32_splat(b + j) : f32x4.splat(0);
}

/** The number at `p` of four rows. */
// @ts-ignore: decorator
@inline
function down4(p: usize, xs: usize): v128 {
  let v = v128.load32_zero(p);
  v = v128.load_lane<f32>(p + xs, v, 1);
  v = v128.load_lane<f32>(p + 2 * xs, v, 2);
  return v128.load_lane<f32>(p + 3 * xs, v, 3);
}

// @ts-ignore: decorator
@inline
function storeDown4(t: usize, ys: usize, v: v128): void {
  v128.store_lane<f32>(t, v, 0);
  v128.store_lane<f32>(t + ys, v, 1);
  v128.store_lane<f32>(t + 2 * ys, v, 2);
  v128.store_lane<f32>(t + 3 * ys, v, 3);
}

/**
 * Eight columns of four rows; `xs` and `ys` are the bytes from row to row.
 *
 * Unrolling over k was tried and is about 40 % slower: V8 then spills the accumulators.
 */
// @ts-ignore: decorator
@inline
function rows4columns8(x: usize, w: usize, b: usize, y: usize, xs: usize, ys: usize, j: usize): void {
  let a0 = start4(b, j);
  let a1 = start4(b, j + 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  let wk = w + j;
  const end = x + xs;
  for (let p = x; p < end; p += 4) {
    const w0 = v128.load(wk);
    const w1 = v128.load(wk, 16);
    const xa = v128.load32_splat(p);
    a0 = madd(a0, xa, w0);
    a1 = madd(a1, xa, w1);
    const xb = v128.load32_splat(p + xs);
    b0 = madd(b0, xb, w0);
    b1 = madd(b1, xb, w1);
    const xc = v128.load32_splat(p + 2 * xs);
    c0 = madd(c0, xc, w0);
    c1 = madd(c1, xc, w1);
    const xd = v128.load32_splat(p + 3 * xs);
    d0 = madd(d0, xd, w0);
    d1 = madd(d1, xd, w1);
    wk += ys;
  }
  let t = y + j;
  v128.store(t, a0);
  v128.store(t, a1, 16);
  t += ys;
  v128.store(t, b0);
  v128.store(t, b1, 16);
  t += ys;
  v128.store(t, c0);
  v128.store(t, c1, 16);
  t += ys;
  v128.store(t, d0);
  v128.store(t, d1, 16);
}

/** Four columns of four rows. */
// @ts-ignore: decorator
@inline
function rows4columns4(x: usize, w: usize, b: usize, y: usize, xs: usize, ys: usize, j: usize): void {
  let a = start4(b, j);
  let c = a;
  let d = a;
  let e = a;
  let wk = w + j;
  const end = x + xs;
  for (let p = x; p < end; p += 4) {
    const w0 = v128.load(wk);
    a = maddSplat(a, p, w0);
    c = maddSplat(c, p + xs, w0);
    d = maddSplat(d, p + 2 * xs, w0);
    e = maddSplat(e, p + 3 * xs, w0);
    wk += ys;
  }
  const t = y + j;
  v128.store(t, a);
  v128.store(t + ys, c);
  v128.store(t + 2 * ys, d);
  v128.store(t + 3 * ys, e);
}

/** One column of four rows, which lie across the lanes. */
// @ts-ignore: decorator
@inline
function rows4column1(x: usize, w: usize, b: usize, y: usize, xs: usize, ys: usize, j: usize): void {
  let sum = start1(b, j);
  let wk = w + j;
  const end = x + xs;
  for (let p = x; p < end; p += 4) {
    sum = maddSplat(sum, wk, down4(p, xs));
    wk += ys;
  }
  storeDown4(y + j, ys, sum);
}

function rows4(x: usize, w: usize, b: usize, y: usize, xs: usize, ys: usize): void {
  let j: usize = 0;
  for (; j + 32 <= ys; j += 32) rows4columns8(x, w, b, y, xs, ys, j);
  for (; j + 16 <= ys; j += 16) rows4columns4(x, w, b, y, xs, ys, j);
  for (; j < ys; j += 4) rows4column1(x, w, b, y, xs, ys, j);
}

/** Eight rows of fewer than four columns: two sums at a time wait less for each other than the one of `rows4`. */
function rows8(x: usize, w: usize, b: usize, y: usize, xs: usize, ys: usize): void {
  const end = x + xs;
  for (let j: usize = 0; j < ys; j += 4) {
    let s0 = start1(b, j);
    let s1 = s0;
    let wk = w + j;
    for (let p = x; p < end; p += 4) {
      const w0 = v128.load32_splat(wk);
      s0 = madd(s0, down4(p, xs), w0);
      s1 = madd(s1, down4(p + 4 * xs, xs), w0);
      wk += ys;
    }
    storeDown4(y + j, ys, s0);
    storeDown4(y + j + 4 * ys, ys, s1);
  }
}

/** One row, for what is left of the batch. */
function row1(x: usize, w: usize, b: usize, y: usize, xs: usize, ys: usize): void {
  const end = x + xs;
  let j: usize = 0;
  for (; j + 16 <= ys; j += 16) {
    let sum = start4(b, j);
    let wk = w + j;
    for (let p = x; p < end; p += 4) {
      sum = maddSplat(sum, p, v128.load(wk));
      wk += ys;
    }
    v128.store(y + j, sum);
  }
  for (; j < ys; j += 4) {
    let sum = start1(b, j);
    let wk = w + j;
    for (let p = x; p < end; p += 4) {
      sum = maddSplat(sum, p, v128.load32_splat(wk));
      wk += ys;
    }
    v128.store_lane<f32>(y + j, sum, 0);
  }
}

/**
 * y[n, out] = then(x[n, in] · w[in, out] + b[out]); all pointers to float32, row-major.
 *
 * @param b 0 for no bias
 * @param h [n, out], read where `then` is TANH_SLOPE, else not touched
 */
export function multiply(x: usize, w: usize, b: usize, h: usize, y: usize, n: i32, inputs: i32, outputs: i32, then: i32): void {
  const xs = <usize>inputs << 2;
  const ys = <usize>outputs << 2;
  const most = outputs < 4 ? 8 : 4;
  for (let i = 0; i < n; ) {
    const rows: usize = i + most <= n ? most : i + 4 <= n ? 4 : 1;
    if (rows == 8) rows8(x, w, b, y, xs, ys);
    else if (rows == 4) rows4(x, w, b, y, xs, ys);
    else row1(x, w, b, y, xs, ys);
    // The rows just written are still in the first-level cache.
    const end = y + rows * ys;
    if (then == TANH) tanhInPlace(y, end);
    else if (then == TANH_SLOPE) tanhSlopeInPlace(y, end, h);
    i += <i32>rows;
    x += rows * xs;
    h += rows * ys;
    y = end;
  }
}
