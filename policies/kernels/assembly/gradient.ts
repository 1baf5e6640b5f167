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
    let sum = loadColumn(dw + j, zs);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      sum = maddSplat(sum, z, v128.load(p));
      z += zs;
    }
    storeColumn(dw + j, zs, sum);
  }
}

/** One output of four rows of dw, whose inputs lie side by side in x. */
// @ts-ignore: decorator
@inline
function loadColumn(t: usize, zs: usize): v128 {
  let column = v128.load32_zero(t);
  column = v128.load_lane<f32>(t + zs, column, 1);
  column = v128.load_lane<f32>(t + 2 * zs, column, 2);
  return v128.load_lane<f32>(t + 3 * zs, column, 3);
}

// @ts-ignore: decorator
@inline
function storeColumn(t: usize, zs: usize, column: v128): void {
  v128.store_lane<f32>(t, column, 0);
  v128.store_lane<f32>(t + zs, column, 1);
  v128.store_lane<f32>(t + 2 * zs, column, 2);
  v128.store_lane<f32>(t + 3 * zs, column, 3);
}

/** Four outputs of eight rows of dw. */
function inputs8outputs4(x: usize, dz: usize, dw: usize, end: usize, xs: usize, zs: usize): void {
  const t = dw + 4 * zs;
  let a0 = loadColumn(dw, zs);
  let a1 = loadColumn(t, zs);
  let b0 = loadColumn(dw + 4, zs);
  let b1 = loadColumn(t + 4, zs);
  let c0 = loadColumn(dw + 8, zs);
  let c1 = loadColumn(t + 8, zs);
  let d0 = loadColumn(dw + 12, zs);
  let d1 = loadColumn(t + 12, zs);
  for (let p = x; p < end; p += xs) {
    const x0 = v128.load(p);
    const x1 = v128.load(p, 16);
    const za = v128.load32_splat(dz);
    a0 = madd(a0, za, x0);
    a1 = madd(a1, za, x1);
    const zb = v128.load32_splat(dz, 4);
    b0 = madd(b0, zb, x0);
    b1 = madd(b1, zb, x1);
    const zc = v128.load32_splat(dz, 8);
    c0 = madd(c0, zc, x0);
    c1 = madd(c1, zc, x1);
    const zd = v128.load32_splat(dz, 12);
    d0 = madd(d0, zd, x0);
    d1 = madd(d1, zd, x1);
    dz += zs;
  }
  storeColumn(dw, zs, a0);
  storeColumn(t, zs, a1);
  storeColumn(dw + 4, zs, b0);
  storeColumn(t + 4, zs, b1);
  storeColumn(dw + 8, zs, c0);
  storeColumn(t + 8, zs, c1);
  storeColumn(dw + 12, zs, d0);
  storeColumn(t + 12, zs, d1);
}

/**
 * Adds the chunk's part to sixteen rows of a dw of fewer than eight outputs.
 *
 * Its sums, four or eight at a time, wait less for each other than the one or four of `inputs4`: twice to three times as fast.
 */
function inputs16(x: usize, dz: usize, dw: usize, n: i32, xs: usize, zs: usize): void {
  const end = x + <usize>n * xs;
  let j: usize = 0;
  for (; j + 16 <= zs; j += 16) {
    inputs8outputs4(x, dz + j, dw + j, end, xs, zs);
    inputs8outputs4(x + 32, dz + j, dw + j + 8 * zs, end + 32, xs, zs);
  }
  for (; j < zs; j += 4) {
    const t = dw + j;
    let a = loadColumn(t, zs);
    let b = loadColumn(t + 4 * zs, zs);
    let c = loadColumn(t + 8 * zs, zs);
    let d = loadColumn(t + 12 * zs, zs);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      const zj = v128.load32_splat(z);
      a = madd(a, zj, v128.load(p));
      b = madd(b, zj, v128.load(p, 16));
      c = madd(c, zj, v128.load(p, 32));
      d = madd(d, zj, v128.load(p, 48));
      z += zs;
    }
    storeColumn(t, zs, a);
    storeColumn(t + 4 * zs, zs, b);
    storeColumn(t + 8 * zs, zs, c);
    storeColumn(t + 12 * zs, zs, d);
  }
}

/** Adds the chunk's part to one row of dw. */
function input1(x: usize, dz: usize, dw: usize, n: i32, xs: usize, zs: usize): void {
  const end = x + <usize>n * xs;
  let j: usize = 0;
  for (; j + 64 <= zs; j += 64) {
    const t = dw + j;
    let a = v128.load(t);
    let b = v128.load(t, 16);
    let c = v128.load(t, 32);
    let d = v128.load(t, 48);
    let z = dz + j;
    for (let p = x; p < end; p += xs) {
      const xp = v128.load32_splat(p);
      a = madd(a, xp, v128.load(z));
      b = madd(b, xp, v128.load(z, 16));
      c = madd(c, xp, v128.load(z, 32));
      d = madd(d, xp, v128.load(z, 48));
      z += zs;
    }
    v128.store(t, a);
    v128.store(t, b, 16);
    v128.store(t, c, 32);
    v128.store(t, d, 48);
  }
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

/** Adds the chunk's rows of dz to db. */
function addRows(dz: usize, db: usize, n: i32, zs: usize): void {
  const end = dz + <usize>n * zs;
  let j: usize = 0;
  for (; j + 64 <= zs; j += 64) {
    const t = db + j;
    let a = v128.load(t);
    let b = v128.load(t, 16);
    let c = v128.load(t, 32);
    let d = v128.load(t, 48);
    for (let z = dz + j; z < end; z += zs) {
      a = f32x4.add(a, v128.load(z));
      b = f32x4.add(b, v128.load(z, 16));
      c = f32x4.add(c, v128.load(z, 32));
      d = f32x4.add(d, v128.load(z, 48));
    }
    v128.store(t, a);
    v128.store(t, b, 16);
    v128.store(t, c, 32);
    v128.store(t, d, 48);
  }
  for (; j < zs; j += 4) {
    let sum = load<f32>(db + j);
    for (let z = dz + j; z < end; z += zs) sum += load<f32>(z);
    store<f32>(db + j, sum);
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
    if (outputs < 8)
      for (; k + 64 <= xs; k += 64) inputs16(xc + k, zc, dw + k * <usize>outputs, rows, xs, zs);
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
