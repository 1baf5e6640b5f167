import { rotate, rotateInverse } from '../../../envs/quaternion.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Flight } from '../../telemetry/flight.ts';
import { coast } from './coast.ts';
import { type FlightData, flightData, latenessOf } from './flight-data.ts';
import { forecastWeights } from './forecast.ts';
import { Replay, type Replayed, type Window } from './replay.ts';
import { predictedVoltage } from './voltage.ts';

/**
 * Where a model's forces and torques are corrected from: nothing, the flight's first seconds, or just before. Each correction
 * is constant over what is foretold.
 */
export type Correction = 'none' | 'trim' | 'before';

/** How well a vehicle file foretells flights over one horizon, driven by the logged commands. */
export interface Prediction {
  windows: number;
  /** Root mean square errors at the horizon. */
  position_m: number;
  tilt_rad: number;
  /** Share of the change of vertical velocity over the horizon that is foretold. */
  verticalExplained: number;
}

/** The trim is taken from so much of a flight's start; windows begin behind it whatever the correction [s]. */
export const TRIM_SECONDS = 10;
/** What is lacking in force and torque is measured over so long before a window [s]. */
const BEFORE_SECONDS = 0.3;
const EVERY_SECONDS = 0.25;

/** Flights made ready to be foretold again and again. */
export class Predictor {
  private readonly flights: FlightData[];
  private readonly base: Vehicle;

  /** @param base whose sensors and rates the flights are read with */
  constructor(flights: Flight[], base: Vehicle) {
    this.flights = flights.map((flight) => flightData(flight, base)).filter(({ velocity }) => velocity);
    this.base = base;
  }

  /** Foretells all windows of a horizon with a vehicle. */
  predict(vehicle: Vehicle, seconds: number, correction: Correction): Prediction {
    const steps = Math.round(seconds * this.base.physics_Hz);
    const windows = this.windows(steps);
    const voltage = this.flights.map((flight) => predictedVoltage(flight, vehicle));
    const replay = new Replay(this.flights, voltage);
    const bias = correction === 'none' ? undefined : this.biases(replay, vehicle, windows, steps, correction);
    // each sensor's reading is compared with the model at the moment that it tells of
    const { rates_s, velocity_s } = latenessOf(this.base);
    const options = { steps, stride: steps, followAttitude: false, attitudeLater_s: 0, bias };
    const turned = replay.run(vehicle, windows, { ...options, late_s: rates_s });
    const moved = replay.run(vehicle, windows, { ...options, late_s: velocity_s });
    return this.score(windows, steps, { ...moved, quaternion: turned.quaternion }, vehicle.misalignment_rad);
  }

  /** The same by the best that can be said without the commands: body rates stay, and thrust carries the weight. */
  constantRate(seconds: number): Prediction {
    const { physics_Hz } = this.base;
    const steps = Math.round(seconds * physics_Hz);
    const windows = this.windows(steps);
    return this.score(windows, steps, coast(this.flights, windows, steps, 1 / physics_Hz), [0, 0]);
  }

  /** Every quarter of a second behind the trim's time. */
  private windows(steps: number): Window[] {
    const every = Math.round(EVERY_SECONDS * this.base.physics_Hz);
    return this.flights.flatMap(({ spans }, flight) =>
      spans.flatMap(({ from, end }) => {
        const out: Window[] = [];
        const first = from + Math.round(TRIM_SECONDS * this.base.physics_Hz);
        for (let row = first; row + steps < end; row += every) out.push({ flight, from: row });
        return out;
      }),
    );
  }

  /** Specific force and angular acceleration that the model lacks, `[W, 6]`. */
  private biases(
    replay: Replay,
    vehicle: Vehicle,
    windows: Window[],
    ahead: number,
    correction: 'trim' | 'before',
  ): Float64Array {
    const { physics_Hz } = this.base;
    const steps = Math.round(BEFORE_SECONDS * physics_Hz);
    const stride = this.stride();
    const samples = Math.floor(steps / stride) + 1;
    if (correction === 'before')
      return this.lacking(
        replay,
        vehicle,
        windows.map(({ flight, from }) => ({ flight, from: from - steps })),
        steps,
        forecastWeights(samples, Math.max(1, Math.round(ahead / stride)), stride / physics_Hz),
      );
    const opening = this.flights.flatMap(({ spans, rateHz }, flight) => {
      const out: Window[] = [];
      const first = spans[0]?.from ?? 0;
      for (let row = first + steps; row + steps < first + TRIM_SECONDS * rateHz; row += steps >> 1)
        out.push({ flight, from: row });
      return spans.length > 0 ? out : [];
    });
    const each = this.lacking(replay, vehicle, opening, steps, slopeWeights(samples, stride / physics_Hz));
    const means = this.flights.map((_, f) => meanOf(each, opening, f));
    const out = new Float64Array(windows.length * 6);
    windows.forEach(({ flight }, w) => {
      out.set(means[flight], w * 6);
    });
    return out;
  }

