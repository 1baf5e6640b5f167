import type { Airframe } from './airframe.ts';
import type { Rng } from './rng.ts';

/** Height that the scales of turbulence are taken at [ft]: the lowest that the model is given for, about where we fly. */
const HEIGHT_FT = 10;
const FOOT_M = 0.3048;
/** MIL-F-8785C, low altitude: scale of horizontal and of vertical gusts [m], and the latter's size over the former's. */
const SHEAR = 0.177 + 0.000823 * HEIGHT_FT;
export const HORIZONTAL_SCALE_M = (HEIGHT_FT / SHEAR ** 1.2) * FOOT_M; // 23 m
export const VERTICAL_SCALE_M = HEIGHT_FT * FOOT_M;
export const VERTICAL_SHARE = SHEAR ** 0.4; // 0.51
/**
 * Least speed of the air past the vehicle [m/s]. The model is made for flight through frozen turbulence and would stand
 * still with a vehicle that hovers in calm air; this is about how fast a small drone moves, or has eddies move past it.
 */
export const LEAST_AIRSPEED = 2;

/** Columns of a parameter row. */
const STEADY = 0; // 3: wind in the world [m/s]
const SIZE = 3; // standard deviation along and across the wind [m/s]
const COSINE = 4; // of the direction of the wind
const SINE = 5;
const ALONG = 6; // 2: what stays of the last step, and what noise adds
const ACROSS = 8; // 5: see secondOrder
const VERTICAL = 13; // 5
const PARAMETERS = 18;
/** Filter states: along 1, across 2, vertical 2. */
const STATES = 5;
const NORMALS = 5;

/**
 * Wind for `n` vehicles: a steady one and Dryden's turbulence, whose components along, across and above the wind are
 * white noise through the filters of MIL-F-8785C, with T = scale / airspeed:
 *
 * - along: `H(s) = σ √(2T) / (1 + Ts)`, autocorrelation `σ² e^{−t/T}`
 * - across and vertical: `H(s) = σ √T (1 + √3 Ts) / (1 + Ts)²`, autocorrelation `σ² e^{−t/T} (1 − t / 2T)`
 *
 * The filters are discretised exactly: at each control step the gusts have the autocorrelation of the continuous ones.
 *
 * @see MIL-F-8785C, sections 3.7.2.1 and 3.7.3; MIL-HDBK-1797, appendix A
 */
export class Gusts {
  /** Wind in the world now, steady and gusts, `[n, 3]`. */
  readonly wind: Float64Array;
  readonly states: Float64Array;
  /** `[n, PARAMETERS]` */
  readonly parameters: Float64Array;
  /** 1 where the turbulence still has to be drawn for a new episode, `[n]`. */
  readonly fresh: Uint8Array;
  private readonly dt: number;
  private readonly z = new Float64Array(NORMALS);

  constructor(control_Hz: number, n: number) {
    this.dt = 1 / control_Hz;
    this.wind = new Float64Array(n * 3);
    this.states = new Float64Array(n * STATES);
    this.parameters = new Float64Array(n * PARAMETERS);
    this.fresh = new Uint8Array(n);
  }

  /** Begins an episode of vehicle `i`: steady wind until `blow` is called. */
  load(i: number, { wind_m_s, gust_m_s }: Airframe): void {
    const { parameters, dt } = this;
    const p = i * PARAMETERS;
    const horizontal = Math.hypot(wind_m_s[0], wind_m_s[1]);
    const airspeed = Math.max(LEAST_AIRSPEED, Math.hypot(horizontal, wind_m_s[2]));
    const steps = (dt * airspeed) / HORIZONTAL_SCALE_M;
    this.wind.set(wind_m_s, i * 3);
    parameters.set(wind_m_s, p + STEADY);
    parameters[p + SIZE] = gust_m_s;
    parameters[p + COSINE] = horizontal > 0 ? wind_m_s[0] / horizontal : 1;
    parameters[p + SINE] = horizontal > 0 ? wind_m_s[1] / horizontal : 0;
    parameters[p + ALONG] = Math.exp(-steps);
    parameters[p + ALONG + 1] = Math.sqrt(-Math.expm1(-2 * steps));
    secondOrder(steps, parameters, p + ACROSS);
    secondOrder((dt * airspeed) / VERTICAL_SCALE_M, parameters, p + VERTICAL);
    this.fresh[i] = 1;
  }

  /** Moves the air around vehicle `i` on by a control step; the first call of an episode draws it as it is found. */
  blow(i: number, rng: Rng): void {
    const { parameters: P, states, wind, z } = this;
    const p = i * PARAMETERS;
    const size = P[p + SIZE];
    if (size === 0) return;
    const s = i * STATES;
    rng.normals(z, NORMALS);
    if (this.fresh[i] === 1) {
      this.fresh[i] = 0;
      states[s] = z[0];
      stationary(states, s + 1, z[1], z[2]);
      stationary(states, s + 3, z[3], z[4]);
    } else {
      states[s] = P[p + ALONG] * states[s] + P[p + ALONG + 1] * z[0];
      advance(states, s + 1, P, p + ACROSS, z[1], z[2]);
      advance(states, s + 3, P, p + VERTICAL, z[3], z[4]);
    }
    const along = size * states[s];
    const across = size * output(states, s + 1);
    wind[i * 3] = P[p + STEADY] + P[p + COSINE] * along - P[p + SINE] * across;
    wind[i * 3 + 1] = P[p + STEADY + 1] + P[p + SINE] * along + P[p + COSINE] * across;
    wind[i * 3 + 2] = P[p + STEADY + 2] + size * VERTICAL_SHARE * output(states, s + 3);
  }
}

// The second-order filter in states a and b of unit intensity: T a' = −a + √(2T) ξ, T b' = −b + a. Both rest at
// variance 1, ½ and covariance ½, and (√3 a + (1 − √3) b) / √2 has variance 1 and the transfer function above.

const A_SHARE = Math.sqrt(3 / 2);
const B_SHARE = (1 - Math.sqrt(3)) / Math.SQRT2;

function output(states: Float64Array, at: number): number {
  return A_SHARE * states[at] + B_SHARE * states[at + 1];
}

/** One step: `[decay, decay · θ, noise of a, noise of b by a's, noise of b by its own]` at `from` of `parameters`. */
function advance(states: Float64Array, at: number, parameters: Float64Array, from: number, z1: number, z2: number) {
  const a = states[at];
  states[at] = parameters[from] * a + parameters[from + 2] * z1;
  states[at + 1] =
    parameters[from] * states[at + 1] +
    parameters[from + 1] * a +
    parameters[from + 3] * z1 +
    parameters[from + 4] * z2;
}

function stationary(states: Float64Array, at: number, z1: number, z2: number): void {
  states[at] = z1;
  states[at + 1] = (z1 + z2) / 2;
}

/** Coefficients of `advance` for a step of `theta` time constants: the exact integral of the noise over the step. */
function secondOrder(theta: number, parameters: Float64Array, at: number): void {
  const decay = Math.exp(-theta);
  const aa = -Math.expm1(-2 * theta);
  const ab = 0.5 - decay * decay * (theta + 0.5);
  const bb = 0.5 - decay * decay * (theta * theta + theta + 0.5);
  parameters[at] = decay;
  parameters[at + 1] = decay * theta;
  parameters[at + 2] = Math.sqrt(aa);
  parameters[at + 3] = ab / Math.sqrt(aa);
  parameters[at + 4] = Math.sqrt(Math.max(0, bb - (ab * ab) / aa));
}
