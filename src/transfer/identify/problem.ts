import type { Vehicle } from '../../../envs/vehicle.ts';
import { type Centre, type Motion, vehicleOf } from './candidate.ts';
import { type FlightData, type Lateness, latenessOf } from './flight-data.ts';
import { EFFECTS, type EffectSizes, FlightEffects, windColumns } from './flight-effects.ts';
import {
  type Foretelling,
  foretellingOf,
  heardWidth,
  innovationSlopes,
  innovationsOf,
  type Listening,
} from './innovations.ts';
import { motionAt, PARAMETERS, vectorOf } from './parameters.ts';
import type { Replay, Window } from './replay.ts';
import { type Look, rateGaps, translationErrors, width } from './residuals.ts';

/** What is fitted: flights, where their windows lie, and the vehicle file that the fit begins at. */
export interface Task {
  replay: Replay;
  flights: FlightData[];
  base: Vehicle;
  centre: Centre;
  start: Motion;
  translation: Look;
  rotation: Listening;
}

/** Errors before weighting: of translation windows, and of the rates in rotation windows; null where a change can't be felt. */
interface Raw {
  translation: Float64Array | null;
  rotation: Float64Array | null;
}

/** All that is known at one parameter vector. */
interface Here {
  key: string;
  raw: Raw;
  /** How errors of rates go on there, and what it leaves of them. */
  foretelling: Foretelling | null;
  innovations: Float64Array | null;
  errors: Float64Array;
}

/** Errors beyond so many standard deviations count linearly (Huber 1964, https://doi.org/10.1214/aoms/1177703732). */
const HUBER = 2.5;
const FIRST_SIZES: EffectSizes = [0.05, 0.2, 0.2];
/** A small change of a flight's thrust, for slopes. */
const THRUST_STEP = 0.02;
const LEAST_SIZES: EffectSizes = [0.002, 0.01, 0.01];
/** Errors of one chunk of a flight may hang together. */
const CHUNK_SECONDS = 4;

/**
 * The least-squares problem of identification: weighted errors and their slopes as functions of the parameter vector.
 *
 * Rows are the features of translation windows, those of rotation windows, what each flight's own effects cost
 * (they are taken out of the rows before), and the priors: `N` in all. Each kind of feature is weighted by its own
 * robust size, so that a slow force that no model explains weighs less than what happens fast.
 */
export class Problem {
  /** Each flight's own thrust ratio and wind's pull, as far as they are known to differ. */
  sizes: EffectSizes = FIRST_SIZES;
  private readonly task: Task;
  private readonly late: Lateness;
  private readonly prior: number[];
  private readonly counts: { translation: number; rotation: number; effects: number; all: number };
  private readonly columns: Float64Array;
  private readonly weights: Float64Array;
  private effects: FlightEffects[] = [];
  /** Each flight's own thrust ratio less 1, as the replay has it by now. */
  private readonly thrust: number[];
  private memo: Here | null = null;

  constructor(task: Task) {
    this.task = task;
    this.late = latenessOf(task.base);
    this.prior = vectorOf(task.start);
    const translation = task.translation.windows.length * width(task.translation);
    const rotation = task.rotation.windows.length * heardWidth(task.rotation);
    const effects = translation > 0 ? task.flights.length * EFFECTS : 0;
    this.counts = { translation, rotation, effects, all: translation + rotation + effects + PARAMETERS.length };
    this.columns = windColumns(task.translation, task.flights);
    this.weights = new Float64Array(translation + rotation).fill(1);
    this.thrust = task.flights.map(() => 0);
  }

  /** Rows in all. */
  get rows(): number {
    return this.counts.all;
  }

  /** Weighted errors, `[N]`. */
  errors(vector: number[]): Float64Array {
    return this.at(vector).errors;
  }

  /** Slopes of the weighted errors, one `[N]` a parameter, by forward differences of the replay. */
  slopes(vector: number[]): Float64Array[] {
    const here = this.at(vector);
    const slopes: Float64Array[] = PARAMETERS.map(() => new Float64Array(this.rows));
    PARAMETERS.forEach(({ axis, step, felt }, p) => {
      if (axis === undefined) slopes[p] = this.slopesOf(slope(this.raw(moved(vector, p), felt), here.raw, step), here);
    });
    this.gainSlopes(vector, here, slopes);
    PARAMETERS.forEach(({ prior }, p) => {
      slopes[p][this.priorRow(p)] = 1 / prior;
    });
    return slopes;
  }

