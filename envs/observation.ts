import { ACTION_SIZE } from './actions.ts';

/** Range of a beam [m], as of Bitcraze's Multi-ranger deck (VL53L1x): what is farther reads as this. */
export const BEAM_RANGE = 4;

/**
 * What a policy sees, field by field: the same code makes it in simulation, from a log and on the vehicle.
 *
 * All fields are invariant to position and heading (a policy that sees them in the world frame with a rotation
 * matrix did not learn at all where this one does, see src/learn/README.md). Past actions are the policy's own.
 */
export interface ObservationSpec {
  /** Control steps a second. */
  rate_Hz: number;
  /** Voltage at which the `battery` field is zero [V]. */
  nominalVoltage_V: number;
  /** The goal error is shortened to this length [m]: farther goals are flown to at the same speed. */
  goalErrorLimit_m: number;
  /** How many past actions are observed, the latest first. */
  actionHistory: number;
  /** Time constants [s] of leaky averages of goal error, velocity, gravity and rates; they let a policy trim. */
  stateAverages_s: number[];
  /**
   * Range beams, level with the horizon; beam `k` points `k / beams` turns to the left of the heading. Telemetry holds
   * no ranges, so only a policy without beams can be fine-tuned on it.
   */
  beams: number;
  /** Whether the goal's own velocity is observed, for goals that move. */
  goalVelocity: boolean;
  /** Time constants [s] of leaky averages of its own actions. */
  actionAverages_s: number[];
}

/** One field of the observation, in the order in which they follow each other. */
export interface ObservationField {
  name: string;
  size: number;
  /** `heading`: world z up, x where the vehicle's nose points. */
  frame: 'body' | 'heading' | 'none';
  unit: string;
  /** Typical size: the normaliser's standard deviation before anything was measured. */
  scale: number;
  meaning: string;
}

/** State as sensors or a log give it. World ENU, body FLU, SI. */
export interface Measured {
  position: ArrayLike<number>;
  /** `worldFromBody`, `[x, y, z, w]` */
  quaternion: ArrayLike<number>;
  velocity: ArrayLike<number>;
  /** body rates */
  rates: ArrayLike<number>;
  voltage: number;
  goal: ArrayLike<number>;
  /** How fast the goal moves; only a policy with `goalVelocity` asks for it. */
  goalVelocity?: ArrayLike<number>;
  /** Of each beam [m], `BEAM_RANGE` where it meets nothing; only a policy with beams asks for them. */
  ranges?: ArrayLike<number>;
}

const STATE: readonly ObservationField[] = [
  { name: 'goal_error', size: 3, frame: 'body', unit: 'm', scale: 0.5, meaning: 'goal minus position, shortened' },
  { name: 'velocity', size: 3, frame: 'body', unit: 'm/s', scale: 1, meaning: 'velocity over ground' },
  { name: 'gravity', size: 3, frame: 'body', unit: '1', scale: 0.3, meaning: 'direction of world up, minus [0, 0, 1]' },
  { name: 'rates', size: 3, frame: 'body', unit: 'rad/s', scale: 4, meaning: 'body rates' },
];
const STATE_SIZE = 12;

/** The specification Windhover trains with unless told otherwise. */
export const DEFAULT_OBSERVATION: Omit<ObservationSpec, 'rate_Hz' | 'nominalVoltage_V'> = {
  goalErrorLimit_m: 1,
  actionHistory: 2,
  stateAverages_s: [0.5, 3],
  actionAverages_s: [0.05, 0.5],
  goalVelocity: false,
  beams: 0,
};

