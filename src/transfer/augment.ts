import type { Rng } from '../../envs/rng.ts';
import type { Gap } from './gap.ts';
import type { FlightSamples, Stretch } from './samples.ts';

export type { Gap } from './gap.ts';

/** No draw leaves this many standard deviations. */
const CLIP = 2;

/**
 * A flight as another vehicle, gyro or motion capture of the same kind might have logged it: disturbed by one draw from
 * the measured gap. The logged commands stay what is to be learnt.
 *
 * - noise on position, velocity and rates;
 * - a tilt of the attitude's frame and an offset of the gyro that last all flight;
 * - a delay of all measurements;
 * - time stretched by `s`: the same path in `s` times the time, so that velocity and rates are `1/s`, tilt and the
 *   commands' deviations from their mean `1/s²` of what they were.
 *
 * @see Tobin et al. 2017, Domain randomization, https://arxiv.org/abs/1703.06907; Um et al. 2017, Data augmentation of
 *   wearable sensor data, https://arxiv.org/abs/1706.00527, for jitter, rotation and time warping of sensor series
 */
export function augmented(flight: FlightSamples, gap: Gap, rng: Rng): FlightSamples {
  const draw = (sigma: number) => sigma * Math.max(-CLIP, Math.min(CLIP, rng.normal()));
  const stretched = stretchTime(flight, Math.exp(draw(gap.stretch)));
  const late = delayed(stretched, Math.round(rng.uniform(0, gap.delay_s) * flight.rateHz));
  const noisy = (columns: Float64Array[], sigma: number, bias: number) =>
    columns.map((column) => {
      const offset = draw(bias);
      return column.map((x) => x + offset + sigma * rng.normal());
    });
  return {
    ...late,
    position: noisy(late.position, gap.noise.position_m, 0),
    velocity: noisy(late.velocity, gap.noise.velocity_m_s, 0),
    rates: noisy(late.rates, gap.noise.rates_rad_s, gap.bias.rates_rad_s),
    quaternion: tilted(late.quaternion, draw(gap.bias.tilt_rad), draw(gap.bias.tilt_rad)),
  };
}

/** The same path in `s` times the time. */
export function stretchTime(flight: FlightSamples, s: number): FlightSamples {
  const T = flight.voltage.length;
  const rows = Math.max(2, Math.round(T * s));
  const at = (t: number) => Math.min(T - 1, t / s);
  const resample = (column: Float64Array, factor = 1) =>
    Float64Array.from({ length: rows }, (_, t) => {
      const from = Math.floor(at(t));
      const share = at(t) - from;
      const next = share > 0 ? column[Math.min(T - 1, from + 1)] : 0;
      return factor * ((1 - share) * column[from] + share * next);
    });
  const all = (columns: Float64Array[], factor = 1) => columns.map((column) => resample(column, factor));
  const stretches: Stretch[] = flight.stretches
    .map(({ from, end }) => ({ from: Math.ceil(from * s), end: Math.min(rows, Math.floor((end - 1) * s) + 1) }))
    .filter(({ from, end }) => end > from);
  return {
    ...flight,
    stretches,
    airborne: Uint8Array.from({ length: rows }, (_, t) => flight.airborne[Math.round(at(t))]),
    position: all(flight.position),
    quaternion: scaledTilt(all(flight.quaternion), 1 / (s * s)),
    velocity: all(flight.velocity, 1 / s),
    rates: all(flight.rates, 1 / s),
    acceleration: flight.acceleration && all(flight.acceleration),
    voltage: resample(flight.voltage),
    goal: all(flight.goal),
    commands: flight.commands.map((motor) => towardsMean(resample(motor), flight, motor, 1 / (s * s))),
  };
}

function towardsMean(column: Float64Array, flight: FlightSamples, motor: Float64Array, factor: number): Float64Array {
  let [sum, n] = [0, 0];
  motor.forEach((command, t) => {
    if (flight.airborne[t]) [sum, n] = [sum + command, n + 1];
  });
  return factor === 1
    ? column
    : column.map((command) => Math.min(1, Math.max(0, sum / n + factor * (command - sum / n))));
}

/** Measurements of `rows` rows before; within each stretch the first one holds until there is another. */
function delayed(flight: FlightSamples, rows: number): FlightSamples {
  if (rows === 0) return flight;
  const late = (columns: Float64Array[]) =>
    columns.map((column) => {
      const out = column.slice();
      for (const { from, end } of flight.stretches)
        for (let t = from; t < end; t++) out[t] = column[Math.max(from, t - rows)];
      return out;
    });
  return {
    ...flight,
    position: late(flight.position),
    quaternion: late(flight.quaternion),
    velocity: late(flight.velocity),
    rates: late(flight.rates),
  };
}

/** `worldFromBody` as seen by a body frame turned by small angles about its x and y. */
function tilted([x, y, z, w]: Float64Array[], aboutX: number, aboutY: number): Float64Array[] {
  const [a, b] = [Math.sin(aboutX / 2), Math.sin(aboutY / 2)];
  const c = Math.sqrt(1 - a * a - b * b);
  return [
    x.map((_, t) => x[t] * c + w[t] * a - z[t] * b),
    y.map((_, t) => y[t] * c + w[t] * b + z[t] * a),
    z.map((_, t) => z[t] * c + x[t] * b - y[t] * a),
    w.map((_, t) => w[t] * c - x[t] * a - y[t] * b),
  ];
}

/** Turns each rotation about the level axis that it tilts by, so that its tilt is `factor` of what it was. */
function scaledTilt([x, y, z, w]: Float64Array[], factor: number): Float64Array[] {
  const out = [x, y, z, w].map((column) => column.slice());
  if (factor === 1) return out;
  for (let t = 0; t < x.length; t++) {
    const length = Math.hypot(x[t], y[t], z[t], w[t]);
    const [a, b, c, d] = [x[t] / length, y[t] / length, z[t] / length, w[t] / length];
    const [ux, uy, uz] = [2 * (a * c + d * b), 2 * (b * c - d * a), 1 - 2 * (a * a + b * b)];
    const level = Math.hypot(ux, uy);
    const half = level > 1e-9 ? (Math.atan2(level, uz) * (factor - 1)) / 2 : 0;
    const [px, py, pw] =
      level > 1e-9 ? [(-uy / level) * Math.sin(half), (ux / level) * Math.sin(half), Math.cos(half)] : [0, 0, 1];
    out[0][t] = pw * a + px * d + py * c;
    out[1][t] = pw * b + py * d - px * c;
    out[2][t] = pw * c + px * b - py * a;
    out[3][t] = pw * d - px * a - py * b;
  }
  return out;
}