  private stride(): number {
    const { control_Hz, physics_Hz } = this.base;
    return Math.max(1, Math.round(physics_Hz / control_Hz));
  }

  /**
   * What measured velocity and rates have more than modelled ones over windows in which the attitude follows the log: their
   * slope of velocity, and of rates what `rateWeights` make of them.
   */
  private lacking(
    replay: Replay,
    vehicle: Vehicle,
    windows: Window[],
    steps: number,
    rateWeights: Float64Array,
  ): Float64Array {
    const stride = this.stride();
    const late_s = latenessOf(this.base).rates_s;
    const run = replay.run(vehicle, windows, {
      ...{ steps, stride, followAttitude: true, followRates: true },
      ...{ late_s, attitudeLater_s: 0 },
    });
    const S = Math.floor(steps / stride) + 1;
    const velocityWeights = slopeWeights(S, stride / this.base.physics_Hz);
    const out = new Float64Array(windows.length * 6);
    const column = new Float64Array(S);
    const force = [0, 0, 0];
    windows.forEach(({ flight, from }, w) => {
      const { velocity, rates, quaternion } = this.flights[flight];
      for (let k = 0; k < 3; k++) {
        for (let s = 0; s < S; s++) column[s] = velocity![k][from + s * stride] - run.velocity[(w * S + s) * 3 + k];
        force[k] = weighted(column, velocityWeights);
        for (let s = 0; s < S; s++) column[s] = rates[k][from + s * stride] - run.rates[(w * S + s) * 3 + k];
        out[w * 6 + 3 + k] = weighted(column, rateWeights);
      }
      const middle = quaternion!.map((values) => values[from + (steps >> 1)]);
      out.set(rotateInverse(middle, force, [0, 0, 0]), w * 6);
    });
    return out;
  }

  /** @param askew by what the log's attitude is off the replay's */
  private score(windows: Window[], steps: number, run: Replayed, askew: readonly number[]): Prediction {
    let [position, tilt, left, sum, squares] = [0, 0, 0, 0, 0];
    windows.forEach(({ flight, from }, w) => {
      const data = this.flights[flight];
      const end = from + steps;
      const last = w * 2 + 1;
      for (let k = 0; k < 3; k++)
        position += (data.position![k][end] - data.position![k][from] - run.position[last * 3 + k]) ** 2;
      const change = data.velocity![2][end] - data.velocity![2][from];
      left += (data.velocity![2][end] - run.velocity[last * 3 + 2]) ** 2;
      sum += change;
      squares += change ** 2;
      tilt += tiltBetween(data, end, run.quaternion.subarray(last * 4, last * 4 + 4), askew) ** 2;
    });
    const n = windows.length;
    return {
      windows: n,
      position_m: Math.sqrt(position / n),
      tilt_rad: Math.sqrt(tilt / n),
      verticalExplained: 1 - left / (squares - (sum * sum) / n),
    };
  }
}

/** Angle between where the log says that the rotors point, and where `q` says. */
function tiltBetween({ quaternion }: FlightData, row: number, q: Float64Array, [x, y]: readonly number[]): number {
  const read = quaternion!.map((column) => column[row]);
  const axis = rotate(read, [-y, x, 1], [0, 0, 0]); // the misalignment taken out, to first order
  const up = rotate(q, [0, 0, 1], [0, 0, 0]);
  const dot = (axis[0] * up[0] + axis[1] * up[1] + axis[2] * up[2]) / Math.hypot(...axis);
  return Math.acos(Math.min(1, Math.max(-1, dot)));
}

function meanOf(rows: Float64Array, windows: Window[], flight: number): number[] {
  const sum = [0, 0, 0, 0, 0, 0];
  let n = 0;
  windows.forEach((window, w) => {
    if (window.flight !== flight) return;
    n++;
    for (let k = 0; k < 6; k++) sum[k] += rows[w * 6 + k];
  });
  return sum.map((total) => (n > 0 ? total / n : 0));
}

/** Weights that make the least-squares slope of `n` values, `dt` apart. */
function slopeWeights(n: number, dt: number): Float64Array {
  const middle = (n - 1) / 2;
  const squares = (n * (n * n - 1)) / 12;
  return Float64Array.from({ length: n }, (_, s) => (s - middle) / squares / dt);
}

function weighted(values: Float64Array, weights: Float64Array): number {
  return values.reduce((sum, value, s) => sum + weights[s] * value, 0);
}
