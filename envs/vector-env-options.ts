import type { ActionMode } from './actions.ts';
import type { Airframe } from './airframe.ts';
import type { EnvBuffers } from './env-buffers.ts';
import type { ObservationSpec } from './observation.ts';
import type { Randomisation } from './randomisation.ts';
import type { LoggedPath, RewardWeights, Task } from './tasks/index.ts';
import type { TeacherName } from './teachers.ts';
import type { Vehicle } from './vehicle.ts';
import type { Obstacle } from './world.ts';

/** What a `VectorEnv` is made of. */
export interface VectorEnvOptions {
  /** A task's name, or the task itself. */
  task: string | Task;
  vehicle: Vehicle;
  /** Ranges to draw each episode's airframe from; null flies the nominal vehicle. */
  randomisation: Randomisation | null;
  /** The airframe to fly in every episode instead: commands are still those of the vehicle file. */
  airframe?: Airframe;
  /** What the motors make of a thrust fraction that is asked for, where their curve is another than the vehicle file's. */
  response?: MotorResponse;
  /**
   * Vehicles from easy to hard, to fly instead of `vehicle`, each with its own action map and ranges: an environment begins
   * with any and goes on as `nextMember` says. They differ in mass, rotors, drag and delays; frame, sensors and battery
   * are those of `vehicle`.
   */
  fleet?: readonly Vehicle[];
  actions: ActionMode;
  /** Number of environments. */
  n: number;
  seed: number;
  /** Index of the first environment among those of all shards: environment `i` here is number `firstIndex + i`. */
  firstIndex?: number;
  observation: ObservationSpec;
  /** Whether to say what only a critic may know (true); where nobody asks, it need not be worked out. */
  privileged?: boolean;
  /** Whether to say in `expertActions` what an expert that knows everything would do (false). */
  expert?: boolean;
  /** Who that is: the expert that knows everything, or another teacher. */
  teacher?: TeacherName;
  /** Start the next episode in the step that ended one (true), or hold ended environments still. */
  autoreset?: boolean;
  /** Share of episodes that start near rest, in [0, 1]. */
  easyStarts?: number;
  /** Share of crashed episodes that are flown once more: the same start, goal and airframe, in [0, 1]. */
  retries?: number;
  reward?: Partial<RewardWeights>;
  /** Where results go, for example over shared memory. */
  buffers?: EnvBuffers;
  /** Paths that `track` follows instead of drawing its own. */
  paths?: readonly LoggedPath[];
  /** Beside those of the task. */
  obstacles?: readonly Obstacle[];
}

/** The thrust fraction that comes of one asked for, `u`: `level · u^exponent`, at most 1. */
export interface MotorResponse {
  level: number;
  exponent: number;
}

/** One vehicle for a recording: world frame, but `rates` about body axes. */
export interface VehicleState {
  position: number[];
  quaternion: number[];
  velocity: number[];
  rates: number[];
  /** Actual thrust of each rotor, over nominal `maxThrust_N`. */
  motorThrusts: number[];
  /** Rotor thrust fractions that the motors were last told. */
  motorCommand: number[];
  /** What was last sent: rotor thrust fractions, or mean thrust fraction and body rates for `ctbr`. */
  command: number[];
  voltage: number;
  goal: number[];
  /** Control steps flown in this episode. */
  step: number;
}
