/** What follows the product in {@link Kernels.multiply}. */
export const LINEAR = 0;
/** y = tanh(y). */
export const TANH = 1;
/** y = y · (1 − h²): back through the tanh whose output was h. */
export const TANH_SLOPE = 2;

/**
 * The compiled kernels. Pointers are byte addresses of float32 numbers in the memory they were instantiated with;
 * matrices are row-major. Nothing is checked: shapes are the caller's duty.
 */
export interface Kernels {
  /**
   * `y [n, out] = then(x [n, in] · w [in, out] + b [out])`. `b` 0 is no bias; `h [n, out]` is read for TANH_SLOPE only.
   * A row's result is the same bytes wherever it stands in whichever batch.
   */
  multiply(
    x: number,
    w: number,
    b: number,
    h: number,
    y: number,
    n: number,
    inputs: number,
    outputs: number,
    then: number,
  ): void;
  /** `dw [in, out] = xᵀ · dz` and `db [out] = Σₙ dz` for `x [n, in]`, `dz [n, out]`. */
  weightGradient(x: number, dz: number, dw: number, db: number, n: number, inputs: number, outputs: number): void;
  /** As `weightGradient`, but added to what `dw` and `db` hold. */
  addWeightGradient(x: number, dz: number, dw: number, db: number, n: number, inputs: number, outputs: number): void;
  /** `to [count]` = rows of `bytes` bytes of `from`, by the uint32 row numbers at `order`; `bytes` is a multiple of 4. */
  gatherRows(from: number, order: number, to: number, count: number, bytes: number): void;
  /** `t [columns, rows] = m [rows, columns]ᵀ`. */
  transpose(m: number, t: number, rows: number, columns: number): void;
  /** Adam on `count` parameters in place; the formula stands in assembly/adam.ts. */
  adam(
    p: number,
    g: number,
    m: number,
    v: number,
    count: number,
    gradScale: number,
    stepSize: number,
    rootCorrection: number,
    beta1: number,
    oneMinusBeta1: number,
    beta2: number,
    oneMinusBeta2: number,
    epsilon: number,
  ): void;
  /** `x = factor · x` in place. */
  scale(x: number, count: number, factor: number): void;
  /** Σ x², summed in float64. */
  sumSquares(x: number, count: number): number;
}

/**
 * Puts the kernels to work on a memory: Windhover's own, or that of TF.js's wasm backend.
 *
 * They hold no data of their own, so any part of the memory may be the caller's, and it may grow at any time.
 *
 * @param bytes contents of `dist/kernels/dense.wasm`, or of `dense-shared.wasm` for a memory that threads share
 * @throws WebAssembly.CompileError where SIMD is missing
 */
export function instantiateKernels(bytes: BufferSource, memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports as unknown as Kernels;
}