/** The fields that a specification gives, in order. */
export function observationFields(spec: ObservationSpec): ObservationField[] {
  const fields = [...STATE];
  fields.push({
    name: 'battery',
    size: 1,
    frame: 'none',
    unit: '1',
    scale: 0.1,
    meaning: `voltage over ${spec.nominalVoltage_V} V, minus 1`,
  });
  for (let k = 1; k <= spec.actionHistory; k++)
    fields.push({
      name: `action_${k}`,
      size: ACTION_SIZE,
      frame: 'none',
      unit: '1',
      scale: 0.4,
      meaning: `own action ${k} step${k > 1 ? 's' : ''} ago`,
    });
  for (const seconds of spec.actionAverages_s)
    fields.push({
      name: `action_average_${seconds}s`,
      size: ACTION_SIZE,
      frame: 'none',
      unit: '1',
      scale: 0.3,
      meaning: `leaky average of own actions over ${seconds} s`,
    });
  for (const seconds of spec.stateAverages_s)
    for (const field of STATE)
      fields.push({
        ...field,
        name: `${field.name}_average_${seconds}s`,
        scale: field.scale * 0.5,
        meaning: `leaky average of ${field.name} over ${seconds} s`,
      });
  if (spec.goalVelocity)
    fields.push({
      name: 'goal_velocity',
      size: 3,
      frame: 'body',
      unit: 'm/s',
      scale: 1,
      meaning: 'velocity of the goal over ground',
    });
  if (spec.beams > 0)
    fields.push({
      name: 'beams',
      size: spec.beams,
      frame: 'heading',
      unit: '1',
      scale: 0.3,
      meaning: `closeness e^(-range / 1 m) along level beams, beam k at k / ${spec.beams} turns to the left of the heading; 0 where nothing is within ${BEAM_RANGE} m`,
    });
  return fields;
}

/** Numbers in the observation. */
export function observationSize(spec: ObservationSpec): number {
  return observationFields(spec).reduce((sum, field) => sum + field.size, 0);
}

/**
 * Turns measured state into observations for `n` vehicles at once, and keeps their memory:
 * past actions and leaky averages. Call `observe` once a control step, after `act` told the action of the last one.
 */
export class Observer {
  readonly size: number;
  readonly spec: ObservationSpec;
  /** All memory, `[n, memorySize]`: copy it to save, write it back to restore. */
  readonly memory: Float32Array;
  readonly memorySize: number;
  private readonly stateGains: number[];
  private readonly actionGains: number[];
  private readonly now = new Float32Array(STATE_SIZE);

  constructor(spec: ObservationSpec, n: number) {
    this.spec = spec;
    this.size = observationSize(spec);
    this.memorySize =
      ACTION_SIZE * (spec.actionHistory + spec.actionAverages_s.length) + STATE_SIZE * spec.stateAverages_s.length;
    this.memory = new Float32Array(n * this.memorySize);
    const gain = (seconds: number) => 1 - Math.exp(-1 / (seconds * spec.rate_Hz));
    this.stateGains = spec.stateAverages_s.map(gain);
    this.actionGains = spec.actionAverages_s.map(gain);
  }

  /** Forgets the past of vehicle `i`: actions and averages start from zero. */
  reset(i: number): void {
    this.memory.fill(0, i * this.memorySize, (i + 1) * this.memorySize);
  }

  /**
   * Notes the action that vehicle `i` takes now.
   *
   * @param actions `[n, 4]`, clipped to [-1, 1] here as the vehicle clips it
   */
  act(i: number, actions: ArrayLike<number>, offset = i * ACTION_SIZE): void {
    const { memory, actionGains } = this;
    const history = this.spec.actionHistory;
    const first = i * this.memorySize;
    for (let k = (history - 1) * ACTION_SIZE - 1; k >= 0; k--) memory[first + ACTION_SIZE + k] = memory[first + k];
    const averages = first + history * ACTION_SIZE;
    for (let a = 0; a < ACTION_SIZE; a++) {
      const action = clip(actions[offset + a]);
      if (history > 0) memory[first + a] = action;
      for (let k = 0, at = averages + a; k < actionGains.length; k++, at += ACTION_SIZE)
        memory[at] += actionGains[k] * (action - memory[at]);
    }
  }

