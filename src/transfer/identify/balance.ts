import { inverse, Matrix } from 'ml-matrix';
import { rotateInverse } from '../../../envs/quaternion.ts';
import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Motion } from './candidate.ts';
import { type FlightData, latenessOf } from './flight-data.ts';
import type { Replay } from './replay.ts';
import { rotationErrors } from './residuals.ts';
import { shapes } from './shapes.ts';
import { windowsOf } from './windows.ts';

/** The slow side of rotation: what torque a flight holds, and how it goes with airspeed. */
export interface Balance {
  /** Velocity moment as the signed sum of commands that balances it, per airspeed [s/m]; and its standard error. */
  velocityMoment_s_per_m: number;
  standardError: number;
  /** Angular acceleration that each flight has of its own, about x, y and z [rad/s²]. */
  trims: number[][];
}

const SECONDS = 0.2;
const MOST_WINDOWS = 6000;

/**
 * Explains the mean angular acceleration that a model without velocity moment lacks, window by window, by the airspeed
 * and a constant of each flight.
 *
 * In flight the torques are all but in balance, so what is told is how many commands balance the moment: its ratio to
 * the gain, whatever the gain is.
 */
export function fitBalance(replay: Replay, flights: FlightData[], vehicle: Vehicle, motion: Motion): Balance {
  const steps = Math.round(SECONDS * vehicle.physics_Hz);
  const stride = Math.max(1, Math.round(vehicle.physics_Hz / vehicle.control_Hz));
  const windows = windowsOf(flights, steps, steps, MOST_WINDOWS);
  const look = { windows, steps, stride, degrees: [1, 1] as const };
  const still = { ...vehicle, velocityMoment_Ns: 0 };
  const errors = rotationErrors(replay, flights, still, look, latenessOf(vehicle));
  const line = shapes(Math.floor(steps / stride) + 1, 2)[1];
  const slope = line.reduce((sum, q, s) => sum + (q * s * stride) / vehicle.physics_Hz, 0);
  const lacking = errors.map((error) => error / slope);
  const moments = windows.map(({ flight, from }) => momentArms(flights[flight], from + (steps >> 1), motion));
  const { value, standardError } = regress(
    windows.map(({ flight }) => flight),
    moments,
    lacking,
  );
  const trims = flights.map((_, f) => meanLeft(f, windows, moments, lacking, value));
  return { velocityMoment_s_per_m: value, standardError, trims };
}

/** Angular acceleration about x and y for a velocity moment of 1 s/m at a row. */
function momentArms({ quaternion, velocity }: FlightData, row: number, motion: Motion): [number, number] {
  if (!quaternion || !velocity) return [0, 0];
  const body = rotateInverse(
    quaternion.map((column) => column[row]),
    velocity.map((column) => column[row]),
    [0, 0, 0],
  );
  return [motion.gainRoll * body[1], -motion.gainPitch * body[0]];
}

/** Slope of what lacks on the moment's arms, each flight and axis with its own mean; errors cluster by flight. */
function regress(flight: number[], arms: [number, number][], lacking: Float64Array) {
  const F = Math.max(-1, ...flight) + 1;
  const columns = 2 * F + 1;
  const normal = Matrix.zeros(columns, columns);
  const right = new Float64Array(columns);
  const eachRow = (visit: (group: number, arm: number, y: number) => void) =>
    flight.forEach((f, w) => [0, 1].forEach((axis) => visit(1 + 2 * f + axis, arms[w][axis], lacking[w * 3 + axis])));
  normal.set(0, 0, 1e-9);
  for (let c = 1; c < columns; c++) normal.set(c, c, 1e-9);
  eachRow((group, arm, y) => {
    normal.set(0, 0, normal.get(0, 0) + arm * arm);
    normal.set(0, group, normal.get(0, group) + arm);
    normal.set(group, 0, normal.get(group, 0) + arm);
    normal.set(group, group, normal.get(group, group) + 1);
    right[0] += arm * y;
    right[group] += y;
  });
  const inner = inverse(normal);
  const solution = inner.mmul(Matrix.columnVector(Array.from(right))).to1DArray();
  const scores = new Float64Array(F);
  eachRow((group, arm, y) => {
    let weight = 0; // this row's part in the slope
    weight += inner.get(0, 0) * arm + inner.get(0, group);
    scores[(group - 1) >> 1] += weight * (y - solution[0] * arm - solution[group]);
  });
  const variance = scores.reduce((sum, score) => sum + score * score, 0) * (F / Math.max(1, F - 1));
  const told = arms.some(([x, y]) => x !== 0 || y !== 0);
  return { value: told ? solution[0] : 0, standardError: told && F > 1 ? Math.sqrt(variance) : Number.NaN };
}

function meanLeft(
  f: number,
  windows: { flight: number }[],
  arms: [number, number][],
  lacking: Float64Array,
  moment: number,
): number[] {
  const sum = [0, 0, 0];
  let n = 0;
  windows.forEach(({ flight }, w) => {
    if (flight !== f) return;
    n++;
    for (let axis = 0; axis < 3; axis++) sum[axis] += lacking[w * 3 + axis] - (axis < 2 ? moment * arms[w][axis] : 0);
  });
  return sum.map((total) => (n > 0 ? total / n : 0));
}
