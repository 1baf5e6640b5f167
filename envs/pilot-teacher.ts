import { type ActionMap, actionFor } from './actions.ts';
import { Pilot, type PilotTuning } from './pilot.ts';
import { yawOf } from './quaternion.ts';
import type { Simulator } from './simulator.ts';
import type { Flown } from './tasks/index.ts';
import type { Teacher } from './teacher.ts';

/**
 * The velocity it wants is 1.5/s times the error in position, as in the cascade of a real autopilot, and it takes its time to
 * get there; src/transfer/README.md says what that was chosen by. Nothing integrates: on the vehicle that it knows there is
 * nothing to trim, and so what it shows is told by what a policy sees.
 */
const TUNING: PilotTuning = {
  caution: 1,
  stiffness: 0.8,
  sideways: { proportional: 3.6, derivative: 2.4, integral: 0 },
  upwards: { proportional: 2.4, derivative: 1.6, integral: 0 },
  trim_per_s: 0,
};
const STEADY: [number, number, number] = [0, 0, 0];

/**
 * The classical pilot as a teacher: calm, as the autopilots are that write logs. It knows the nominal vehicle and nothing that
 * is hidden but the motors' thrust, and damps yaw, since no task has a heading.
 */
export class PilotTeacher implements Teacher {
  private readonly motors: Float64Array;
  /** One for all vehicles: between two steps it has nothing to remember. */
  private readonly pilot: Pilot;

  constructor({ vehicle, dynamics }: Simulator) {
    this.motors = dynamics.motors;
    this.pilot = new Pilot(vehicle, TUNING);
  }

  state(): ArrayBufferView[] {
    return [];
  }

  load(): void {}

  act(i: number, flown: Flown, map: ActionMap, out: Float32Array, offset: number): void {
    const { pilot, motors } = this;
    const [x, y, z] = flown.goal;
    pilot.told(motors, i * 4);
    const fractions = pilot.command(flown, { position: [x, y, z], velocity: STEADY, yaw: yawOf(flown.quaternion) });
    for (let k = 0; k < 4; k++) {
      const action = actionFor(map, k, fractions[k]);
      out[offset + k] = action < -1 ? -1 : action > 1 ? 1 : action;
    }
  }
}
