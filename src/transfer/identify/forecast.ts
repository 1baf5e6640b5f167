import { Matrix, solve } from 'ml-matrix';

/**
 * How torques that no command explains go on: a constant, and beside it one that comes and goes within hundredths of a second
 * (a first-order Gauss–Markov process). Chosen on a third of the NanoBench flights, on which tilt at 0.1 s is within 1 % of
 * the least with times from 30 to 50 ms and noise from 0.01 to 0.02; other flights were judged by them.
 */
const PASSING = { sd_rad_s2: 3, seconds: 0.03 };
const CONSTANT_SD_RAD_S2 = 30;
const GYRO_NOISE_RAD_S = 0.01;
/** Nothing is known of the rate that a model starts with. */
const START_VARIANCE = 1e4;

/**
 * Weights on what a model's body rates lacked at `samples` evenly spaced moments, the last of them now: they give the constant
 * angular acceleration that brings the angle to where it is expected after `ahead` more moments, the noise of the rate that
 * the model starts from included. The best linear forecast, as a Kalman filter over these moments would give it.
 *
 * A plain slope over the moments would take a passing torque for one that stays.
 *
 * @param dt from one moment to the next [s]
 * @returns `[samples]` [1/s], sum 0
 * @see Kalman 1960, https://doi.org/10.1115/1.3662552; Rasmussen and Williams 2006, §2.2, for the form used here
 */
export function forecastWeights(samples: number, ahead: number, dt: number): Float64Array {
  const n = samples + ahead;
  const rate = rateCovariance(n, dt);
  const known = rate.subMatrix(0, samples - 1, 0, samples - 1);
  for (let s = 0; s < samples; s++) known.set(s, s, known.get(s, s) + GYRO_NOISE_RAD_S ** 2);
  const angle = Matrix.zeros(samples, 1); // covariance of each moment with the angle that is yet to come
  for (let s = 0; s < samples; s++)
    for (let j = samples; j < n; j++) angle.set(s, 0, angle.get(s, 0) + rate.get(s, j) * dt);
  const weights = solve(known, angle).to1DArray();
  weights[samples - 1] -= weights.reduce((sum, weight) => sum + weight, 0); // counted from the rate as read
  const perAcceleration = (dt * dt * ahead * (ahead + 1)) / 2;
  return Float64Array.from(weights, (weight) => weight / perAcceleration);
}

/** Covariance of what the rate lacks at `n` moments: torques summed up, from a start that is not known, `[n, n]`. */
function rateCovariance(n: number, dt: number): Matrix {
  const torque = (i: number, j: number) =>
    PASSING.sd_rad_s2 ** 2 * Math.exp((-Math.abs(i - j) * dt) / PASSING.seconds) + CONSTANT_SD_RAD_S2 ** 2;
  const out = Matrix.zeros(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const corner = i > 0 && j > 0 ? out.get(i - 1, j) + out.get(i, j - 1) - out.get(i - 1, j - 1) : START_VARIANCE;
      out.set(i, j, corner + (i > 0 && j > 0 ? torque(i, j) * dt * dt : 0));
    }
  return out;
}
