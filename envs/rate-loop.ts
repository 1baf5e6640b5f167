import { mixer } from './mixer.ts';
import type { Vehicle } from './vehicle.ts';

/**
 * The rate controllers that fly `ctbr` commands for `n` vehicles, as they run onboard: proportional and integral on the
 * error of the measured rates, with the mass properties and arms of the nominal vehicle, at the physics rate.
 *
 * Without the integral a motor 10 % weaker than the others would leave a Crazyflie turning at 1.5 rad/s when told to be
 * still. It rests while a motor is at a limit, and carries no more than an error of `bodyRates.max_rad_s` asks for.
 * Where the motors cannot give thrust and torque both, thrust gives way, as in the firmwares of Crazyflie and PX4: a
 * vehicle that climbs at full thrust must still be able to turn.
 */
export class RateLoop {
  /** Angular acceleration that the integral asks for, `[n, 3]` [rad/s²]: all that the loop remembers. */
  readonly trims: Float64Array;
  private readonly mixer: Float64Array;
  private readonly inertia: number[];
  private readonly gain: number[];
  /** Of the trims, per error of the rate, in one physics step. */
  private readonly trimGain: number[];
  private readonly trimLimit: number[];
  private readonly maxThrust: number;

  constructor(vehicle: Vehicle, n: number) {
    const { max_rad_s, gain_per_s, integral_per_s } = vehicle.bodyRates;
    this.mixer = mixer(vehicle);
    this.inertia = [...vehicle.inertia_kgm2];
    this.gain = [...gain_per_s];
    this.trimGain = gain_per_s.map((gain, axis) => (gain * integral_per_s[axis]) / vehicle.physics_Hz);
    this.trimLimit = gain_per_s.map((gain, axis) => gain * max_rad_s[axis]);
    this.maxThrust = vehicle.rotor.maxThrust_N;
    this.trims = new Float64Array(n * 3);
  }

  /** Forgets the trim of vehicle `i`. */
  reset(i: number): void {
    this.trims.fill(0, i * 3, i * 3 + 3);
  }

  /**
   * Turns thrust fraction and body rates into four rotor thrust fractions of vehicle `i`, in place.
   *
   * @param wanted `[4]`: mean thrust fraction and rates [rad/s] in; rotor thrust fractions in [0, 1] out
   * @param x measured body rates [rad/s]
   */
  mix(i: number, wanted: Float64Array, x: number, y: number, z: number): void {
    const { mixer, inertia, gain, maxThrust, trims } = this;
    const at = i * 3;
    const ex = wanted[1] - x;
    const ey = wanted[2] - y;
    const ez = wanted[3] - z;
    const thrust = 4 * maxThrust * wanted[0];
    const tx = inertia[0] * (gain[0] * ex + trims[at]);
    const ty = inertia[1] * (gain[1] * ey + trims[at + 1]);
    const tz = inertia[2] * (gain[2] * ez + trims[at + 2]);
    let highest = 1;
    let lowest = 0;
    for (let k = 0; k < 4; k++) {
      const r = k * 4;
      const u = (mixer[r] * thrust + mixer[r + 1] * tx + mixer[r + 2] * ty + mixer[r + 3] * tz) / maxThrust;
      wanted[k] = u;
      if (u > highest) highest = u;
      if (u < lowest) lowest = u;
    }
    for (let k = 0; k < 4; k++) {
      const u = wanted[k] - (highest - 1);
      wanted[k] = u < 0 ? 0 : u;
    }
    if (highest > 1 || lowest < 0) return;
    this.trim(at, ex);
    this.trim(at + 1, ey);
    this.trim(at + 2, ez);
  }

  private trim(at: number, error: number): void {
    const axis = at % 3;
    const limit = this.trimLimit[axis];
    const trim = this.trims[at] + this.trimGain[axis] * error;
    this.trims[at] = trim < -limit ? -limit : trim > limit ? limit : trim;
  }
}