  /**
   * Writes the observation of vehicle `i`, `[size]`, to `out` at `offset`, in physical units, and moves its averages on.
   */
  observe(i: number, measured: Measured, out: Float32Array, offset: number): void {
    const { memory, now, spec } = this;
    writeState(measured, spec.goalErrorLimit_m, now);
    let to = offset;
    for (let k = 0; k < STATE_SIZE; k++) out[to++] = now[k];
    out[to++] = measured.voltage / spec.nominalVoltage_V - 1;
    let at = i * this.memorySize;
    const actions = ACTION_SIZE * (spec.actionHistory + this.actionGains.length);
    for (let k = 0; k < actions; k++) out[to++] = memory[at++];
    for (let k = 0; k < this.stateGains.length; k++)
      for (let s = 0; s < STATE_SIZE; s++, at++) {
        memory[at] += this.stateGains[k] * (now[s] - memory[at]);
        out[to++] = memory[at];
      }
    if (spec.goalVelocity) {
      intoBody(measured.quaternion, measured.goalVelocity!, out, to);
      to += 3;
    }
    if (spec.beams > 0) writeBeams(measured.ranges!, spec.beams, out, to);
  }
}

/** Closeness along each beam: near pillars differ most, far ones fade to the 0 of none. */
function writeBeams(ranges: ArrayLike<number>, count: number, out: Float32Array, offset: number): void {
  for (let k = 0; k < count; k++) out[offset + k] = ranges[k] < BEAM_RANGE ? Math.exp(-ranges[k]) : 0;
}

/** A vector of the world, seen in the body frame, to `out` at `offset`. */
function intoBody(q: ArrayLike<number>, v: ArrayLike<number>, out: Float32Array, offset: number): void {
  const x = q[0];
  const y = q[1];
  const z = q[2];
  const w = q[3];
  out[offset] = (1 - 2 * (y * y + z * z)) * v[0] + 2 * (x * y + w * z) * v[1] + 2 * (x * z - w * y) * v[2];
  out[offset + 1] = 2 * (x * y - w * z) * v[0] + (1 - 2 * (x * x + z * z)) * v[1] + 2 * (y * z + w * x) * v[2];
  out[offset + 2] = 2 * (x * z + w * y) * v[0] + 2 * (y * z - w * x) * v[1] + (1 - 2 * (x * x + y * y)) * v[2];
}

function clip(action: number): number {
  return action < -1 ? -1 : action > 1 ? 1 : action;
}

/** Goal error, velocity, gravity and rates in the body frame, `[12]`. */
function writeState(measured: Measured, limit: number, out: Float32Array): void {
  const q = measured.quaternion;
  const x = q[0];
  const y = q[1];
  const z = q[2];
  const w = q[3];
  // rows of bodyFromWorld
  const xx = 1 - 2 * (y * y + z * z);
  const xy = 2 * (x * y + w * z);
  const xz = 2 * (x * z - w * y);
  const yx = 2 * (x * y - w * z);
  const yy = 1 - 2 * (x * x + z * z);
  const yz = 2 * (y * z + w * x);
  const zx = 2 * (x * z + w * y);
  const zy = 2 * (y * z - w * x);
  const zz = 1 - 2 * (x * x + y * y);
  let ex = measured.goal[0] - measured.position[0];
  let ey = measured.goal[1] - measured.position[1];
  let ez = measured.goal[2] - measured.position[2];
  const length = Math.sqrt(ex * ex + ey * ey + ez * ez);
  if (length > limit) {
    ex *= limit / length;
    ey *= limit / length;
    ez *= limit / length;
  }
  const vx = measured.velocity[0];
  const vy = measured.velocity[1];
  const vz = measured.velocity[2];
  out[0] = xx * ex + xy * ey + xz * ez;
  out[1] = yx * ex + yy * ey + yz * ez;
  out[2] = zx * ex + zy * ey + zz * ez;
  out[3] = xx * vx + xy * vy + xz * vz;
  out[4] = yx * vx + yy * vy + yz * vz;
  out[5] = zx * vx + zy * vy + zz * vz;
  out[6] = xz;
  out[7] = yz;
  out[8] = zz - 1;
  out[9] = measured.rates[0];
  out[10] = measured.rates[1];
  out[11] = measured.rates[2];
}