  /** Finds anew, with the errors at `vector`, how large each kind of error is and how far flights differ. */
  reweigh(vector: number[]): void {
    const { raw, innovations } = this.at(vector);
    const { translation } = raw;
    const { translation: look } = this.task;
    const known = this.effects.length > 0;
    if (translation) this.refreshColumns(vector, translation);
    if (translation) weigh(this.less(translation), width(look), this.weights, 0);
    // one size an axis, whatever the moment
    if (innovations) weigh(innovations, 3, this.weights, this.counts.translation);
    this.effects = this.flightEffects();
    if (translation) {
      const own = this.ownOf(translation);
      if (known) this.sizes = resized(this.effects, own);
      own.forEach(([ratio], f) => {
        this.thrust[f] = ratio;
      });
      this.effects = this.flightEffects();
    }
    this.memo = null;
  }

  /** What each flight has of its own at `vector`: thrust ratio and the wind's pull to east and north, `[flights][3]`. */
  flightEffectsAt(vector: number[]): number[][] {
    const { translation } = this.at(vector).raw;
    return translation ? this.ownOf(translation) : [];
  }

  /** Which chunk of which flight each row belongs to, `[N]`; −1 for priors. */
  chunks(): Int32Array {
    const { flights, translation, rotation } = this.task;
    const chunk = (flight: number, row: number) =>
      flight * 100_000 + Math.floor(row / (CHUNK_SECONDS * flights[flight].rateHz));
    const out = new Int32Array(this.rows).fill(-1);
    let at = 0;
    const fill = (windows: Window[], rows: number) => {
      for (const { flight, from } of windows) for (let k = 0; k < rows; k++) out[at++] = chunk(flight, from);
    };
    fill(translation.windows, width(translation));
    fill(rotation.windows, heardWidth(rotation));
    for (let e = 0; e < this.counts.effects; e++) {
      const flight = Math.floor(e / EFFECTS);
      out[at++] = chunk(flight, flights[flight].spans[0]?.from ?? 0);
    }
    return out;
  }

  private at(vector: number[]): Here {
    const key = vector.join();
    if (this.memo?.key !== key) {
      const raw = this.raw(vector, 'both');
      const { rotation: look } = this.task;
      const foretelling = raw.rotation && foretellingOf(raw.rotation, look);
      const innovations = foretelling && innovationsOf(raw.rotation!, look, foretelling);
      const errors = this.weighted({ translation: raw.translation, rotation: innovations });
      PARAMETERS.forEach(({ prior }, p) => {
        errors[this.priorRow(p)] = (vector[p] - this.prior[p]) / prior;
      });
      this.memo = { key, raw, foretelling, innovations, errors };
    }
    return this.memo;
  }

  /**
   * How a flight's own thrust shows, by replay: in all shapes and axes, as the vehicle's does, or the two would not be
   * told apart by the flights' mean alone.
   */
  private refreshColumns(vector: number[], translation: Float64Array): void {
    const { replay, flights, base, centre, start, translation: look } = this.task;
    const motion = motionAt(vector, start);
    const ratios = this.motorRatios(THRUST_STEP);
    const there = translationErrors(replay, flights, vehicleOf(base, motion, centre), look, motion, ratios);
    for (let i = 0; i < translation.length; i++) this.columns[i * EFFECTS] = (translation[i] - there[i]) / THRUST_STEP;
  }

  private motorRatios(more = 0): number[][] {
    return this.thrust.map((own) => Array(4).fill(1 + own + more));
  }

  private priorRow(p: number): number {
    return this.rows - PARAMETERS.length + p;
  }

  private raw(vector: number[], felt: 'translation' | 'rotation' | 'both'): Raw {
    const { replay, flights, base, centre, start, translation, rotation } = this.task;
    const motion = motionAt(vector, start);
    const vehicle = vehicleOf(base, motion, centre);
    const { counts, late } = this;
    return {
      translation:
        felt !== 'rotation' && counts.translation > 0
          ? translationErrors(replay, flights, vehicle, translation, motion, this.motorRatios())
          : null,
      rotation:
        felt !== 'translation' && counts.rotation > 0 ? rateGaps(replay, flights, vehicle, rotation, late) : null,
    };
  }

  /** Weighted slopes by those of raw errors. */
  private slopesOf({ translation, rotation }: Raw, { foretelling }: Here): Float64Array {
    const innovations = rotation && foretelling && innovationSlopes(rotation, this.task.rotation, foretelling);
    return this.weighted({ translation, rotation: innovations }, true);
  }

  /** Errors of translation and innovations weighted, and the flights' effects taken out; of slopes, only what changes of them. */
  private weighted({ translation, rotation }: Raw, slopes = false): Float64Array<ArrayBuffer> {
    const { counts, weights, effects } = this;
    const out = new Float64Array(this.rows);
    if (rotation)
      for (let i = 0; i < counts.rotation; i++)
        out[counts.translation + i] = rotation[i] * weights[counts.translation + i];
    if (!translation) return out;
    for (let i = 0; i < counts.translation; i++) out[i] = translation[i] * weights[i];
    const price = new Float64Array(counts.effects);
    effects.forEach((each, f) => each.remove(out, price, f * EFFECTS, slopes ? undefined : this.already(f)));
    out.set(price, counts.translation + counts.rotation);
    return out;
  }

