// Gradients of a dense layer's weights: dw = xᵀ · dz and db = the sum of dz over the batch.

import { madd, maddSplat } from './fused';

/** Rows taken at a time, so that their x and dz stay in the first-level cache while all of dw is visited. */
const CHUNK: i32 = 64;

/** Adds the chunk's part to four rows of dw, k to k + 3. */
function inputs4(x: usize, dz: usize, dw: usize, n: i32, xs: usize, zs: usize): void {
  const end = x + <usize>n * xs;
  let j: usize = 0;
  for (; j + 32 <= zs; j += 32) {
    const t = dw + j;
    let a0 = v128.load(t);
    let a1 = v128.load(t, 16);
    let b0 = v128.load(t + zs);
    let b1 = v128.load(t + zs, 16);
    let c0 = v128.load(t + 2 * zs);
    let c1 = v128.load(t + 2 * zs, 16);
    let d0 = v128.load(t + 3 * zs);
    let d1 = v128.load(t + 3 * zs, 16);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      const z0 = v128.load(z);
      const z1 = v128.load(z, 16);
      const xa = v128.load32_splat(p);
      a0 = madd(a0, xa, z0);
      a1 = madd(a1, xa, z1);
      const xb = v128.load32_splat(p, 4);
      b0 = madd(b0, xb, z0);
      b1 = madd(b1, xb, z1);
      const xc = v128.load32_splat(p, 8);
      c0 = madd(c0, xc, z0);
      c1 = madd(c1, xc, z1);
      const xd = v128.load32_splat(p, 12);
      d0 = madd(d0, xd, z0);
      d1 = madd(d1, xd, z1);
      z += zs;
    }
    v128.store(t, a0);
    v128.store(t, a1, 16);
    v128.store(t + zs, b0);
    v128.store(t + zs, b1, 16);
    v128.store(t + 2 * zs, c0);
    v128.store(t + 2 * zs, c1, 16);
    v128.store(t + 3 * zs, d0);
    v128.store(t + 3 * zs, d1, 16);
  }
  for (; j + 16 <= zs; j += 16) {
    const t = dw + j;
    let a0 = v128.load(t);
    let b0 = v128.load(t + zs);
    let c0 = v128.load(t + 2 * zs);
    let d0 = v128.load(t + 3 * zs);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      const z0 = v128.load(z);
      a0 = maddSplat(a0, p, z0);
      b0 = maddSplat(b0, p + 4, z0);
      c0 = maddSplat(c0, p + 8, z0);
      d0 = maddSplat(d0, p + 12, z0);
      z += zs;
    }
    v128.store(t, a0);
    v128.store(t + zs, b0);
    v128.store(t + 2 * zs, c0);
    v128.store(t + 3 * zs, d0);
  }
  for (; j < zs; j += 4) {
    // One output: its four inputs lie side by side in x.
    const t = dw + j;
    let sum = v128.load32_zero(t);
    sum = v128.load_lane<f32>(t + zs, sum, 1);
    sum = v128.load_lane<f32>(t + 2 * zs, sum, 2);
    sum = v128.load_lane<f32>(t + 3 * zs, sum, 3);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      sum = maddSplat(sum, z, v128.load(p));
      z += zs;
    }
    v128.store_lane<f32>(t, sum, 0);
    v128.store_lane<f32>(t + zs, sum, 1);
    v128.store_lane<f32>(t + 2 * zs, sum, 2);
    v128.store_lane<f32>(t + 3 * zs, sum, 3);
  }
}

/** Adds the chunk's part to one row of dw. */
function input1(x: usize, dz: usize, dw: usize, n: i32, xs: usize, zs: usize): void {
  const end = x + <usize>n * xs;
  let j: usize = 0;
  for (; j + 16 <= zs; j += 16) {
    let sum = v128.load(dw + j);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      sum = maddSplat(sum, p, v128.load(z));
      z += zs;
    }
    v128.store(dw + j, sum);
  }
  for (; j < zs; j += 4) {
    let sum = load<f32>(dw + j);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      sum += load<f32>(p) * load<f32>(z);
      z += zs;
    }
    store<f32>(dw + j, sum);
  }
}

function addRows(z: usize, db: usize, n: i32, zs: usize): void {
  for (let i = 0; i < n; i++) {
    let j: usize = 0;
    for (; j + 16 <= zs; j += 16) v128.store(db + j, f32x4.add(v128.load(db + j), v128.load(z + j)));
    for (; j < zs; j += 4) store<f32>(db + j, load<f32>(db + j) + load<f32>(z + j));
    z += zs;
  }
}

/**
 * dw[in, out] = x[n, in]ᵀ · dz[n, out] and db[out] = Σₙ dz; pointers to float32, row-major, overwritten.
 */
export function weightGradient(x: usize, dz: usize, dw: usize, db: usize, n: i32, inputs: i32, outputs: i32): void {
  memory.fill(dw, 0, <usize>inputs * (<usize>outputs << 2));
  memory.fill(db, 0, <usize>outputs << 2);
  addWeightGradient(x, dz, dw, db, n, inputs, outputs);
}

/** As {@link weightGradient}, but added to what dw and db hold: a batch may be taken in parts that fit the cache. */
export function addWeightGradient(x: usize, dz: usize, dw: usize, db: usize, n: i32, inputs: i32, outputs: i32): void {
  const xs = <usize>inputs << 2;
  const zs = <usize>outputs << 2;
  for (let i = 0; i < n; i += CHUNK) {
    const rows = min(CHUNK, n - i);
    const xc = x + <usize>i * xs;
    const zc = dz + <usize>i * zs;
    let k: usize = 0;
    for (; k + 16 <= xs; k += 16) inputs4(xc + k, zc, dw + k * <usize>outputs, rows, xs, zs);
    for (; k < xs; k += 4) input1(xc + k, zc, dw + k * <usize>outputs, rows, xs, zs);
    addRows(zc, db, rows, zs);
  }
}

/** t[columns, rows] = m[rows, columns]ᵀ; pointers to float32. */
export function transpose(m: usize, t: usize, rows: i32, columns: i32): void {
  const stride = <usize>rows << 2;
  for (let i = 0; i < rows; i++) {
    let to = t + (<usize>i << 2);
    for (let j = 0; j < columns; j++) {
      store<f32>(to, load<f32>(m));
      m += 4;
      to += stride;
    }
  }
}
