/**
 * A change of basis in which inputs are uncorrelated and of unit size: `x · toWhite`, with `fromWhite` its inverse.
 * Both `[O, O]`, row-major.
 */
export interface Whitening {
  toWhite: Float32Array;
  fromWhite: Float32Array;
}

/**
 * The whitening of observations by Cholesky's factor of their second moments.
 *
 * A policy's normaliser suits the violent states of simulation; in calm real flight many fields are a hundredth of
 * that and nearly copies of each other (a state and its average), so that gradient descent on the first layer as it is
 * needs ten times the epochs. Learning in white inputs changes no function and no penalty, only the path.
 *
 * @param sets observations `[n, O]` each; each set counts the same however large it is
 * @param ridge added to the diagonal, as a share of its mean: fields that never move must not blow up
 */
export function whitening(sets: Float32Array[], O: number, ridge = 1e-3): Whitening {
  const moments = new Float64Array(O * O);
  for (const obs of sets) addMoments(obs, O, moments, sets.length);
  let trace = 0;
  for (let k = 0; k < O; k++) trace += moments[k * O + k];
  for (let k = 0; k < O; k++) moments[k * O + k] += (ridge * trace) / O;
  const lower = cholesky(moments, O);
  // second moments L·Lᵀ become the identity under x · L⁻ᵀ
  return { toWhite: transposed(inverseLower(lower, O), O), fromWhite: transposed(lower, O) };
}

/** `a [n, O] · b [O, m]`. */
export function multiply(a: Float32Array, b: Float32Array, n: number, O: number): Float32Array {
  const m = b.length / O;
  const out = new Float32Array(n * m);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < O; k++) {
      const x = a[i * O + k];
      if (x !== 0) for (let j = 0; j < m; j++) out[i * m + j] += x * b[k * m + j];
    }
  return out;
}

function addMoments(obs: Float32Array, O: number, sum: Float64Array, sets: number): void {
  const n = obs.length / O;
  const weight = 1 / (n * sets);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < O; a++) {
      const x = weight * obs[i * O + a];
      for (let b = 0; b <= a; b++) sum[a * O + b] += x * obs[i * O + b];
    }
  for (let a = 0; a < O; a++) for (let b = 0; b < a; b++) sum[b * O + a] = sum[a * O + b];
}

/** Lower triangular `L` with `L·Lᵀ = m`. */
function cholesky(m: Float64Array, O: number): Float64Array {
  const L = new Float64Array(O * O);
  for (let i = 0; i < O; i++)
    for (let j = 0; j <= i; j++) {
      let sum = m[i * O + j];
      for (let k = 0; k < j; k++) sum -= L[i * O + k] * L[j * O + k];
      L[i * O + j] = i === j ? Math.sqrt(sum) : sum / L[j * O + j];
    }
  return L;
}

function inverseLower(L: Float64Array, O: number): Float64Array {
  const inverse = new Float64Array(O * O);
  for (let j = 0; j < O; j++)
    for (let i = j; i < O; i++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= L[i * O + k] * inverse[k * O + j];
      inverse[i * O + j] = sum / L[i * O + i];
    }
  return inverse;
}

function transposed(m: Float64Array, O: number): Float32Array {
  return Float32Array.from({ length: O * O }, (_, at) => m[(at % O) * O + Math.floor(at / O)]);
}
