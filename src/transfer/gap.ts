import type { Vehicle } from '../../envs/vehicle.ts';
import { meanCommand4, specificForceZ } from './body-force.ts';
import type { FlightSamples } from './samples.ts';

/** What sets real flights apart from simulated ones, and from each other, as their logs show it. */
export interface Gap {
  /** Standard deviation of white noise beyond that of the simulated sensors. */
  noise: { position_m: number; velocity_m_s: number; rates_rad_s: number };
  /** Spread between flights of what should be zero on the whole: the attitude frame's tilt, the gyro's offset. */
  bias: { tilt_rad: number; rates_rad_s: number };
  /** From command to thrust, beyond what the vehicle file says (either way) [s]. */
  delay_s: number;
  /** Spread between flights of the time in which rates change, as a fraction. */
  stretch: number;
}

const MAX_STRETCH = 0.15;
const MAX_DELAY_S = 0.1;
const LAGS = 25;

/** Measures the gap on flights at least two seconds in the air each. */
export function measureGap(flights: FlightSamples[], vehicle: Vehicle): Gap {
  const { sensors, rotor, latency_s } = vehicle;
  const beyond = (columns: (flight: FlightSamples) => Float64Array[], simulated: number) =>
    Math.sqrt(Math.max(0, median(flights.map((flight) => whiteNoise(flight, columns(flight)))) ** 2 - simulated ** 2));
  const believed = latency_s + rotor.lag_s + sensors.rates_rad_s.delay_s;
  const delays = flights.map(commandDelay).filter(Number.isFinite);
  return {
    noise: {
      position_m: beyond(({ position }) => position, sensors.position_m.noise),
      velocity_m_s: beyond(({ velocity }) => velocity, sensors.velocity_m_s.noise),
      rates_rad_s: beyond(({ rates }) => rates, sensors.rates_rad_s.noise),
    },
    bias: {
      tilt_rad: Math.max(spread(flights.map(meanUp(0))), spread(flights.map(meanUp(1)))),
      rates_rad_s: Math.max(
        ...[0, 1, 2].map((axis) => spread(flights.map((flight) => mean(flight, flight.rates[axis])))),
      ),
    },
    delay_s: delays.length > 0 ? Math.min(MAX_DELAY_S, Math.abs(median(delays) - believed)) : 0,
    stretch: Math.min(MAX_STRETCH, spread(flights.map((flight) => Math.log(timeScale(flight))))),
  };
}

/** Noise of white errors, from second differences: for these their variance is 6 σ², while motion is smooth. */
function whiteNoise(flight: FlightSamples, columns: Float64Array[]): number {
  const differences: number[] = [];
  for (const column of columns)
    eachAirborneRow(flight, 1, (t) => differences.push(Math.abs(column[t - 1] - 2 * column[t] + column[t + 1])));
  return (1.4826 * median(differences)) / Math.sqrt(6); // median of |x| of a Gaussian is σ / 1.4826
}

/** The lag at which specific force follows the commands best [s]; NaN where the flight hardly climbs or sinks. */
function commandDelay(flight: FlightSamples): number {
  let [best, at] = [0.2, Number.NaN];
  for (let lag = 0; lag < LAGS; lag++) {
    const r = correlation(flight, lag);
    if (r > best) [best, at] = [r, lag];
  }
  return at / flight.rateHz;
}

function correlation(flight: FlightSamples, lag: number): number {
  let [n, c, f, cc, ff, cf] = [0, 0, 0, 0, 0, 0];
  eachAirborneRow(flight, LAGS, (t) => {
    const command = meanCommand4(flight, t - lag);
    const force = specificForceZ(flight, t);
    n++;
    c += command;
    f += force;
    cc += command * command;
    ff += force * force;
    cf += command * force;
  });
  return (n * cf - c * f) / Math.sqrt((n * cc - c * c) * (n * ff - f * f));
}

/** Root mean square of the rates over that of their change [s]. */
function timeScale(flight: FlightSamples): number {
  let [square, change] = [1e-12, 1e-12];
  for (const rate of flight.rates.slice(0, 2))
    eachAirborneRow(flight, 2, (t) => {
      square += rate[t] ** 2;
      change += ((rate[t + 2] - rate[t - 2]) * (flight.rateHz / 4)) ** 2;
    });
  return Math.sqrt(square / change);
}

/** World up in the body frame, its mean along x or y. */
function meanUp(axis: 0 | 1): (flight: FlightSamples) => number {
  return (flight) => {
    const [x, y, z, w] = flight.quaternion;
    const up =
      axis === 0 ? x.map((_, t) => 2 * (x[t] * z[t] - w[t] * y[t])) : x.map((_, t) => 2 * (y[t] * z[t] + w[t] * x[t]));
    return mean(flight, up);
  };
}

function mean(flight: FlightSamples, column: Float64Array): number {
  let [sum, n] = [0, 0];
  eachAirborneRow(flight, 0, (t) => {
    sum += column[t];
    n++;
  });
  return sum / n;
}

/** Airborne rows at least `margin` rows from the ends of their stretch. */
function eachAirborneRow(flight: FlightSamples, margin: number, visit: (t: number) => void): void {
  for (const { from, end } of flight.stretches)
    for (let t = from + margin; t < end - margin; t++) if (flight.airborne[t]) visit(t);
}

function median(values: number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1];
}

function spread(values: number[]): number {
  if (values.length < 2) return 0;
  const centre = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1));
}
