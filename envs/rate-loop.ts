import { mixer } from './mixer.ts';
import type { Vehicle } from './vehicle.ts';

/**
 * The rate controller that flies `ctbr` commands, as it runs onboard: proportional on the error of the measured rates,
 * with the mass properties and arms of the nominal vehicle, at the physics rate.
 */
export class RateLoop {
  private readonly mixer: Float64Array;
  private readonly stiffness: number[];
  private readonly maxThrust: number;

  constructor(vehicle: Vehicle) {
    this.mixer = mixer(vehicle);
    this.stiffness = vehicle.inertia_kgm2.map((moment, axis) => moment * vehicle.bodyRates.gain_per_s[axis]);
    this.maxThrust = vehicle.rotor.maxThrust_N;
  }

  /**
   * Turns thrust fraction and body rates into four rotor thrust fractions, in place.
   *
   * @param wanted `[4]`: mean thrust fraction and rates [rad/s] in; rotor thrust fractions in [0, 1] out
   * @param x measured body rates [rad/s]
   */
  mix(wanted: Float64Array, x: number, y: number, z: number): void {
    const { mixer, stiffness, maxThrust } = this;
    const thrust = 4 * maxThrust * wanted[0];
    const tx = stiffness[0] * (wanted[1] - x);
    const ty = stiffness[1] * (wanted[2] - y);
    const tz = stiffness[2] * (wanted[3] - z);
    for (let k = 0; k < 4; k++) {
      const r = k * 4;
      const u = (mixer[r] * thrust + mixer[r + 1] * tx + mixer[r + 2] * ty + mixer[r + 3] * tz) / maxThrust;
      wanted[k] = u < 0 ? 0 : u > 1 ? 1 : u;
    }
  }
}