  /** Each gain is felt by one axis alone, so one replay tells of all three. */
  private gainSlopes(vector: number[], here: Here, slopes: Float64Array[]): void {
    const gains = PARAMETERS.flatMap(({ axis, step }, p) => (axis === undefined ? [] : [{ axis, step, p }]));
    const { rotation } = this.raw(
      gains.reduce((at, { p }) => moved(at, p), vector),
      'rotation',
    );
    const before = here.raw.rotation;
    if (!rotation || !before) return;
    const all = this.slopesOf({ translation: null, rotation: rotation.map((gap, i) => gap - before[i]) }, here);
    const first = this.counts.translation;
    for (const { axis, step, p } of gains)
      for (let i = first + axis; i < first + this.counts.rotation; i += 3) slopes[p][i] = all[i] / step;
  }

  private flightEffects(): FlightEffects[] {
    const { flights, translation } = this.task;
    if (this.counts.translation === 0) return [];
    const F = width(translation);
    return flights.map((_, f) => {
      const rows: number[] = [];
      translation.windows.forEach(({ flight }, w) => {
        if (flight === f) for (let k = 0; k < F; k++) rows.push(w * F + k);
      });
      const columns = new Float64Array(rows.length * EFFECTS);
      rows.forEach((row, i) => {
        for (let a = 0; a < EFFECTS; a++)
          columns[i * EFFECTS + a] = this.columns[row * EFFECTS + a] * this.weights[row];
      });
      return new FlightEffects(Int32Array.from(rows), columns, this.sizes);
    });
  }

  /** What each flight has of its own, in all. */
  private ownOf(translation: Float64Array): number[][] {
    const scaled = this.scaled(translation);
    return this.effects.map((each, f) =>
      each.estimate(scaled, this.already(f)).map((more, a) => this.already(f)[a] + more),
    );
  }

  private already(f: number): number[] {
    return [this.thrust[f], 0, 0];
  }

  private scaled(translation: Float64Array): Float64Array {
    return translation.map((error, i) => error * this.weights[i]);
  }

  /** Translation errors less what the flights' effects explain. */
  private less(translation: Float64Array): Float64Array {
    if (this.effects.length === 0) return translation;
    const scaled = this.scaled(translation);
    const own = this.effects.map((each, f) => each.estimate(scaled, this.already(f)));
    const { windows } = this.task.translation;
    const F = width(this.task.translation);
    return translation.map((error, i) => {
      const effects = own[windows[Math.floor(i / F)].flight];
      return error - effects.reduce((sum, size, a) => sum + size * this.columns[i * EFFECTS + a], 0);
    });
  }
}

function moved(vector: number[], p: number): number[] {
  const out = vector.slice();
  out[p] += PARAMETERS[p].step;
  return out;
}

function slope(there: Raw, here: Raw, step: number): Raw {
  const between = (a: Float64Array | null, b: Float64Array | null) =>
    a && b ? a.map((value, i) => (value - b[i]) / step) : null;
  return {
    translation: between(there.translation, here.translation),
    rotation: between(there.rotation, here.rotation),
  };
}

/** One over the robust standard deviation of each kind of error (column of `[rows, F]`), Huber's weights on top. */
function weigh(errors: Float64Array, F: number, weights: Float64Array, at: number): void {
  for (let k = 0; k < F; k++) {
    const sizes: number[] = [];
    for (let i = k; i < errors.length; i += F) sizes.push(Math.abs(errors[i]));
    const deviation = 1.4826 * [...sizes].sort((a, b) => a - b)[sizes.length >> 1] + 1e-9;
    sizes.forEach((size, row) => {
      const far = size / deviation;
      weights[at + row * F + k] = (far > HUBER ? Math.sqrt(HUBER / far) : 1) / deviation;
    });
  }
}

/** How far flights differ: one step of expectation maximisation for the variances of their effects `own`. */
function resized(effects: FlightEffects[], own: number[][]): EffectSizes {
  const variance = (a: number) =>
    own.reduce((sum, values, f) => sum + values[a] ** 2 + effects[f].variance(a), 0) / effects.length;
  const thrust = Math.sqrt(variance(0));
  const pull = Math.sqrt((variance(1) + variance(2)) / 2); // the wind knows no direction
  return [Math.max(LEAST_SIZES[0], thrust), Math.max(LEAST_SIZES[1], pull), Math.max(LEAST_SIZES[2], pull)];
}
